//! Where the login of each connection comes from: the URL, a secret that may be changed while we run, or a token that is made anew.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mysql_async::{Opts, OptsBuilder};

use crate::aws::credentials::Source;
use crate::aws::rds_token;
use crate::aws::secrets_manager::SecretsManager;
use crate::environment::Environment;
use crate::error::Result;
use crate::target::mysql::error::Failure;
use crate::target::mysql::secret::{Reference, is_reference};
use crate::target::mysql::url::{MySqlUrl, Proof};

/// How long to wait for the next version of a secret: a rotation changes the server's password a moment before the secret.
const ROTATION_PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// The logins of one server.
#[derive(Clone)]
pub(super) struct Logins(Arc<Kind>);

enum Kind {
    /// The URL's own.
    Fixed,
    /// A token of IAM for each connection.
    Token { region: String, credentials: Source, secret: Option<Reference> },
    /// The one that a secret held when it was read last.
    Secret(Kept),
}

struct Kept {
    reference: Reference,
    manager: SecretsManager,
    environment: Environment,
    current: Mutex<Pair>,
}

/// A user and a password. Some rotations change both.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    user: String,
    password: Option<String>,
}

/// The server that a target's URL names, and its logins. A secret is read.
///
/// # Errors
/// `Usage` for a wrong URL or secret, `Temporary` if AWS does not answer.
pub(super) async fn of_url(url: &str, environment: &Environment) -> Result<(MySqlUrl, Logins)> {
    if !is_reference(url) {
        let server = MySqlUrl::parse(url, environment)?;
        let logins = of_server(&server, None)?.unwrap_or(Kind::Fixed);
        return Ok((server, Logins(Arc::new(logins))));
    }
    let reference = Reference::parse(url, environment)?;
    let manager = SecretsManager::new(reference.region.clone(), environment)?;
    let server = reference.server(&manager.secret(&reference.id).await?, environment)?;
    tracing::debug!(secret = reference.id, target = %server, "the login was read");
    if let Some(token) = of_server(&server, Some(&reference))? {
        return Ok((server, Logins(Arc::new(token))));
    }
    let current = Mutex::new(Pair::of(&server));
    let environment = environment.clone();
    let kept = Kept { reference, manager, environment, current };
    Ok((server, Logins(Arc::new(Kind::Secret(kept)))))
}

/// Tokens, if the server is logged in to by them.
fn of_server(server: &MySqlUrl, secret: Option<&Reference>) -> Result<Option<Kind>> {
    let Proof::Iam { region } = server.proof() else { return Ok(None) };
    let (region, credentials) = (region.clone(), Source::of_environment()?);
    Ok(Some(Kind::Token { region, credentials, secret: secret.cloned() }))
}

impl Logins {
    /// The login for a new connection.
    ///
    /// # Errors
    /// Those of getting a token.
    pub(super) async fn next(&self, server: &MySqlUrl) -> Result<Option<Pair>> {
        match self.0.as_ref() {
            Kind::Fixed => Ok(None),
            Kind::Secret(kept) => Ok(Some(kept.current())),
            Kind::Token { region, credentials, .. } => {
                let credentials = credentials.now().await?;
                let (host, port, user) = (server.host(), server.port(), server.user());
                let login = rds_token::Login { host, port, user, region };
                let token = rds_token::token(&credentials, login, SystemTime::now())?;
                Ok(Some(Pair { user: user.to_owned(), password: Some(token) }))
            }
        }
    }

    /// Whether there is another login than the one that was refused: a secret may have been changed since it was read.
    ///
    /// # Errors
    /// Those of reading a secret.
    pub(super) async fn renewed(&self, refused: Option<&Pair>) -> Result<bool> {
        match self.0.as_ref() {
            Kind::Fixed | Kind::Token { .. } => Ok(false),
            Kind::Secret(kept) => kept.renewed(refused).await,
        }
    }

    /// What it means that the server refused the login, and what to do.
    ///
    /// A rotation changes the server's password and the secret one after the other, and may take longer than we wait. So whoever
    /// started the run is to start it again; a secret that is wrong for good is told in the same words.
    pub(super) fn refused(&self, failure: Failure) -> Failure {
        match self.0.as_ref() {
            Kind::Fixed => failure,
            Kind::Secret(_) => failure.passing().advise(
                "user and password are those of the secret, which was just read again. If it is being rotated, run again; if this lasts, check the secret: see whether its last rotation failed, and whether it is of this server and the user's host is right",
            ),
            Kind::Token { .. } => failure.advise(
                "iam=true needs a user made with IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS', IAM authentication turned on for the server, and a role that may rds-db:connect to arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/USER; the host is to be the endpoint's name",
            ),
        }
    }

    /// Where logins come from, where that is not the URL.
    pub(super) fn origin(&self) -> Option<String> {
        let of = |secret: &Reference| format!("secret `{}` in {}", secret.id, secret.region);
        match self.0.as_ref() {
            Kind::Fixed => None,
            Kind::Secret(kept) => {
                Some(format!("user and password are those of {}", of(&kept.reference)))
            }
            Kind::Token { region, secret: None, .. } => {
                Some(format!("a token of IAM in {region} stands for the password"))
            }
            Kind::Token { region, secret: Some(secret), .. } => Some(format!(
                "the user is that of {}, a token of IAM in {region} stands for the password",
                of(secret)
            )),
        }
    }
}

impl Kept {
    fn current(&self) -> Pair {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn renewed(&self, refused: Option<&Pair>) -> Result<bool> {
        let is_new = |pair: &Pair| refused != Some(pair);
        // Another connection may have read it in the meantime.
        if is_new(&self.current()) {
            return Ok(true);
        }
        let Reference { id, .. } = &self.reference;
        let mut pauses = ROTATION_PAUSES.into_iter();
        loop {
            let text = self.manager.secret(id).await?;
            let pair = Pair::of(&self.reference.server(&text, &self.environment)?);
            if is_new(&pair) {
                tracing::info!(secret = id, "the secret has changed and was read again");
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = pair;
                return Ok(true);
            }
            // The server does not hear the same password again: it may count failures.
            let Some(pause) = pauses.next() else { return Ok(false) };
            tokio::time::sleep(pause).await;
        }
    }
}

impl Pair {
    fn of(server: &MySqlUrl) -> Self {
        let password = match server.proof() {
            Proof::Password(password) => password.clone(),
            Proof::Iam { .. } => None,
        };
        Self { user: server.user().to_owned(), password }
    }

    /// The driver's options with this login. They print the password when debugged.
    pub(super) fn on(&self, options: &Opts) -> Opts {
        OptsBuilder::from_opts(options.clone())
            .user(Some(self.user.clone()))
            .pass(self.password.clone())
            .into()
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logins").field(&self.origin()).finish()
    }
}
