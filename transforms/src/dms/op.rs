//! What a row does.

use std::fmt;

/// The operation of a row (user guide, "Indicating source DB operations in migrated S3 data").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Insert,
    Update,
    Delete,
}

impl Op {
    /// Reads `I`, `U`, `D` or the whole words, in any case: older writers spell them out, and so
    /// does the column that `$AR_H_OPERATION` adds.
    pub fn parse(text: &[u8]) -> Option<Self> {
        match text {
            b"I" => Some(Self::Insert),
            b"U" => Some(Self::Update),
            b"D" => Some(Self::Delete),
            _ if is_either(text, b"i", b"insert") => Some(Self::Insert),
            _ if is_either(text, b"u", b"update") => Some(Self::Update),
            _ if is_either(text, b"d", b"delete") => Some(Self::Delete),
            _ => None,
        }
    }
}

fn is_either(text: &[u8], letter: &[u8], word: &[u8]) -> bool {
    text.eq_ignore_ascii_case(letter) || text.eq_ignore_ascii_case(word)
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert => "I",
            Self::Update => "U",
            Self::Delete => "D",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_words_are_read_in_any_case() {
        for (op, texts) in [
            (Op::Insert, ["I", "i", "INSERT", "Insert"]),
            (Op::Update, ["U", "u", "UPDATE", "update"]),
            (Op::Delete, ["D", "d", "DELETE", "delete"]),
        ] {
            for text in texts {
                assert_eq!(Op::parse(text.as_bytes()), Some(op), "{text}");
            }
            assert_eq!(Op::parse(op.to_string().as_bytes()), Some(op));
        }
        for text in ["", "X", "II", " I", "inserted"] {
            assert_eq!(Op::parse(text.as_bytes()), None, "{text}");
        }
    }
}
