//! Nodes whose rows are made of several rows: what they are made of is joined to the real result.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::error::Result;
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{
    Aggregate, DistinctOn, Expr, ExprSchemable, Limit, LogicalPlan, LogicalPlanBuilder, cast, lit,
};

use super::trace::{Traced, Tracer, columns};
use super::words::text;
use crate::delta::comparable;
use crate::scan::column;

impl Tracer {
    /// A group is made of all rows that fall into it.
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Traced> {
        let rows = self.trace(&aggregate.input)?;
        self.rename(&rows.added, |_| None);
        let real = LogicalPlan::Aggregate(aggregate.clone());
        if let [Expr::GroupingSet(_)] = aggregate.group_expr.as_slice() {
            return self.grouping_sets(aggregate, real, rows);
        }
        let by: Vec<Expr> = aggregate.group_expr.iter().map(|by| by.clone().unalias()).collect();
        if self.keeps_all && !by.is_empty() {
            return self.looked_up(rows, by, real);
        }
        let pairs = columns(&real).zip(by).collect();
        // Without GROUP BY there is a row even if there is nothing that it could be made of.
        let is_one = aggregate.group_expr.is_empty();
        self.joined_back(real, rows, pairs, if is_one { JoinType::Left } else { JoinType::Inner })
    }

    /// ROLLUP, CUBE and GROUPING SETS: a column that is rolled up is NULL.
    fn grouping_sets(
        &mut self,
        aggregate: &Aggregate,
        real: LogicalPlan,
        rows: Traced,
    ) -> Result<Traced> {
        self.note("GROUP BY of several sets: where a group's column is NULL, the rows of all its values are listed".to_owned());
        let by: Vec<Expr> =
            grouping_set_to_exprlist(&aggregate.group_expr)?.into_iter().cloned().collect();
        let names: Vec<String> = by.iter().map(|_| self.name("by")).collect();
        let groups: Vec<Expr> = columns(&real).take(by.len()).collect();
        let kept: Vec<Expr> = columns(&real).collect();
        let by = by.into_iter().zip(&names).map(|(by, name)| by.unalias().alias(name.as_str()));
        let Traced { plan, added } = Traced { plan: rows.plan, added: rows.added }.project(by)?;
        let is_of =
            |(group, name): (Expr, &String)| group.clone().is_null().or(group.eq(column(name)));
        let is_of = groups.into_iter().zip(&names).map(is_of);
        let plan = LogicalPlanBuilder::from(real).join_on(plan, JoinType::Left, is_of)?.build()?;
        Traced { plan, added }.project(kept)
    }

    /// A row with windows is made of all rows of its partition, and of the same of windows over it.
    pub(super) fn window(&mut self, plan: &LogicalPlan) -> Result<Traced> {
        let (mut base, mut calls) = (plan, Vec::new());
        while let LogicalPlan::Window(window) = base {
            calls.extend(window.window_expr.iter());
            base = &window.input;
        }
        let rows = self.trace(base)?;
        let mut common: Option<Vec<Expr>> = None;
        for call in calls {
            let by = partition_by(call);
            match &mut common {
                None => common = Some(by.to_vec()),
                Some(common) => common.retain(|expr| by.contains(expr)),
            }
        }
        let common = common.unwrap_or_default();
        let names: Vec<String> = common.iter().map(text).collect();
        self.note(match (names.is_empty(), self.keeps_all) {
            (true, true) => "a window function sees all rows, which are not listed".to_owned(),
            (true, false) => "a window function sees all rows, so all are listed".to_owned(),
            (false, _) => format!(
                "a row that a window function sees is listed with all rows of the same {}, as it sees these too",
                names.join(", ")
            ),
        });
        if self.keeps_all {
            let others = rows.clone();
            let rows = self.looked_up(rows, columns(base).collect(), plan.clone())?;
            return if common.is_empty() { Ok(rows) } else { self.beside(rows, others, common) };
        }
        let pairs = common.iter().cloned().zip(common.iter().cloned()).collect();
        self.joined_back(plan.clone(), rows, pairs, JoinType::Inner)
    }

    /// Rows, each of them that nothing leaves out once more with the positions of every one of `others` of which the same is so and that
    /// has the same `common`.
    fn beside(&mut self, rows: Traced, others: Traced, common: Vec<Expr>) -> Result<Traced> {
        let mut of_others = Vec::new();
        let mut on = (Vec::new(), Vec::new());
        let mut of_rows: Vec<Expr> = columns(&rows.plan).collect();
        for expr in common {
            let [of, by] = ["of", "by"].map(|what| self.name(what));
            let Some((left, right)) = self.comparable(&rows.plan, expr.clone(), expr)? else {
                continue;
            };
            of_rows.push(left.alias(of.as_str()));
            of_others.push(right.alias(by.as_str()));
            on.0.push(Column::from_name(of));
            on.1.push(Column::from_name(by));
        }
        let mut places = Vec::new();
        for name in &others.added {
            if !self.is_position(name) {
                continue;
            }
            let place = self.name("place");
            of_others.push(column(name).alias(place.as_str()));
            places.push((name.clone(), place));
        }
        let there = self.there(others)?.project(of_others)?.build()?;
        let with_others = columns(&rows.plan).map(|own| match &own {
            Expr::Column(Column { name, .. }) => {
                let place = places.iter().find(|(of, _)| of == name);
                place.map_or(own.clone(), |(_, place)| column(place).alias(name.as_str()))
            }
            _ => own,
        });
        let with_others: Vec<Expr> = with_others.collect();
        let nulls = NullEquality::NullEqualsNull;
        let filter = on.0.is_empty().then(|| lit(true));
        let more = self.there(rows.clone())?.project(of_rows)?;
        let more = more.join_detailed(there, JoinType::Inner, on, filter, nulls)?;
        let more = more.project(with_others)?.build()?;
        let plan = self.united(vec![rows.plan, more])?;
        Ok(Traced { plan, added: rows.added })
    }

    /// What LIMIT takes is made of the rows that look like it.
    pub(super) fn limit(&mut self, plan: &LogicalPlan, input: &Arc<LogicalPlan>) -> Result<Traced> {
        let rows = self.trace(input)?;
        if self.keeps_all {
            return self.taken(rows, plan, limit_of(plan));
        }
        let pairs = columns(plan).zip(columns(input)).collect();
        self.joined_back(plan.clone(), rows, pairs, JoinType::Inner)
    }

    /// The same of the row that DISTINCT ON takes.
    pub(super) fn distinct_on(&mut self, plan: &LogicalPlan, on: &DistinctOn) -> Result<Traced> {
        let rows = self.trace(&on.input)?;
        if self.keeps_all {
            self.rename(&rows.added, |_| None);
            let rows = rows.project(renamed(on.select_expr.iter().cloned(), plan))?;
            return self.taken(rows, plan, "DISTINCT ON".to_owned());
        }
        self.note("of DISTINCT ON the rows that are not taken are not listed".to_owned());
        let pairs = columns(plan).zip(on.select_expr.iter().cloned()).collect();
        self.joined_back(plan.clone(), rows, pairs, JoinType::Inner)
    }

    /// The real rows, each with the positions of all rows for which the pairs are equal (NULL equals NULL): an expression over the
    /// real rows, and one over the others.
    fn joined_back(
        &mut self,
        real: LogicalPlan,
        rows: Traced,
        pairs: Vec<(Expr, Expr)>,
        join_type: JoinType,
    ) -> Result<Traced> {
        let kept: Vec<Expr> = columns(&real).collect();
        let (mut of_real, mut of_rows, mut on) = (kept.clone(), Vec::new(), (vec![], vec![]));
        for (left, right) in pairs {
            let Some((left, right)) = self.comparable(&real, left, right)? else { continue };
            match left {
                Expr::Column(column) => on.0.push(column),
                left => {
                    let name = self.name("of");
                    of_real.push(left.alias(name.as_str()));
                    on.0.push(Column::from_name(name));
                }
            }
            let name = self.name("by");
            of_rows.push(right.alias(name.as_str()));
            on.1.push(Column::from_name(name));
        }
        let real = match of_real.len() == kept.len() {
            true => LogicalPlanBuilder::from(real),
            false => LogicalPlanBuilder::from(real).project(of_real)?,
        };
        let Traced { plan, added } = rows.project(of_rows)?;
        let plan = match (on.0.is_empty(), join_type) {
            (true, JoinType::Inner) => real.cross_join(plan)?,
            (is_all, _) => {
                let filter = is_all.then(|| lit(true));
                real.join_detailed(plan, join_type, on, filter, NullEquality::NullEqualsNull)?
            }
        };
        Traced { plan: plan.build()?, added }.project(kept)
    }

    /// The rows, with the columns of the real ones whose first columns are equal to `given`, or NULLs if there is none:
    /// then their values are not known.
    fn looked_up(&mut self, rows: Traced, given: Vec<Expr>, real: LogicalPlan) -> Result<Traced> {
        let names: Vec<String> = columns(&real).map(|_| self.name("real")).collect();
        let mut of_real: Vec<Expr> =
            columns(&real).zip(&names).map(|(column, name)| column.alias(name.as_str())).collect();
        let (mut of_rows, mut own, mut on) = (Vec::new(), Vec::new(), (vec![], vec![]));
        for (given, of) in given.iter().zip(columns(&real)) {
            let name = self.name("own");
            own.push(column(&name));
            of_rows.push(given.clone().alias(name.as_str()));
            let Some((left, right)) = self.comparable(&real, of, given.clone())? else { continue };
            let [of, by] = ["of", "by"].map(|what| self.name(what));
            of_real.push(left.alias(of.as_str()));
            of_rows.push(right.alias(by.as_str()));
            on.0.push(Column::from_name(by));
            on.1.push(Column::from_name(of));
        }
        let shown = own.into_iter().chain(names.iter().skip(given.len()).map(|name| column(name)));
        let is_real = self.name("is_real");
        let known = self.known(real.schema().columns().into_iter().skip(given.len()));
        of_real.push(lit(true).alias(is_real.as_str()));
        let shown: Vec<Expr> = renamed(shown, &real).collect();
        let right = LogicalPlanBuilder::from(real).project(of_real)?.build()?;
        let Traced { plan, added } = rows.project(of_rows)?;
        let nulls = NullEquality::NullEqualsNull;
        let filter = on.0.is_empty().then(|| lit(true));
        let plan = LogicalPlanBuilder::from(plan);
        let plan = plan.join_detailed(right, JoinType::Left, on, filter, nulls)?;
        let is_known = column(&is_real).is_not_null().alias(known.as_str());
        let old = added.iter().map(|name| column(name));
        let all: Vec<Expr> = shown.into_iter().chain(old).chain([is_known]).collect();
        let added = added.iter().cloned().chain([known]).collect();
        Ok(Traced { plan: plan.project(all)?.build()?, added })
    }

    /// Both as a join can compare them; none if it cannot.
    pub(super) fn comparable(
        &mut self,
        plan: &LogicalPlan,
        left: Expr,
        right: Expr,
    ) -> Result<Option<(Expr, Expr)>> {
        let data_type = left.get_type(plan.schema())?;
        if data_type.is_nested() || data_type == DataType::Null {
            self.note(format!(
                "rows are listed whatever {} is, as it is no single value",
                text(&left)
            ));
            return Ok(None);
        }
        Ok(Some(match comparable(&data_type) {
            None => (left, right),
            Some(other) => (cast(left, other.clone()), cast(right, other)),
        }))
    }
}

/// Expressions under the names of a plan's columns.
fn renamed(
    exprs: impl IntoIterator<Item = Expr>,
    plan: &LogicalPlan,
) -> impl Iterator<Item = Expr> {
    let named = plan.schema().columns().into_iter();
    exprs
        .into_iter()
        .zip(named)
        .map(|(expr, Column { relation, name, .. })| expr.unalias().alias_qualified(relation, name))
}

/// LIMIT and OFFSET of a plan.
fn limit_of(plan: &LogicalPlan) -> String {
    let (fetch, skip) = match plan {
        LogicalPlan::Limit(Limit { fetch, skip, .. }) => (
            fetch.as_ref().map(|fetch| text(fetch)),
            skip.as_ref().map(|skip| text(skip)).filter(|skip| skip != "0"),
        ),
        LogicalPlan::Sort(sort) => (sort.fetch.map(|fetch| fetch.to_string()), None),
        _ => (None, None),
    };
    let parts = [("LIMIT", fetch), ("OFFSET", skip)].into_iter();
    let parts = parts.filter_map(|(word, rows)| Some(format!("{word} {}", rows?)));
    parts.collect::<Vec<_>>().join(" ")
}

/// What a window's rows have in common.
fn partition_by(expr: &Expr) -> &[Expr] {
    match expr {
        Expr::Alias(alias) => partition_by(&alias.expr),
        Expr::WindowFunction(call) => &call.params.partition_by,
        _ => &[],
    }
}
