//! Where in CloudWatch metrics are: each deployment in a region needs a namespace of its own, since alarms ask for the numbers of all
//! jobs in one.

/// A namespace.
///
/// Its rules are those of "Namespaces" among the concepts of Amazon CloudWatch's user guide, and of `PutMetricData`: 1 to 255
/// letters, digits, blanks and `.`, `-`, `_`, `/`, `#`, `:`, not only blanks, and no `:` or `AWS/` at its begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

/// A text is no namespace.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "{} is no namespace of CloudWatch, so metrics are in `{DEFAULT}`: write 1 to {LENGTH_MAX} letters, digits, blanks, `.`, `-`, `_`, `/`, `#` or `:`, and neither `:` nor `AWS/` first",
    Namespace::VARIABLE
)]
pub struct NamespaceError;

const DEFAULT: &str = "Unglue";
const LENGTH_MAX: usize = 255;

impl Namespace {
    /// The variable that names it.
    pub const VARIABLE: &str = "UNGLUE_METRICS_NAMESPACE";

    /// What the variable holds; the usual one if that is nothing.
    ///
    /// # Errors
    /// A text that is none. The caller tells it, and goes on with the usual one: metrics are no reason not to work.
    pub fn read(variable: Option<&str>) -> Result<Self, NamespaceError> {
        let Some(text) = variable.filter(|text| !text.is_empty()) else {
            return Ok(Self::default());
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || " .-_/#:".contains(c);
        let is_one = text.len() <= LENGTH_MAX
            && text.chars().all(allowed)
            && !text.trim().is_empty()
            && !text.starts_with(':')
            && !text.starts_with("AWS/");
        if is_one { Ok(Self(text.to_owned())) } else { Err(NamespaceError) }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_may_have_a_namespace_of_its_own() {
        for text in ["Unglue/test", "a", "1 #x:y_z-.", &"x".repeat(255), "aws/x", "AWSx"] {
            assert_eq!(Namespace::read(Some(text)).unwrap().as_str(), text);
        }
        for nothing in [None, Some("")] {
            assert_eq!(Namespace::read(nothing).unwrap().as_str(), "Unglue");
        }
    }

    #[test]
    fn what_cloudwatch_does_not_take_is_no_namespace() {
        for text in [" ", ":a", "AWS/ECS", "ü", "a\n", "a,b", "a\"b", &"x".repeat(256)] {
            let error = Namespace::read(Some(text)).unwrap_err().to_string();
            assert!(error.starts_with("UNGLUE_METRICS_NAMESPACE is no namespace"), "{error}");
        }
    }
}
