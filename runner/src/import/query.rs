//! `SparkSQL`: the job's own SQL. It stays as it is; what it calls its inputs are common table expressions before it. Pure.

use super::fields::Fields;
use super::frame::{Frame, is_same};
use super::written::{Written, with_variables};
use crate::scaffold::names::quoted;

pub(super) fn written(fields: Fields<'_>, ids: &[String], inputs: &[&Frame]) -> Written {
    let Some(query) = fields.text("SqlQuery") else {
        return Written::by_hand("the node has no SQL");
    };
    let (query, variables) = with_variables(query.trim().trim_end_matches(';').trim_end());
    let mut named = Vec::new();
    for alias in fields.objects("SqlAliases") {
        let (Some(from), Some(name)) = (alias.text("From"), alias.text("Alias")) else { continue };
        let frame = ids.iter().position(|id| id == from).and_then(|index| inputs.get(index));
        let Some(frame) = frame else {
            return Written::by_hand(format!(
                "the SQL reads {name}, which is no input of the node"
            ))
            .code(Some(&query));
        };
        if !is_same(name, &frame.relation) {
            let name = quoted(&name.to_lowercase());
            named.push(format!("{name} AS (\n    SELECT * FROM {}\n)", frame.from()));
        }
    }
    let note = (!variables.is_empty())
        .then(|| format!("its SQL has the variables {}", variables.join(", ")));
    let operations = inputs.iter().flat_map(|frame| frame.operation.iter().cloned()).collect();
    Written::select(with(&named, &query)).notes(note).operation(operations)
}

/// A query behind common table expressions; those that it has itself follow.
fn with(named: &[String], query: &str) -> String {
    if named.is_empty() {
        return query.to_owned();
    }
    let named = named.join(",\n");
    let start = first_word(query);
    let (comments, rest) = query.split_at(start);
    let is_with = rest.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("with"))
        && rest.get(4..).is_some_and(|behind| behind.starts_with(|c: char| c.is_whitespace()));
    match rest.get(4..).filter(|_| is_with) {
        Some(own) => format!("{comments}WITH {named},\n{}", own.trim_start()),
        None => format!("WITH {named}\n{query}"),
    }
}

/// Where the first word begins, behind blanks and comments.
fn first_word(query: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = query.get(at..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let comment = if rest.starts_with("--") {
            rest.find('\n').map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            return at + blanks;
        };
        at += blanks + comment;
    }
}
