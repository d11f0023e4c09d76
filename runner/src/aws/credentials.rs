//! Who asks: the credentials that S3's client finds.

use aws_credential_types::Credentials;
use object_store::aws::AwsCredentialProvider;

use crate::error::Result;
use crate::store;

/// Where credentials come from: the environment, web identity, the container's (ECS) or pod's (EKS) role, the instance's, as for S3.
/// They are kept until they end.
#[derive(Debug, Clone)]
pub(crate) struct Source(AwsCredentialProvider);

impl Source {
    /// Looks at the environment; nothing is asked yet.
    ///
    /// # Errors
    /// Kind `Usage` for variables that do not go together.
    pub(crate) fn of_environment() -> Result<Self> {
        store::credentials().map(Self)
    }

    /// The credentials that hold now.
    ///
    /// # Errors
    /// `Usage` where their source refuses, `Temporary` where it does not answer.
    pub(crate) async fn now(&self) -> Result<Credentials> {
        let found = self.0.get_credential().await.map_err(|error| {
            store::explain_credentials("the credentials of AWS cannot be had", &error)
        })?;
        let (key, secret, token) = (&found.key_id, &found.secret_key, found.token.clone());
        Ok(Credentials::new(key.clone(), secret.clone(), token, None, "object_store"))
    }
}
