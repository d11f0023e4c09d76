//! Joins of traced plans.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Join, LogicalPlan, LogicalPlanBuilder, lit};

use super::trace::{Traced, Tracer, columns, text};
use crate::scan::column;

impl Tracer {
    pub(super) fn join(&mut self, join: &Join) -> Result<Traced> {
        use JoinType::{Full, Inner, Left, LeftAnti, LeftMark, LeftSemi};
        use JoinType::{Right, RightAnti, RightMark, RightSemi};
        let is_cross = join.on.is_empty() && join.filter.is_none();
        match join.join_type {
            Inner if self.keeps_all && !is_cross => self.flagged(join),
            Inner | Left | Right | Full => self.plain(join, join.join_type),
            LeftSemi | RightSemi if self.keeps_all => self.flagged(join),
            // A row is there because of the rows that it meets.
            LeftSemi => self.plain(join, Inner)?.project(columns(&join.left)),
            RightSemi => self.plain(join, Inner)?.project(columns(&join.right)),
            LeftAnti | RightAnti => self.anti(join),
            LeftMark | RightMark => self.give_up(&LogicalPlan::Join(join.clone()), "a subquery"),
        }
    }

    /// The same join of the traced sides.
    fn plain(&mut self, join: &Join, join_type: JoinType) -> Result<Traced> {
        let (left, right) = (self.trace(&join.left)?, self.trace(&join.right)?);
        let added = [left.added, right.added].concat();
        Ok(Traced { plan: joined(join, left.plan, right.plan, join_type)?, added })
    }

    /// A join that leaves rows out, as one that keeps them and says so.
    fn flagged(&mut self, join: &Join) -> Result<Traced> {
        let (left, right) = (self.trace(&join.left)?, self.trace(&join.right)?);
        let [is_left, is_right] = ["left", "right"].map(|side| self.name(side));
        let added = [left.added, right.added].concat();
        let [left, right] = [(left.plan, &is_left), (right.plan, &is_right)].map(|(plan, name)| {
            let marked: Vec<Expr> = columns(&plan).chain([lit(true).alias(name)]).collect();
            LogicalPlanBuilder::from(plan).project(marked)?.build()
        });
        let (kind, kept): (JoinType, Vec<Expr>) = match join.join_type {
            JoinType::LeftSemi => (JoinType::Left, columns(&join.left).collect()),
            JoinType::RightSemi => (JoinType::Right, columns(&join.right).collect()),
            _ => (JoinType::Full, columns(&join.left).chain(columns(&join.right)).collect()),
        };
        let plan = joined(join, left?, right?, kind)?;
        let flag = self.condition(format!("it meets a row by {}", condition_of(join)));
        let there = |name: &str| column(name).is_not_null();
        let meets = there(&is_left).and(there(&is_right)).alias(flag.as_str());
        self.keep(plan, kept, added, (flag, meets))
    }

    /// What is joined is there because it meets nothing.
    fn anti(&mut self, join: &Join) -> Result<Traced> {
        let is_left = join.join_type == JoinType::LeftAnti;
        let (kept, other) =
            if is_left { (&join.left, &join.right) } else { (&join.right, &join.left) };
        let Traced { plan, added } = self.trace(kept)?;
        if !self.keeps_all {
            let other = LogicalPlan::clone(other);
            let (left, right) = if is_left { (plan, other) } else { (other, plan) };
            return Ok(Traced { plan: joined(join, left, right, join.join_type)?, added });
        }
        let met = self.name("met");
        let marked: Vec<Expr> = columns(other).chain([lit(true).alias(met.as_str())]).collect();
        let other = LogicalPlanBuilder::from(LogicalPlan::clone(other)).project(marked)?.build()?;
        let plan = match is_left {
            true => joined(join, plan, other, JoinType::Left)?,
            false => joined(join, other, plan, JoinType::Right)?,
        };
        let flag = self.condition(format!("it meets no row by {}", condition_of(join)));
        let meets_none = column(&met).is_null().alias(flag.as_str());
        self.keep(plan, columns(kept).collect(), added, (flag, meets_none))
    }

    fn keep(
        &self,
        plan: LogicalPlan,
        kept: Vec<Expr>,
        mut added: Vec<String>,
        (flag, is_met): (String, Expr),
    ) -> Result<Traced> {
        let old = Traced { plan, added: added.clone() };
        let all: Vec<Expr> = kept.into_iter().chain(old.added()).chain([is_met]).collect();
        let plan = LogicalPlanBuilder::from(old.plan).project(all)?.build()?;
        added.push(flag);
        Ok(Traced { plan, added })
    }
}

fn joined(
    join: &Join,
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
) -> Result<LogicalPlan> {
    Ok(LogicalPlan::Join(Join::try_new(
        Arc::new(left),
        Arc::new(right),
        join.on.clone(),
        join.filter.clone(),
        join_type,
        join.join_constraint,
        join.null_equality,
        join.null_aware && matches!(join_type, JoinType::LeftAnti),
    )?))
}

fn condition_of(join: &Join) -> String {
    let on = join.on.iter().map(|(left, right)| format!("{} = {}", text(left), text(right)));
    on.chain(join.filter.iter().map(text)).collect::<Vec<_>>().join(" AND ")
}
