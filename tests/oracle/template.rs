//! Models for the generated sources, each with the way that it must take.

mod groups;
mod joins;
mod maps;
mod sets;

use super::model::Model;
use super::source::{Source, quoted};
use groups::{groups, wholes};
use joins::{joins, other_joins};
use maps::maps;
use sets::{keyless, sets, stacks};

/// Models that belong together, one file each.
pub(super) type Template = Vec<Model>;

/// All templates. `a` has a key of any type, `b` one that `a` refers to, `e` has none.
pub(super) fn templates(a: &Source, b: &Source) -> Vec<Template> {
    let names = Names::new(a, b);
    [
        maps(&names),
        joins(&names),
        other_joins(&names),
        groups(&names),
        wholes(&names),
        sets(&names),
        stacks(&names),
        keyless(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the SQL needs to know of the sources.
struct Names {
    /// The columns of the key of `a`, with the table's name before them.
    key: String,
    /// The same without.
    bare: String,
    columns: Vec<&'static str>,
    quoted: Vec<String>,
    /// The condition that finds the row of `b` for a row of `a`.
    on: &'static str,
    /// Columns of the key of `b`.
    other_key: String,
    first_of_other: &'static str,
}

impl Names {
    fn new(a: &Source, b: &Source) -> Self {
        let columns = a.key_names();
        let quoted: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let qualified: Vec<String> = quoted.iter().map(|name| format!("a.{name}")).collect();
        let other_key = b.key_names();
        let on = match other_key.as_slice() {
            ["id"] => "a.ref = b.id",
            ["id", "lang"] => "a.n = b.id AND b.lang = a.s",
            ["code"] => "b.code = a.s",
            _ => unreachable!("`b` has one of three keys"),
        };
        Self {
            key: qualified.join(", "),
            bare: quoted.join(", "),
            quoted,
            on,
            first_of_other: other_key[0],
            other_key: other_key.join(", "),
            columns,
        }
    }

    /// Key columns for job.toml, others before them.
    fn after<'a>(&'a self, first: &[&'a str]) -> Vec<&'a str> {
        first.iter().copied().chain(self.columns.iter().copied()).collect()
    }
}
