//! What keeps a model from being written to a table that is there.

use crate::error::Error;
use crate::target::name::TableName;

/// A difference between a model and an existing table that forbids writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The column.
    pub column: String,
    /// What does not fit, naming both sides, as a lowercase fragment that stands behind the column's name and a colon.
    pub reason: String,
    /// Which side it is about.
    pub kind: MismatchKind,
    /// The type that the target has for a column which the table does not have.
    pub missing_type: Option<String>,
}

/// What is to be done about a difference depends on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MismatchKind {
    /// The table does not have the column, and nothing else is wrong with it.
    Missing,
    /// It cannot hold what the model gives.
    Unfit,
    /// The model does not give it, and an INSERT cannot leave it out.
    LeftOut,
}

impl Mismatch {
    /// A column of the model that the table does not have.
    pub(super) fn missing(column: &str, missing_type: Option<String>) -> Self {
        let reason = "the table does not have this column".to_owned();
        Self { column: column.to_owned(), reason, kind: MismatchKind::Missing, missing_type }
    }

    /// A column of the table that cannot hold what the model gives.
    pub(super) fn unfit(column: &str, reason: String) -> Self {
        let kind = MismatchKind::Unfit;
        Self { column: column.to_owned(), reason, kind, missing_type: None }
    }

    /// A column of the table that an INSERT would have to name.
    pub(super) fn left_out(column: &str) -> Self {
        let reason = "the table wants a value for this column and the model does not have it";
        let (column, reason) = (column.to_owned(), reason.to_owned());
        Self { column, reason, kind: MismatchKind::LeftOut, missing_type: None }
    }

    /// The column and what does not fit.
    pub(crate) fn told(&self) -> String {
        format!("column `{}`: {}", self.column, self.reason)
    }
}

/// The refusal that tells all that does not fit. `is_widened`: whether tables get the columns that they lack, as far as they can.
pub(crate) fn refusal(
    table: &TableName,
    model: Option<&str>,
    mismatches: &[Mismatch],
    is_widened: bool,
) -> Error {
    let model = model.map_or_else(|| "its model".to_owned(), |model| format!("model `{model}`"));
    let told: Vec<String> = mismatches.iter().map(Mismatch::told).collect();
    Error::refused(format!("table `{table}` does not fit {model}: {}", told.join("; ")))
        .hint(next_step(table, mismatches, is_widened))
}

/// What to do about differences: for each kind that there is.
pub(crate) fn next_step(table: &TableName, mismatches: &[Mismatch], is_widened: bool) -> String {
    let is_there = |kind| mismatches.iter().any(|mismatch| mismatch.kind == kind);
    let missing: Vec<String> = mismatches
        .iter()
        .filter(|mismatch| mismatch.kind == MismatchKind::Missing)
        .map(|mismatch| {
            let sql_type = mismatch.missing_type.as_deref().unwrap_or("…");
            format!("ADD COLUMN {} {sql_type}", mismatch.column)
        })
        .collect();
    let mut steps = Vec::new();
    if !missing.is_empty() && is_there(MismatchKind::LeftOut) {
        // As where columns were renamed. That of a key cannot be added to a table that has rows.
        let add = missing.join(", ");
        steps.push(format!(
            "DROP TABLE {table}, if nothing else is in it, and the next run builds it anew from what is staged; or give the model another table (`table` of the model in job.toml); or, to keep the table, ALTER TABLE {table} {add}"
        ));
    } else if !missing.is_empty() {
        let widen = match is_widened {
            true => "",
            false => "; with drift = \"widen\" in job.toml a run adds what the table lacks",
        };
        let add = missing.join(", ");
        steps.push(format!(
            "ALTER TABLE {table} {add}, or leave the column out of the SELECT{widen}"
        ));
    }
    if is_there(MismatchKind::Unfit) {
        steps.push("alter the column in the table, or cast in the SELECT".to_owned());
    }
    if is_there(MismatchKind::LeftOut) {
        steps.push("give the table's column a default, or add it to the SELECT".to_owned());
    }
    steps.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_difference_has_a_step_of_its_own() {
        let table: TableName = "shop.songs".parse().unwrap();
        let step = |mismatches: &[Mismatch], is_widened| next_step(&table, mismatches, is_widened);
        let missing = Mismatch::missing("sold", Some("BIGINT".to_owned()));
        let unfit = Mismatch::unfit("id", "it is shorter".to_owned());
        let add =
            "ALTER TABLE shop.songs ADD COLUMN sold BIGINT, or leave the column out of the SELECT";
        assert_eq!(step(std::slice::from_ref(&missing), true), add);
        let both = step(&[missing.clone(), Mismatch::missing("day", None)], false);
        assert!(both.contains("ADD COLUMN sold BIGINT, ADD COLUMN day …, or"), "{both}");
        assert!(both.contains("drift = \"widen\""), "{both}");
        assert_eq!(
            step(std::slice::from_ref(&unfit), false),
            "alter the column in the table, or cast in the SELECT"
        );
        let both = step(&[Mismatch::left_out("must"), unfit.clone()], true);
        assert_eq!(both.matches("; ").count(), 1, "{both}");
        // Columns with other names: those that are there are in the way, too.
        let renamed = step(&[Mismatch::left_out("must"), missing.clone(), unfit], true);
        for said in
            ["DROP TABLE shop.songs, ", "or give the model another table", "ADD COLUMN sold BIGINT"]
        {
            assert!(renamed.contains(said), "{said}: {renamed}");
        }
        assert!(renamed.ends_with("give the table's column a default, or add it to the SELECT"));
        let error = refusal(&table, Some("songs"), &[missing], true);
        let said = "table `shop.songs` does not fit model `songs`: column `sold`: the table does not have this column";
        assert_eq!(error.to_string(), said);
    }
}
