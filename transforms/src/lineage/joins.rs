//! Joins of traced plans.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::{Column, DFSchema, ExprSchema, JoinType, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Join, LogicalPlan, LogicalPlanBuilder, lit};

use super::condition::{Demand, names_of};
use super::trace::{Traced, Tracer, columns};
use super::words::text;
use crate::model::way::sources;
use crate::scan::column;

impl Tracer {
    pub(super) fn join(&mut self, join: &Join) -> Result<Traced> {
        use JoinType::{Full, Inner, Left, LeftAnti, LeftMark, LeftSemi};
        use JoinType::{Right, RightAnti, RightMark, RightSemi};
        match join.join_type {
            Inner if self.keeps_all => self.flagged(join),
            Left | Right | Full if self.keeps_all => self.outer(join),
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

    /// An outer join takes a row also if all that it meets is left out, so it is there without those too.
    fn outer(&mut self, join: &Join) -> Result<Traced> {
        let sides = [self.trace(&join.left)?, self.trace(&join.right)?];
        let [left, right] = sides.each_ref().map(|side| side.plan.clone());
        let met = joined(join, left, right, join.join_type)?;
        let mut parts = vec![met.clone()];
        for is_left in [true, false] {
            use JoinType::{Full, Left, Right};
            if matches!((join.join_type, is_left), (Full, _) | (Left, true) | (Right, false)) {
                parts.push(self.alone(join, &sides, is_left, met.schema())?);
            }
        }
        let plan = self.united(parts)?;
        let [left, right] = sides;
        Ok(Traced { plan, added: [left.added, right.added].concat() })
    }

    /// The rows of one side that meet none of the other that is there.
    fn alone(
        &self,
        join: &Join,
        [left, right]: &[Traced; 2],
        is_left: bool,
        schema: &DFSchema,
    ) -> Result<LogicalPlan> {
        let (plan, other, lacking) = if is_left {
            let there = self.there(right.clone())?.build()?;
            let plan = joined(join, left.plan.clone(), there, JoinType::LeftAnti)?;
            (plan, &join.right, &right.added)
        } else {
            let there = self.there(left.clone())?.build()?;
            let plan = joined(join, there, right.plan.clone(), JoinType::RightAnti)?;
            (plan, &join.left, &left.added)
        };
        let mut all = Vec::with_capacity(schema.fields().len());
        for column in schema.columns() {
            all.push(if lacking.contains(&column.name) {
                self.none(&column.name)
            } else if other.schema().has_column(&column) {
                let field = other.schema().field_from_column(&column)?;
                let none = ScalarValue::try_from(field.data_type())?;
                lit(none).alias_qualified(column.relation, column.name)
            } else {
                Expr::Column(column)
            });
        }
        LogicalPlanBuilder::from(plan).project(all)?.build()
    }

    /// A join that leaves rows out, as one that keeps them and says so: of a row that is missing nothing is known.
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
        let mut plan = joined(join, left?, right?, kind)?;
        if let LogicalPlan::Join(plan) = &mut plan
            && plan.on.is_empty()
            && plan.filter.is_none()
        {
            plan.filter = Some(lit(true));
        }
        let (mut traced, names) = (Traced { plan, added }, names_in(join)?);
        let mut flags = Vec::new();
        for (is_there, of) in [(&is_left, &join.left), (&is_right, &join.right)] {
            let demand = Demand::Meets { with: name_of(of)?, by: condition_of(join) };
            let flag = self.condition(demand, names.clone());
            let known = self.known(of.schema().columns().into_iter());
            flags.push((column(is_there).is_not_null(), flag, known));
        }
        let old = kept.iter().cloned();
        let sides = [&is_left, &is_right].map(|name| column(name));
        for (meets, flag, _) in &flags {
            let kept = old.clone().chain(sides.clone()).collect();
            traced = self.keep(traced, kept, (flag.clone(), meets.clone()), &names)?;
        }
        let Traced { plan, added } = traced;
        let knowns = flags.iter().map(|(there, _, known)| there.clone().alias(known.as_str()));
        let all: Vec<Expr> =
            old.chain(added.iter().map(|name| column(name))).chain(knowns).collect();
        let plan = LogicalPlanBuilder::from(plan).project(all)?.build()?;
        let added = added.into_iter().chain(flags.into_iter().map(|(_, _, known)| known)).collect();
        Ok(Traced { plan, added })
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
        let (met, other_of) = (self.name("met"), other);
        let marked: Vec<Expr> = columns(other).chain([lit(true).alias(met.as_str())]).collect();
        let other = LogicalPlanBuilder::from(LogicalPlan::clone(other)).project(marked)?.build()?;
        let plan = match is_left {
            true => joined(join, plan, other, JoinType::Left)?,
            false => joined(join, other, plan, JoinType::Right)?,
        };
        let names = names_in(join)?;
        let demand = Demand::MeetsNone { with: name_of(other_of)?, by: condition_of(join) };
        let flag = self.condition(demand, names.clone());
        let meets_none = column(&met).is_null();
        self.keep(Traced { plan, added }, columns(kept).collect(), (flag, meets_none), &names)
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

/// The columns that a join's condition names.
fn names_in(join: &Join) -> Result<Vec<Column>> {
    let mut names = Vec::new();
    for expr in join.on.iter().flat_map(|(left, right)| [left, right]).chain(&join.filter) {
        names.extend(names_of(expr)?);
    }
    Ok(names)
}

/// What the rows of a plan are called by the SELECT that joins it.
fn name_of(plan: &LogicalPlan) -> Result<String> {
    let relations = plan.schema().iter().filter_map(|(relation, _)| Some(relation?.table()));
    let mut names: BTreeSet<String> = relations.map(str::to_owned).collect();
    if names.is_empty() {
        names = sources(plan)?;
    }
    if names.is_empty() {
        return Ok("the other side".to_owned());
    }
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    Ok(names.join(", "))
}

fn condition_of(join: &Join) -> String {
    let on = join.on.iter().map(|(left, right)| format!("{} = {}", text(left), text(right)));
    on.chain(join.filter.iter().map(text)).collect::<Vec<_>>().join(" AND ")
}
