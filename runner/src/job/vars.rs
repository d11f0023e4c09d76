//! Variables in a job's files: `${NAME}` and `${NAME:-default}`.

use std::collections::BTreeMap;
use std::fmt;

use transforms::place::DefinitionError;

/// The variables that files use, with the values that they are given. Values may be secrets: they are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Option<String>>);

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Values").field(&self.names()).finish()
    }
}

impl Values {
    /// Takes those that a text uses.
    pub fn note(&mut self, text: &str, lookup: &dyn Fn(&str) -> Option<String>) {
        let used = names(text).into_keys().map(|name| (lookup(&name), name));
        self.0.extend(used.map(|(value, name)| (name, value)));
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// All of it in one text, which differs wherever a value does; a secret.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// Replaces every `${NAME}` by what `lookup` knows, else by its default. `$${` stands for a plain `${`.
///
/// # Errors
/// A name without a value and default, a name that is none, a brace that is not closed: with line and column.
pub fn substitute(
    file: &str,
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, DefinitionError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        out.push_str(before);
        let offset = text.len() - from.len();
        let error = |message: String| at(file, text, offset, message);
        let body = from.get(2..).unwrap_or_default();
        let Some(end) = body.find('}') else {
            return Err(error("`${` without a closing brace".to_owned())
                .help("write $${ where no variable is meant"));
        };
        let (expression, after) = body.split_at(end);
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        if !is_name(name) {
            return Err(error("a variable's name is made of letters, digits and `_`".to_owned()));
        }
        let value = lookup(name).or_else(|| default.map(str::to_owned));
        let Some(value) = value else {
            return Err(error(format!("variable `{name}` has no value")).help(format!(
                "give it with --var {name}=…, as an environment variable, or a default: ${{{name}:-…}}"
            )));
        };
        out.push_str(&value);
        rest = after.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(out)
}

/// The names of the variables that a text uses, and whether each has a default wherever it is used.
#[must_use]
pub fn names(text: &str) -> BTreeMap<String, bool> {
    let mut names = BTreeMap::new();
    let mut rest = text;
    while let Some((before, body)) = rest.split_once("${") {
        rest = body;
        let Some((expression, after)) = body.split_once('}') else { break };
        if before.ends_with('$') {
            continue;
        }
        rest = after;
        let (name, default) = match expression.split_once(":-") {
            Some((name, _)) => (name, true),
            None => (expression, false),
        };
        if is_name(name) {
            let has_default: &mut bool = names.entry(name.to_owned()).or_insert(true);
            *has_default &= default;
        }
    }
    names
}

/// A text with `${NAME}` for each variable's value in it, as the user's file has it. Values may be secrets.
#[must_use]
pub fn named(text: &str, variables: &[(String, String)]) -> String {
    // Shorter ones are no secrets, and would be found in any word.
    const LENGTH_MIN: usize = 4;
    let mut text = text.to_owned();
    for (name, value) in variables.iter().filter(|(_, value)| value.len() >= LENGTH_MIN) {
        let named = format!("${{{name}}}");
        // Names in SQL are folded to lower case.
        for value in [value.clone(), value.to_lowercase()] {
            text = text.replace(&value, &named);
        }
    }
    text
}

/// Whether a text can be a variable's name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn at(file: &str, text: &str, offset: usize, message: String) -> DefinitionError {
    let (line, column) = position(text, offset);
    DefinitionError::in_file(file, message).at(line, column)
}

/// The line and column of a byte.
pub(super) fn position(text: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let place = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    (place(line), place(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Option<String> {
        (name == "BUCKET").then(|| "s3://here".to_owned())
    }

    #[test]
    fn a_known_name_is_replaced_and_a_default_only_used_without_a_value() {
        let text = "a ${BUCKET}/x ${BUCKET:-no} ${OTHER:-def:-ault} b";
        let replaced = substitute("f", text, &known).unwrap();
        assert_eq!(replaced, "a s3://here/x s3://here def:-ault b");
    }

    #[test]
    fn the_names_that_a_text_uses_are_those_that_are_asked_for() {
        let text = "${A} ${B:-1} $${C} ${B} ${D:-${E}} ${1} ${F";
        let found: Vec<_> = names(text).into_iter().collect();
        let expected = [("A", false), ("B", false), ("D", true)];
        assert_eq!(found, expected.map(|(name, default)| (name.to_owned(), default)));
    }

    #[test]
    fn a_doubled_dollar_is_a_plain_one() {
        assert_eq!(substitute("f", "'$${x}' $ {x} $x", &known).unwrap(), "'${x}' $ {x} $x");
    }

    #[test]
    fn an_unknown_name_is_an_error_with_its_place() {
        let error = substitute("job.toml", "x\n  ${NOPE}", &known).unwrap_err();
        assert_eq!(error.to_string(), "job.toml:2:3: variable `NOPE` has no value");
    }

    #[test]
    fn what_is_no_name_or_not_closed_is_an_error() {
        for text in ["${", "${A", "${}", "${1}", "${a b}"] {
            assert!(substitute("f", text, &known).is_err(), "{text}");
        }
    }
}
