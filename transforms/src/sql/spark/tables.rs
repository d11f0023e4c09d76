//! Tables, joins and set operations that Spark writes in another way.

use datafusion::sql::sqlparser::ast::{
    Ident, JoinConstraint, JoinOperator, Query, Select, SetExpr, SetOperator, SetQuantifier,
    TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins,
};

use crate::place::DefinitionError;
use crate::sql::build::quoted;

/// `SEMI JOIN` is the left one.
///
/// # Errors
/// RIGHT and FULL JOIN by USING or NATURAL: the engine takes the left side's column for the one of both.
pub(super) fn name_joins(file: &str, select: &mut Select) -> Result<(), DefinitionError> {
    for TableWithJoins { joins, .. } in &mut select.from {
        for join in joins {
            let operator = std::mem::replace(&mut join.join_operator, JoinOperator::CrossApply);
            join.join_operator = match operator {
                JoinOperator::Semi(constraint) => JoinOperator::LeftSemi(constraint),
                JoinOperator::Anti(constraint) => JoinOperator::LeftAnti(constraint),
                JoinOperator::Right(constraint)
                | JoinOperator::RightOuter(constraint)
                | JoinOperator::FullOuter(constraint)
                    if matches!(constraint, JoinConstraint::Using(_) | JoinConstraint::Natural) =>
                {
                    return Err(DefinitionError::in_file(
                        file,
                        "RIGHT and FULL JOIN by USING or NATURAL are not supported",
                    )
                    .help("join with ON, and write coalesce(left.key, right.key) for the key"));
                }
                other => other,
            };
        }
    }
    Ok(())
}

/// Columns of VALUES are named `col1`, …, that of `range` is `id`.
pub(super) fn name_columns(table: &mut TableFactor) {
    match table {
        TableFactor::Derived { subquery, alias, .. } => {
            let SetExpr::Values(values) = subquery.body.as_ref() else { return };
            let width = values.rows.first().map_or(0, |row| row.content.len());
            let names = (1..=width).map(|number| format!("col{number}"));
            add_names(alias, "__values", names.collect());
        }
        TableFactor::Table { name, args: Some(_), alias, .. }
            if name.to_string().eq_ignore_ascii_case("range") =>
        {
            add_names(alias, "range", vec!["id".to_owned()]);
        }
        _ => {}
    }
}

fn add_names(alias: &mut Option<TableAlias>, table: &str, names: Vec<String>) {
    let alias = alias.get_or_insert_with(|| TableAlias {
        explicit: true,
        name: quoted(table),
        columns: Vec::new(),
        at: None,
    });
    if alias.columns.is_empty() {
        let column =
            |name: &String| TableAliasColumnDef { name: Ident::new(name), data_type: None };
        alias.columns = names.iter().map(column).collect();
    }
}

/// `MINUS` is EXCEPT.
///
/// # Errors
/// EXCEPT ALL and INTERSECT ALL, whose rows the engine does not count.
pub(super) fn name_set_operations(file: &str, query: &mut Query) -> Result<(), DefinitionError> {
    if !query.locks.is_empty() {
        return Err(DefinitionError::in_file(file, "FOR UPDATE is not supported")
            .help("a job only reads its sources; leave it out"));
    }
    rename(file, &mut query.body)
}

fn rename(file: &str, body: &mut SetExpr) -> Result<(), DefinitionError> {
    let SetExpr::SetOperation { op, set_quantifier, left, right } = body else { return Ok(()) };
    if *op == SetOperator::Minus {
        *op = SetOperator::Except;
    }
    if *op != SetOperator::Union && *set_quantifier == SetQuantifier::All {
        return Err(DefinitionError::in_file(file, format!("{op} ALL is not supported"))
            .help("number equal rows with row_number() and leave ALL out"));
    }
    rename(file, left)?;
    rename(file, right)
}
