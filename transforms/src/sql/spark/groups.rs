//! Groups of groups: `GROUP BY a, b WITH ROLLUP`, `GROUPING SETS`, `grouping_id()`.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DataType, Expr, FunctionArguments, GroupByExpr, GroupByWithModifier, ObjectName, Select,
    SelectItem, Value, VisitMut, VisitorMut,
};

use super::syntax::cast;
use crate::sql::build::call;

/// Says it as the planner reads it.
pub(super) fn expand(select: &mut Select) {
    let GroupByExpr::Expressions(exprs, modifiers) = &mut select.group_by else { return };
    for modifier in std::mem::take(modifiers) {
        let sets = |exprs: &mut Vec<Expr>| {
            std::mem::take(exprs).into_iter().map(|expr| vec![expr]).collect()
        };
        match modifier {
            GroupByWithModifier::Rollup => *exprs = vec![Expr::Rollup(sets(exprs))],
            GroupByWithModifier::Cube => *exprs = vec![Expr::Cube(sets(exprs))],
            GroupByWithModifier::GroupingSets(expr) => *exprs = vec![expr],
            GroupByWithModifier::Totals => {}
        }
    }
    let grouped: Vec<Expr> = exprs.iter().flat_map(parts).fold(Vec::new(), |mut all, expr| {
        if !all.contains(expr) {
            all.push(expr.clone());
        }
        all
    });
    let mut named = Grouped { grouped };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _: ControlFlow<()> = expr.visit(&mut named);
        }
    }
    if let Some(having) = &mut select.having {
        let _: ControlFlow<()> = having.visit(&mut named);
    }
}

fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
            sets.iter().flatten().collect()
        }
        other => vec![other],
    }
}

/// `grouping_id()` is that of all columns that are grouped by.
struct Grouped {
    grouped: Vec<Expr>,
}

impl VisitorMut for Grouped {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        if !function.name.to_string().eq_ignore_ascii_case("grouping_id") {
            return ControlFlow::Continue(());
        }
        let is_empty = match &function.args {
            FunctionArguments::List(list) => list.args.is_empty(),
            _ => true,
        };
        if is_empty {
            *expr = call("grouping", self.grouped.clone());
        } else {
            function.name = ObjectName::from(vec!["grouping".into()]);
        }
        *expr = cast(std::mem::replace(expr, Expr::value(Value::Null)), &DataType::BigInt(None));
        ControlFlow::Continue(())
    }
}
