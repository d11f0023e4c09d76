//! Regions, and what hosts are called in them. Pure.

use crate::environment::Environment;
use crate::error::{Error, Result};

/// The ends of the names of RDS's and Aurora's hosts, and of the proxies before them.
const RDS: [&str; 2] = [".rds.amazonaws.com", ".rds.amazonaws.com.cn"];

/// Whether a host is one of Amazon RDS.
pub(crate) fn is_rds(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    RDS.iter().any(|end| host.ends_with(end))
}

/// The region in the name of a host of RDS: the word before the service's.
pub(crate) fn of_rds_host(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let name = RDS.iter().find_map(|end| host.strip_suffix(end))?;
    let (_, region) = name.rsplit_once('.')?;
    is_region(region).then(|| region.to_owned())
}

/// The region in an ARN: `arn:partition:service:region:account:…`.
pub(crate) fn of_arn(arn: &str) -> Option<String> {
    let region = arn.strip_prefix("arn:")?.split(':').nth(2)?;
    is_region(region).then(|| region.to_owned())
}

/// The region of the environment.
///
/// # Errors
/// Kind `Usage` if it names none.
pub(crate) fn of_environment(environment: &Environment) -> Result<String> {
    let named = environment.first_of(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
    match named {
        Some(region) if is_region(region) => Ok(region.to_owned()),
        Some(_) => Err(Error::usage("AWS_REGION is no region").hint("write it as in eu-central-1")),
        None => Err(Error::usage("the region is not known")
            .hint("set AWS_REGION, or region=… in the target's URL")),
    }
}

/// Whether a text may be a region's name; it becomes a part of a host's.
pub(crate) fn is_region(text: &str) -> bool {
    const LENGTH_MAX: usize = 32;
    !text.is_empty()
        && text.len() <= LENGTH_MAX
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What the names of AWS's hosts end with in a region.
pub(crate) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_in_the_hosts_of_instances_clusters_and_proxies() {
        for (host, region) in [
            ("shop.c1abc.eu-central-1.rds.amazonaws.com", Some("eu-central-1")),
            ("Shop.cluster-ro-c1abc.us-gov-west-1.RDS.amazonaws.com", Some("us-gov-west-1")),
            ("shop.proxy-c1abc.us-east-2.rds.amazonaws.com", Some("us-east-2")),
            ("shop.c1abc.cn-north-1.rds.amazonaws.com.cn", Some("cn-north-1")),
            ("db.example.com", None),
            ("rds.amazonaws.com.example.com", None),
            ("x.rds.amazonaws.com", None),
        ] {
            assert_eq!(of_rds_host(host).as_deref(), region, "{host}");
            assert!(region.is_none() || is_rds(host), "{host}");
        }
        assert!(!is_rds("evilrds.amazonaws.com"));
    }

    #[test]
    fn the_region_is_in_an_arn() {
        let arn = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:shop-AbCdEf";
        assert_eq!(of_arn(arn).as_deref(), Some("cn-north-1"));
        assert_eq!(of_arn("shop/login"), None);
        assert_eq!(of_arn("arn:aws:secretsmanager:evil.example.com/:1:secret:x"), None);
    }

    #[test]
    fn the_environment_names_the_region_if_nothing_else_does() {
        let environment = |pairs: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            of_environment(&pairs.iter().map(owned).collect())
        };
        let both = [("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_REGION", "eu-west-2")];
        assert_eq!(environment(&both).unwrap(), "eu-west-2");
        let empty = [("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_REGION", "")];
        assert_eq!(environment(&empty).unwrap(), "eu-west-1");
        assert!(environment(&[]).unwrap_err().next_step().unwrap().contains("AWS_REGION"));
        assert!(environment(&[("AWS_REGION", "x.example.com/")]).is_err());
    }
}
