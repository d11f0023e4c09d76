//! The names of columns that have no alias, as Spark gives them: `upper(name)`, `(a + 1)`, `sum(x)`.

use std::collections::BTreeSet;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, CastKind, DataType, DuplicateTreatment, Expr, Function,
    FunctionArg, FunctionArgExpr, FunctionArguments, Select, SelectItem, Subscript, TableFactor,
    TableWithJoins, UnaryOperator, Value,
};

use super::times;
use crate::sql::build::quoted;

/// Gives every column of a select list that has no name the one that Spark gives it.
pub(in crate::sql) fn name_columns(select: &mut Select) {
    let mut names = BTreeSet::new();
    let tables = tables_of(&select.from);
    for item in &mut select.projection {
        let SelectItem::UnnamedExpr(expr) = item else { continue };
        if is_name(expr) && !is_field(expr, &tables) {
            continue;
        }
        let name = column(expr);
        // Spark lets columns have the same name; a table cannot.
        let mut alias = name.clone();
        for number in 2.. {
            if names.insert(alias.clone()) {
                break;
            }
            alias = format!("{name}_{number}");
        }
        let expr = std::mem::replace(expr, Expr::value(Value::Null));
        *item = SelectItem::ExprWithAlias { expr, alias: quoted(&alias) };
    }
}

/// The names that the tables of a FROM go by.
fn tables_of(from: &[TableWithJoins]) -> BTreeSet<String> {
    fn factors(tables: &TableWithJoins) -> impl Iterator<Item = &TableFactor> {
        let joined = tables.joins.iter().map(|join| &join.relation);
        std::iter::once(&tables.relation).chain(joined)
    }
    let mut names = BTreeSet::new();
    let mut rest: Vec<&TableFactor> = from.iter().flat_map(factors).collect();
    while let Some(factor) = rest.pop() {
        let (alias, own) = match factor {
            TableFactor::Table { name, alias, .. } => {
                (alias.as_ref(), name.0.last().and_then(|part| part.as_ident()))
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                rest.extend(factors(table_with_joins));
                (alias.as_ref(), None)
            }
            TableFactor::MatchRecognize { table, alias, .. } => {
                rest.push(table);
                (alias.as_ref(), None)
            }
            TableFactor::Derived { alias, .. }
            | TableFactor::Pivot { alias, .. }
            | TableFactor::Unpivot { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::Function { alias, .. } => (alias.as_ref(), None),
            _ => (None, None),
        };
        names.extend(alias.map(|alias| &alias.name).or(own).map(|name| name.value.to_lowercase()));
    }
    names
}

/// Whether a name with dots is that of a struct's field: its first part names no table.
fn is_field(expr: &Expr, tables: &BTreeSet<String>) -> bool {
    let Expr::CompoundIdentifier(parts) = expr else { return false };
    match parts.first() {
        Some(first) if tables.contains(&first.value.to_lowercase()) => parts.len() > 2,
        _ => true,
    }
}

/// The name of a column of the select list: a cast of a column keeps the column's name, a field's its own.
pub(crate) fn column(expr: &Expr) -> String {
    match expr {
        Expr::Nested(inner) => column(inner),
        Expr::Cast { expr, .. } if is_name(expr) => name(expr),
        Expr::Function(function) => match super::calls::cast_of(function) {
            Some(value) if is_name(&value) => name(&value),
            _ => name(expr),
        },
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
            Some(AccessExpr::Dot(field)) => name(field),
            _ => name(expr),
        },
        other => name(other),
    }
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

fn list<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> String {
    exprs.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

/// An expression within a name.
fn name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(ident) => lowered(ident),
        Expr::CompoundIdentifier(parts) => parts.last().map(lowered).unwrap_or_default(),
        Expr::Nested(inner) => name(inner),
        Expr::Value(value) => literal(&value.value),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::NotEq => format!("(NOT ({} = {}))", name(left), name(right)),
            BinaryOperator::StringConcat => format!("concat({}, {})", name(left), name(right)),
            _ => format!("({} {} {})", name(left), operator(op), name(right)),
        },
        Expr::UnaryOp { op, expr } => of_sign(op, expr),
        Expr::Cast { kind, expr, data_type, .. } => {
            let cast = if *kind == CastKind::TryCast { "TRY_CAST" } else { "CAST" };
            format!("{cast}({} AS {})", name(expr), data_type.to_string().to_uppercase())
        }
        Expr::TypedString(literal) => {
            let value = text_of(&literal.value.value);
            match literal.data_type {
                DataType::Date | DataType::Timestamp(..) => {
                    format!("{} '{value}'", literal.data_type)
                }
                _ => value,
            }
        }
        Expr::Case { operand, conditions, else_result, .. } => {
            of_case(operand.as_deref(), conditions, else_result.as_deref())
        }
        Expr::Function(function) => of_call(function),
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            let parts = [substring_from, substring_for].into_iter().flatten().map(AsRef::as_ref);
            format!("substring({})", list(std::iter::once(expr.as_ref()).chain(parts)))
        }
        Expr::Ceil { expr, .. } => format!("CEIL({})", name(expr)),
        Expr::Floor { expr, .. } => format!("FLOOR({})", name(expr)),
        Expr::Trim { expr, .. } => format!("trim({})", name(expr)),
        Expr::Position { expr, r#in } => format!("locate({}, {}, 1)", name(expr), name(r#in)),
        Expr::Extract { field, expr, .. } => format!("extract({field} FROM {})", name(expr)),
        Expr::CompoundFieldAccess { root, access_chain } => {
            access_chain.iter().fold(name(root), |root, access| match access {
                AccessExpr::Dot(field) => format!("{root}.{}", name(field)),
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    format!("{root}[{}]", name(index))
                }
                AccessExpr::Subscript(other) => format!("{root}[{other}]"),
            })
        }
        Expr::Subquery(_) => "scalarsubquery()".to_owned(),
        Expr::Exists { .. } => "exists()".to_owned(),
        other => of_test(other),
    }
}

/// What is true or false.
fn of_test(expr: &Expr) -> String {
    let (test, negated) = match expr {
        Expr::IsNull(expr) => (format!("({} IS NULL)", name(expr)), false),
        Expr::IsNotNull(expr) => (format!("({} IS NOT NULL)", name(expr)), false),
        Expr::IsTrue(expr) => (format!("({} <=> true)", name(expr)), false),
        Expr::IsFalse(expr) => (format!("({} <=> false)", name(expr)), false),
        Expr::Between { expr, negated, low, high } => {
            let value = name(expr);
            let both = format!("(({value} >= {}) AND ({value} <= {}))", name(low), name(high));
            (both, *negated)
        }
        Expr::InList { expr, list: values, negated } => {
            (format!("({} IN ({}))", name(expr), list(values)), *negated)
        }
        Expr::Like { expr, pattern, negated, any: false, escape_char: None } => {
            (format!("{} LIKE {}", name(expr), name(pattern)), *negated)
        }
        Expr::RLike { expr, pattern, negated, .. } => {
            (format!("RLIKE({}, {})", name(expr), name(pattern)), *negated)
        }
        other => (other.to_string(), false),
    };
    if negated { format!("(NOT {test})") } else { test }
}

fn of_sign(op: &UnaryOperator, expr: &Expr) -> String {
    match (op, expr) {
        (UnaryOperator::Not | UnaryOperator::BangNot, expr) => format!("(NOT {})", name(expr)),
        (UnaryOperator::Minus, Expr::Value(value)) if matches!(value.value, Value::Number(..)) => {
            format!("-{}", name(expr))
        }
        (UnaryOperator::Minus, expr) => format!("(- {})", name(expr)),
        (UnaryOperator::Plus, expr) => format!("(+ {})", name(expr)),
        (op, expr) => format!("{op}{}", name(expr)),
    }
}

fn of_case(operand: Option<&Expr>, conditions: &[CaseWhen], otherwise: Option<&Expr>) -> String {
    let conditions = conditions.iter().map(|when| {
        let condition = match operand {
            Some(operand) => format!("({} = {})", name(operand), name(&when.condition)),
            None => name(&when.condition),
        };
        format!(" WHEN {condition} THEN {}", name(&when.result))
    });
    let otherwise = otherwise.map(|otherwise| format!(" ELSE {}", name(otherwise)));
    let parts: String = conditions.chain(otherwise).collect();
    format!("CASE{parts} END")
}

fn of_call(function: &Function) -> String {
    let called = function.name.to_string().to_lowercase();
    let FunctionArguments::List(arguments) = &function.args else { return format!("{called}()") };
    let shown: Vec<String> = arguments
        .args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(unit)))
                if arguments.args.len() == 3 && times::of_units(&called).is_some() =>
            {
                unit.value.clone()
            }
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => name(expr),
            // `count(*)` counts what `count(1)` counts.
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => "1".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let (called, shown) = times::column(called, shown);
    let distinct = match arguments.duplicate_treatment {
        Some(DuplicateTreatment::Distinct) => "DISTINCT ",
        _ => "",
    };
    let shown = format!("{called}({distinct}{})", shown.join(", "));
    match (called.as_str(), &function.over) {
        ("if", None) => format!("(IF{})", shown.get(2..).unwrap_or_default()),
        (_, Some(over)) => format!("{shown} OVER {over}"),
        (_, None) => shown,
    }
}

fn operator(op: &BinaryOperator) -> String {
    match op {
        BinaryOperator::MyIntegerDivide => "div".to_owned(),
        BinaryOperator::Spaceship => "<=>".to_owned(),
        other => other.to_string(),
    }
}

fn lowered(ident: &datafusion::sql::sqlparser::ast::Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Null => "NULL".to_owned(),
        other => text_of(other),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::SingleQuotedString(text) => text.clone(),
        other => other.to_string(),
    }
}
