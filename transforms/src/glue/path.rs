//! Paths to fields, as transforms take them: `a`, `a.b`, `` `a.b`.c ``, `list[].field`.

use super::error::{GlueError, Result};

/// A step down a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A field of that name.
    Name(String),
    /// The elements of an array, `[]`.
    Element,
}

/// Reads a path. Dots part the names, unless they stand between back-ticks.
pub(super) fn parse_path(transform: &'static str, text: &str) -> Result<Vec<Step>> {
    let wrong = || GlueError::new(transform, format!("`{text}` is not a path of fields"));
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = match rest.strip_prefix('`') {
            Some(quoted) => quoted.split_once('`').ok_or_else(wrong)?,
            None => rest.split_at(rest.find(['.', '[', '`']).unwrap_or(rest.len())),
        };
        if name.is_empty() {
            return Err(wrong());
        }
        steps.push(Step::Name(name.to_owned()));
        rest = after;
        while let Some(after) = rest.strip_prefix("[]") {
            steps.push(Step::Element);
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => return Err(wrong()),
        }
    }
}

/// Reads a path that leads through structs only.
pub(super) fn parse_names(transform: &'static str, text: &str) -> Result<Vec<String>> {
    parse_path(transform, text)?
        .into_iter()
        .map(|step| match step {
            Step::Name(name) => Ok(name),
            Step::Element => Err(GlueError::new(
                transform,
                format!("`{text}` leads into an array, which this transform does not"),
            )),
        })
        .collect()
}

/// A list of names, as Glue Studio has paths, as the text that is read as that path: `["a.b", "c"]` is `` `a.b`.c ``. No text leads to a
/// name with a back-tick in it.
#[must_use]
pub fn path_of<S: AsRef<str>>(names: &[S]) -> String {
    let quoted = names.iter().map(AsRef::as_ref).map(|name| match name.contains(['.', '[']) {
        true => format!("`{name}`"),
        false => name.to_owned(),
    });
    quoted.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let steps = parse_path("T", text).ok()?;
        let shown = steps.iter().map(|step| match step {
            Step::Name(name) => format!("<{name}>"),
            Step::Element => "[]".to_owned(),
        });
        Some(shown.collect())
    }

    #[test]
    fn dots_part_a_path_unless_they_are_quoted() {
        for (text, expected) in [
            ("a", Some("<a>")),
            ("a.b c.D", Some("<a><b c><D>")),
            ("`a.b`.c", Some("<a.b><c>")),
            ("a.`b`", Some("<a><b>")),
            ("a[].b", Some("<a>[]<b>")),
            ("a[][]", Some("<a>[][]")),
            ("", None),
            ("a.", None),
            (".a", None),
            ("a..b", None),
            ("`a", None),
            ("a`b`", None),
            ("a[0]", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_list_of_names_is_read_back_as_it_was() {
        let names = ["a.b", "c", "d[]", " e "];
        assert_eq!(parse_names("T", &path_of(&names)).unwrap(), names);
    }
}
