//! Patterns of paths: `*` and `?` within a name, `**` over folders, `{a,b}` for one of several. Pure.

/// The most alternatives that braces may stand for.
const ALTERNATIVES_MAX: usize = 1_000;

/// Whether a text has something of a pattern in it.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '{'])
}

/// Splits a path before its first name that is a pattern: the folder, with its slash, and the pattern below it.
pub(super) fn split(text: &str) -> (&str, &str) {
    let first = text.find(['*', '?', '{']).unwrap_or(text.len());
    let name = text.get(..first).and_then(|before| before.rfind('/')).map_or(0, |slash| slash + 1);
    text.split_at(name)
}

/// A pattern, its braces taken apart.
#[derive(Debug)]
pub(super) struct Glob(Vec<Vec<char>>);

impl Glob {
    /// `None` for braces that are not closed, and for more alternatives than anyone means.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut open = vec![pattern.to_owned()];
        let mut done = Vec::new();
        while let Some(text) = open.pop() {
            let Some((before, rest)) = text.split_once('{') else {
                done.push(text.chars().collect());
                continue;
            };
            let (alternatives, after) = rest.split_once('}')?;
            open.extend(alternatives.split(',').map(|one| format!("{before}{one}{after}")));
            if open.len() + done.len() > ALTERNATIVES_MAX {
                return None;
            }
        }
        Some(Self(done))
    }

    /// Whether a key below the folder fits.
    pub(super) fn fits(&self, key: &str) -> bool {
        let key: Vec<char> = key.chars().collect();
        self.0.iter().any(|pattern| fits(pattern, &key))
    }
}

fn fits(pattern: &[char], key: &[char]) -> bool {
    match pattern {
        [] => key.is_empty(),
        // Over folders, none among them: `**/x` is `x` too.
        ['*', '*', '/', rest @ ..] => {
            fits(rest, key) || (0..key.len()).any(|at| key[at] == '/' && fits(rest, &key[at + 1..]))
        }
        ['*', '*', rest @ ..] => (0..=key.len()).any(|at| fits(rest, &key[at..])),
        ['*', rest @ ..] => {
            let name = key.iter().position(|c| *c == '/').unwrap_or(key.len());
            (0..=name).any(|at| fits(rest, &key[at..]))
        }
        ['?', rest @ ..] => key.split_first().is_some_and(|(c, key)| *c != '/' && fits(rest, key)),
        [c, rest @ ..] => key.split_first().is_some_and(|(k, key)| k == c && fits(rest, key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_folder_and_two_do_not() {
        for (pattern, key, is_fit) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "a/b.csv", false),
            ("**.csv", "a/b.csv", true),
            ("**/b.csv", "b.csv", true),
            ("**/b.csv", "x/y/b.csv", true),
            ("**/b.csv", "xb.csv", false),
            ("2026-0?-*.json", "2026-01-02.json", true),
            ("2026-0?-*.json", "2026-0/-02.json", false),
            ("größe *.csv", "größe 1.csv", true),
            ("{a,b}/*.csv", "b/x.csv", true),
            ("{a,b}/*.{csv,tsv}", "c/x.csv", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().fits(key), is_fit, "{pattern} {key}");
        }
        assert!(Glob::new("{a").is_none());
    }

    #[test]
    fn what_stands_before_the_pattern_is_a_folder() {
        assert_eq!(split("a/b/*.csv"), ("a/b/", "*.csv"));
        assert_eq!(split("*.csv"), ("", "*.csv"));
        assert_eq!(split("s3://bucket/x{1,2}/y.csv"), ("s3://bucket/", "x{1,2}/y.csv"));
        assert_eq!(split("a/b.csv"), ("a/", "b.csv"));
    }
}
