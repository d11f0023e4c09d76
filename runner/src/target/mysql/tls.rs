//! How the connection is protected, and whose certificates are trusted.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use mysql_async::SslOpts;

use crate::aws::region::is_rds;
use crate::error::{Error, Result};
use crate::target::mysql::parameters::{Parameters, shown};

/// The variable that names the file with the authorities of Amazon RDS.
pub(super) const RDS_CA: &str = "UNGLUE_RDS_CA";

/// What to do if a host of RDS is not trusted.
pub(super) const RDS_ADVICE: &str = "the authorities of RDS are in https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem: name that file by ssl-ca=/path.pem in the URL, or by the variable UNGLUE_RDS_CA; the host is to be the endpoint's name";

/// The names are those of MySQL's own clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tls {
    /// No encryption: the default for this machine's own addresses.
    Disabled,
    /// Encrypted, whoever answers.
    Required,
    /// Encrypted, and the certificate is the host's: the default for all other addresses.
    VerifyIdentity(Authorities),
}

/// Who may have signed a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorities {
    /// Those that the world trusts.
    Public,
    /// Those of a file alone (`ssl-ca`).
    Of(PathBuf),
    /// Those of RDS, in a file; and the public ones, whose certificates RDS Proxy has.
    Rds(PathBuf),
}

impl Tls {
    /// What parameters say of a host; `rds` is the file with the authorities of RDS, if there is one.
    ///
    /// # Errors
    /// Kind `Usage` for parameters that do not go together.
    pub(super) fn of(parameters: &Parameters, host: &str, rds: Option<&str>) -> Result<Self> {
        let authorities = match (&parameters.ssl_ca, rds) {
            (Some(file), _) => Authorities::Of(file.clone()),
            (None, Some(file)) if is_rds(host) => Authorities::Rds(file.into()),
            (None, _) => Authorities::Public,
        };
        let has_ca = parameters.ssl_ca.is_some();
        let tls = match parameters.ssl_mode.as_deref() {
            None if is_loopback(host) && !has_ca && !parameters.iam => Self::Disabled,
            None | Some("VERIFY_IDENTITY") => Self::VerifyIdentity(authorities),
            Some("DISABLED" | "REQUIRED") if has_ca => {
                return Err(Error::usage(
                    "ssl-ca has no effect with this ssl-mode in the server's URL",
                )
                .hint("use ssl-mode=VERIFY_IDENTITY, or leave out ssl-ca"));
            }
            Some("DISABLED") => Self::Disabled,
            Some("REQUIRED") => Self::Required,
            Some("VERIFY_CA") => {
                return Err(Error::usage(
                    "ssl-mode=VERIFY_CA is not supported: the TLS library always checks the host's name with the certificate",
                )
                .hint("use ssl-mode=VERIFY_IDENTITY with a certificate that names the host"));
            }
            Some(other) => {
                let other = shown(other);
                return Err(Error::usage(format!("unknown ssl-mode{other} in the server's URL"))
                    .hint("known are DISABLED, REQUIRED and VERIFY_IDENTITY"));
            }
        };
        // The token is sent as it is: whoever has it can log in.
        if parameters.iam && !matches!(tls, Self::VerifyIdentity(_)) {
            return Err(Error::usage("iam=true needs a connection whose certificate is verified")
                .hint("use ssl-mode=VERIFY_IDENTITY, or leave out ssl-mode"));
        }
        Ok(tls)
    }

    /// Whether the files that it names can be read.
    ///
    /// # Errors
    /// Kind `Usage`.
    pub(super) fn check_files(&self) -> Result<()> {
        let (path, named_by): (&Path, _) = match self {
            Self::VerifyIdentity(Authorities::Of(path)) => (path, "ssl-ca in the server's URL"),
            Self::VerifyIdentity(Authorities::Rds(path)) => (path, "the variable UNGLUE_RDS_CA"),
            _ => return Ok(()),
        };
        let opened = std::fs::File::open(path).map(drop);
        opened.map_err(|error| {
            let path = path.display();
            Error::usage(format!("`{path}`, which {named_by} names, cannot be read"))
                .source(error)
                .hint("name a PEM file with the certificates of the server's authority")
        })
    }

    /// What is open about how the connection is protected; nothing on this machine's own addresses.
    pub(super) fn weakness(&self, host: &str) -> Option<&'static str> {
        match self {
            _ if is_loopback(host) => None,
            Self::Disabled => Some("the connection is not encrypted"),
            Self::Required => {
                Some("the server's certificate is not verified, so anyone may answer")
            }
            Self::VerifyIdentity(_) => None,
        }
    }

    /// The driver's options.
    pub(super) fn options(&self) -> Option<SslOpts> {
        let file = |path: &Path| SslOpts::default().with_root_certs(vec![path.to_owned().into()]);
        match self {
            Self::Disabled => None,
            Self::Required => Some(SslOpts::default().with_danger_accept_invalid_certs(true)),
            Self::VerifyIdentity(Authorities::Public) => Some(SslOpts::default()),
            Self::VerifyIdentity(Authorities::Of(path)) => {
                Some(file(path).with_disable_built_in_roots(true))
            }
            Self::VerifyIdentity(Authorities::Rds(path)) => Some(file(path)),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RDS_HOST: &str = "shop.c1.eu-west-1.rds.amazonaws.com";

    fn tls(query: &str, host: &str, rds: Option<&str>) -> Result<Tls> {
        Tls::of(&Parameters::of_server(query).unwrap(), host, rds)
    }

    #[test]
    fn hosts_of_rds_are_trusted_by_its_authorities_where_their_file_is_known() {
        let bundle = Some("/etc/rds.pem");
        let rds = Tls::VerifyIdentity(Authorities::Rds("/etc/rds.pem".into()));
        let public = Tls::VerifyIdentity(Authorities::Public);
        let own = Tls::VerifyIdentity(Authorities::Of("/own.pem".into()));
        assert_eq!(tls("", RDS_HOST, bundle).unwrap(), rds);
        assert_eq!(tls("ssl-mode=VERIFY_IDENTITY", RDS_HOST, bundle).unwrap(), rds);
        assert_eq!(tls("", RDS_HOST, None).unwrap(), public);
        assert_eq!(tls("", "db.example.com", bundle).unwrap(), public);
        assert_eq!(tls("ssl-ca=/own.pem", RDS_HOST, bundle).unwrap(), own);
        assert_eq!(tls("ssl-mode=REQUIRED", RDS_HOST, bundle).unwrap(), Tls::Required);
    }

    #[test]
    fn a_token_goes_only_to_a_server_whose_certificate_is_verified() {
        for host in [RDS_HOST, "127.0.0.1"] {
            for mode in ["DISABLED", "REQUIRED"] {
                let error = tls(&format!("iam=true&ssl-mode={mode}"), host, None).unwrap_err();
                assert!(error.to_string().contains("iam=true"), "{error}");
            }
            let verified = Tls::VerifyIdentity(Authorities::Public);
            assert_eq!(tls("iam=true", host, None).unwrap(), verified);
        }
    }
}
