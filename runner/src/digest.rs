//! Short names for long texts.

use sha2::{Digest, Sha256};

/// The first `bytes` bytes (at most 32) of a text's SHA-256, as hexadecimal digits.
pub(crate) fn hex(text: &[u8], bytes: usize) -> String {
    Sha256::digest(text).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}
