//! What leaves rows out, as columns that say whether it does.

use std::sync::Arc;

use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, ExprSchema, JoinType, NullEquality};
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, LogicalPlanBuilder, lit, when};

use super::condition::{Demand, names_of, names_within, subquery_of};
use super::trace::{Traced, Tracer, columns, columns_but};
use super::words::{spelled_out, text};
use crate::scan::column;

impl Tracer {
    pub(super) fn filter(&mut self, filter: &Filter) -> Result<Traced> {
        let mut traced = self.trace(&filter.input)?;
        if !self.keeps_all {
            let filter = Filter::try_new(filter.predicate.clone(), Arc::new(traced.plan))?;
            return Ok(Traced { plan: LogicalPlan::Filter(filter), added: traced.added });
        }
        for condition in split_conjunction(&filter.predicate) {
            let names = names_of(condition)?;
            let spelled = spelled_out(condition.clone(), &filter.input)?;
            let demand = Demand::Holds(text(&spelled));
            let flag =
                self.condition_of_subquery(demand, names_of(&spelled)?, names_within(condition)?);
            traced = match has_subquery(condition)? {
                true => self.with_subquery(traced, condition, (flag, names))?,
                false => {
                    let is_met = condition.clone().is_true();
                    let kept = columns_but(&traced).collect();
                    self.keep(traced, kept, (flag, is_met), &names)?
                }
            };
        }
        Ok(traced)
    }

    /// The engine knows subqueries that decide only where they leave rows out: so a row meets the condition if it is among those that
    /// are left. It says nothing of a row that is deleted, since the subquery may not see that row any more.
    fn with_subquery(
        &mut self,
        rows: Traced,
        condition: &Expr,
        (flag, names): (String, Vec<Column>),
    ) -> Result<Traced> {
        let kept = columns_but(&rows).collect();
        let left = Filter::try_new(condition.clone(), Arc::new(rows.plan.clone()))?;
        let places = rows.added.iter().filter(|name| self.is_position(name));
        let mut by: Vec<Column> = places.map(Column::from_name).collect();
        for name in &names {
            if !by.contains(name) {
                by.push(name.clone());
            }
        }
        // What is no single value is not compared: rows of one place differ in it only behind an `explode`.
        by.retain(|column| {
            let field = rows.plan.schema().field_from_column(column);
            field.is_ok_and(|field| !field.data_type().is_nested())
        });
        let met = self.name("left");
        let mut shown = vec![lit(true).alias(met.as_str())];
        let mut on = (Vec::new(), Vec::new());
        for column in by {
            let name = self.name("by");
            shown.push(Expr::Column(column.clone()).alias(name.as_str()));
            on.0.push(column);
            on.1.push(Column::from_name(name));
        }
        let left = LogicalPlanBuilder::from(LogicalPlan::Filter(left)).project(shown)?;
        let left = left.distinct()?.build()?;
        let nulls = NullEquality::NullEqualsNull;
        let filter = on.0.is_empty().then(|| lit(true));
        let plan = LogicalPlanBuilder::from(rows.plan);
        let plan = plan.join_detailed(left, JoinType::Left, on, filter, nulls)?.build()?;
        let mut is_met = column(&met).is_not_null();
        if let Some(is_not_deleted) = self.is_not_deleted(&rows.added) {
            is_met = when(is_not_deleted, is_met).end()?;
        }
        self.keep(Traced { plan, added: rows.added }, kept, (flag, is_met), &names)
    }

    /// The columns `kept` of rows, with one that says whether a condition is met: of a row of which a column that the condition names is
    /// not known, it says nothing.
    pub(super) fn keep(
        &self,
        rows: Traced,
        kept: Vec<Expr>,
        (flag, is_met): (String, Expr),
        names: &[Column],
    ) -> Result<Traced> {
        let asked = |of: &Column| names.iter().any(|name| name == of);
        let knowns = self.knowns.iter().filter(|known| rows.added.contains(&known.name));
        let knowns = knowns.filter(|known| known.of.as_ref().is_none_or(|of| of.iter().any(asked)));
        let is_known = knowns.map(|known| column(&known.name).is_not_false()).reduce(Expr::and);
        let is_met = match is_known {
            Some(is_known) => when(is_known, is_met).end()?,
            None => is_met,
        };
        let all = kept.into_iter().chain(rows.added()).chain([is_met.alias(flag.as_str())]);
        let all: Vec<Expr> = all.collect();
        let plan = LogicalPlanBuilder::from(rows.plan).project(all)?.build()?;
        let added = rows.added.into_iter().chain([flag]).collect();
        Ok(Traced { plan, added })
    }

    /// Rows whose columns are those of `plan`, with one that says whether they are among the rows of it, which takes some of those that
    /// nothing leaves out. It says nothing of the others.
    pub(super) fn taken(&mut self, rows: Traced, plan: &LogicalPlan, by: String) -> Result<Traced> {
        let flag = self.condition(Demand::Taken(by), Vec::new());
        let kept: Vec<Expr> = columns_but(&rows).collect();
        let met = self.name("taken");
        let (mut of_rows, mut of_plan) = (kept.clone(), vec![lit(true).alias(met.as_str())]);
        let mut on = (Vec::new(), Vec::new());
        for (own, taken) in kept.iter().cloned().zip(columns(plan)) {
            let Some((own, taken)) = self.comparable(&rows.plan, own, taken)? else { continue };
            let [of, by] = ["of", "by"].map(|what| self.name(what));
            of_rows.push(own.alias(of.as_str()));
            of_plan.push(taken.alias(by.as_str()));
            on.0.push(Column::from_name(of));
            on.1.push(Column::from_name(by));
        }
        let taken = LogicalPlanBuilder::from(plan.clone()).project(of_plan)?.distinct()?.build()?;
        let is_there = self.is_there(&rows.added);
        let Traced { plan, added } = rows.project(of_rows)?;
        let filter = on.0.is_empty().then(|| lit(true));
        let nulls = NullEquality::NullEqualsNull;
        let plan = LogicalPlanBuilder::from(plan);
        let plan = plan.join_detailed(taken, JoinType::Left, on, filter, nulls)?.build()?;
        let is_taken = column(&met).is_not_null();
        let is_taken = match is_there {
            Some(is_there) => when(is_there, is_taken).end()?,
            None => is_taken,
        };
        self.keep(Traced { plan, added }, kept, (flag, is_taken), &[])
    }
}

fn has_subquery(expr: &Expr) -> Result<bool> {
    expr.exists(|inner| Ok(subquery_of(inner).is_some()))
}
