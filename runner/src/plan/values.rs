//! The values of a job's variables as a plan holds them: another value is noticed, and none can be read.
//!
//! A value may be a password, and the texts around it are known, so that a plain digest of them would let somebody guess it, offline
//! and fast. It is kept as passwords are: PBKDF2 (RFC 8018) with a salt of its own.

use std::num::NonZeroU32;

use ring::pbkdf2;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::job::vars::Values;

/// How much each guess costs (OWASP Password Storage Cheat Sheet, for PBKDF2-HMAC-SHA256).
const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);
/// Bytes of the digest.
const BYTES: usize = 32;

/// The values of all variables, as one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedValues {
    /// The names.
    names: Vec<String>,
    salt: String,
    digest: String,
}

impl PinnedValues {
    /// The values; `None` if there is no variable.
    pub(super) fn of(values: &Values) -> Option<Self> {
        let names = values.names();
        let salt = Uuid::now_v7().to_string();
        (!names.is_empty()).then(|| Self { names, digest: digest(values, &salt), salt })
    }

    /// What is another now, as a line; `None` if nothing is.
    pub(super) fn moved(&self, now: &Values) -> Option<String> {
        let names = now.names();
        // Files that use other variables have other texts.
        (self.names == names && digest(now, &self.salt) != self.digest)
            .then(|| format!("a variable has another value: one of {}", names.join(", ")))
    }
}

fn digest(values: &Values, salt: &str) -> String {
    let mut found = [0; BYTES];
    let text = values.text();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ITERATIONS,
        salt.as_bytes(),
        text.as_bytes(),
        &mut found,
    );
    found.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(value: Option<&str>) -> Values {
        let mut values = Values::default();
        values.note("x ${SECRET:-none} y", &|_| value.map(str::to_owned));
        values
    }

    #[test]
    fn another_value_is_noticed_and_none_can_be_read() {
        let secret = values(Some("s3cret"));
        assert!(!format!("{secret:?}").contains("s3cret"), "{secret:?}");
        let pinned = PinnedValues::of(&secret).unwrap();
        assert_eq!(pinned.moved(&secret), None);
        for other in [values(Some("other")), values(Some("")), values(None)] {
            let moved = pinned.moved(&other).unwrap();
            assert_eq!(moved, "a variable has another value: one of SECRET");
        }
        // The same value is another text in each plan.
        assert_ne!(PinnedValues::of(&secret).unwrap().digest, pinned.digest);
        assert_eq!(PinnedValues::of(&Values::default()), None);
    }
}
