//! Functions that make rows: `explode` and its like, in LATERAL VIEW and in a select list.
//!
//! The parser's tree has no table factor for a lateral view, and the planner refuses `Select::lateral_views`. So a view travels as the one
//! table factor which has a place for a table, an expression and an alias, and which neither Spark nor DataFusion has:
//! MATCH_RECOGNIZE. [`crate::planner`] makes the plan of it, when the table's columns are known.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, Join,
    JoinConstraint, JoinOperator, MatchRecognizePattern, MatchRecognizeSymbol, ObjectName, Parens,
    RowsPerMatch, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableAlias,
    TableAliasColumnDef, TableFactor, TableWithJoins, Value, Values, WildcardAdditionalOptions,
};

use crate::functions::generator::{Generator, generator};
use crate::sql::ONE_ROW;
use crate::sql::build::{call_of, query, quoted};
use crate::sql::tokens::UNNAMED;

/// The view of a generator that stands in the select list.
const IN_LIST: &str = "__generated";
/// What a generator over groups is given.
const GIVEN: &str = "__given";

/// Puts generators where tables are.
pub(super) fn as_tables(select: &mut Select) {
    for view in std::mem::take(&mut select.lateral_views) {
        let alias = view.lateral_view_name.0.last().and_then(|part| part.as_ident());
        let alias = alias.cloned().unwrap_or_else(|| quoted(IN_LIST));
        add_view(select, view.lateral_view, alias, view.lateral_col_alias, view.outer);
    }
    if is_grouped(select)
        && let Some(index) = select.projection.iter().position(|item| listed(item).is_some())
    {
        generate_from_groups(select, index);
        return;
    }
    let mut items = Vec::with_capacity(select.projection.len());
    for (number, item) in std::mem::take(&mut select.projection).into_iter().enumerate() {
        if listed(&item).is_none() {
            items.push(item);
            continue;
        }
        let (call, names) = taken(item);
        let view = quoted(&format!("{IN_LIST}{number}"));
        // Directly behind `*` the columns of the view are in that already.
        if !matches!(items.last(), Some(SelectItem::Wildcard(_))) {
            items.push(SelectItem::QualifiedWildcard(
                SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![view.clone()])),
                WildcardAdditionalOptions::default(),
            ));
        }
        // In a list the names `_outer` alone say that a row without values is kept.
        add_view(select, call, view, names, false);
    }
    select.projection = items;
}

/// `FROM explode(…) AS t(x)`: the rows of a generator alone.
pub(super) fn as_table(table: &mut TableFactor) {
    let TableFactor::Table { name, args: Some(arguments), alias, .. } = table else { return };
    let [part] = name.0.as_slice() else { return };
    let Some(known) = part.as_ident().and_then(|ident| generator(&ident.value)) else { return };
    let call = call_of(known.name, std::mem::take(&mut arguments.args));
    let alias = alias.take().unwrap_or_else(|| named(quoted(IN_LIST), Vec::new()));
    *table = view(one_row(), call, alias, false);
}

/// The generator of an item.
fn listed(item: &SelectItem) -> Option<&Function> {
    let (SelectItem::UnnamedExpr(expr)
    | SelectItem::ExprWithAlias { expr, .. }
    | SelectItem::ExprWithAliases { expr, .. }) = item
    else {
        return None;
    };
    match expr {
        Expr::Function(function) => of_function(function).map(|_| function),
        _ => None,
    }
}

fn of_function(function: &Function) -> Option<&'static Generator> {
    let [part] = function.name.0.as_slice() else { return None };
    generator(&part.as_ident()?.value)
}

fn taken(item: SelectItem) -> (Expr, Vec<Ident>) {
    match item {
        SelectItem::ExprWithAlias { expr, alias } => (expr, vec![alias]),
        SelectItem::ExprWithAliases { expr, aliases } => (expr, aliases),
        SelectItem::UnnamedExpr(expr) => (expr, Vec::new()),
        other => (Expr::Identifier(Ident::new(other.to_string())), Vec::new()),
    }
}

fn is_grouped(select: &Select) -> bool {
    match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(exprs, _) => !exprs.is_empty() || select.having.is_some(),
    }
}

/// Groups are made first, and rows of them: the SELECT becomes the table of another one.
fn generate_from_groups(select: &mut Select, index: usize) {
    // The other columns are read by their names, a generator has none of its own unless it is given one.
    let (Expr::Function(mut function), names) = taken(select.projection.remove(index)) else {
        return;
    };
    super::names::name_columns(select);
    let mut outer = select.clone();
    outer.from = Vec::new();
    outer.selection = None;
    outer.group_by = GroupByExpr::Expressions(vec![], vec![]);
    outer.having = None;
    outer.distinct = select.distinct.take();
    outer.projection = select.projection.iter().map(renamed).collect();
    if let FunctionArguments::List(list) = &mut function.args {
        for (number, argument) in list.args.iter_mut().enumerate() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument else { continue };
            let alias = quoted(&format!("{GIVEN}{number}"));
            let expr = std::mem::replace(expr, Expr::Identifier(alias.clone()));
            select.projection.push(SelectItem::ExprWithAlias { expr, alias });
        }
    }
    let expr = Expr::Function(function);
    let generator = match names.as_slice() {
        [] => SelectItem::UnnamedExpr(expr),
        [alias] => SelectItem::ExprWithAlias { expr, alias: alias.clone() },
        _ => SelectItem::ExprWithAliases { expr, aliases: names },
    };
    outer.projection.insert(index, generator);
    let inner = std::mem::replace(select, outer);
    let relation = derived(SetExpr::Select(Box::new(inner)), "__groups");
    select.from = vec![TableWithJoins { relation, joins: vec![] }];
    as_tables(select);
}

/// The column of an inner SELECT that an item has made.
fn renamed(item: &SelectItem) -> SelectItem {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => {
            SelectItem::UnnamedExpr(Expr::Identifier(alias.clone()))
        }
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => match parts.last() {
            Some(last) => SelectItem::UnnamedExpr(Expr::Identifier(last.clone())),
            None => item.clone(),
        },
        other => other.clone(),
    }
}

fn add_view(select: &mut Select, call: Expr, alias: Ident, names: Vec<Ident>, is_outer: bool) {
    let table = joined(std::mem::take(&mut select.from));
    let names = match names.as_slice() {
        [only] if only.value == UNNAMED => Vec::new(),
        _ => names,
    };
    let relation = view(table, call, named(alias, names), is_outer);
    select.from = vec![TableWithJoins { relation, joins: vec![] }];
}

fn view(table: TableFactor, call: Expr, alias: TableAlias, is_outer: bool) -> TableFactor {
    TableFactor::MatchRecognize {
        table: Box::new(table),
        partition_by: vec![call],
        order_by: vec![],
        measures: vec![],
        rows_per_match: is_outer.then_some(RowsPerMatch::AllRows(None)),
        after_match_skip: None,
        pattern: MatchRecognizePattern::Symbol(MatchRecognizeSymbol::Start),
        symbols: vec![],
        alias: Some(alias),
    }
}

fn named(name: Ident, columns: Vec<Ident>) -> TableAlias {
    let columns = columns.into_iter().map(|name| TableAliasColumnDef { name, data_type: None });
    TableAlias { explicit: true, name, columns: columns.collect(), at: None }
}

/// All tables of a FROM as one.
fn joined(from: Vec<TableWithJoins>) -> TableFactor {
    let mut tables = from.into_iter();
    let Some(mut first) = tables.next() else { return one_row() };
    for TableWithJoins { relation, joins } in tables {
        let cross = JoinOperator::CrossJoin(JoinConstraint::None);
        first.joins.push(Join { relation, global: false, join_operator: cross });
        first.joins.extend(joins);
    }
    if first.joins.is_empty() {
        return first.relation;
    }
    TableFactor::NestedJoin { table_with_joins: Box::new(first), alias: None }
}

/// A table of one row, for a SELECT without FROM.
fn one_row() -> TableFactor {
    let row = Values {
        explicit_row: false,
        value_keyword: false,
        rows: vec![Parens {
            opening_token: AttachedToken::empty(),
            content: vec![Expr::value(Value::Null)],
            closing_token: AttachedToken::empty(),
        }],
    };
    derived(SetExpr::Values(row), ONE_ROW)
}

fn derived(body: SetExpr, alias: &str) -> TableFactor {
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query(body)),
        alias: Some(named(quoted(alias), Vec::new())),
        sample: None,
    }
}
