//! A plan, node by node, as one whose rows carry the positions of the source rows that they are made of.

use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Distinct, Expr, Filter, LogicalPlan, LogicalPlanBuilder, SubqueryAlias, TableScan, Union, lit,
    not,
};

use super::{Lineage, TracedScan};
use crate::model::way::sources;
use crate::scan::{DELETED, POSITION, SourceTable, column};

/// A rewritten plan.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// The columns of the plan that it stands for, and the added ones.
    pub(super) plan: LogicalPlan,
    /// The names of the added columns, all different.
    pub(super) added: Vec<String>,
}

impl Traced {
    /// The added columns.
    pub(super) fn added(&self) -> impl Iterator<Item = Expr> {
        self.added.iter().map(|name| column(name))
    }

    /// Other columns over the same rows.
    pub(super) fn project(self, columns: impl IntoIterator<Item = Expr>) -> Result<Self> {
        let columns: Vec<Expr> = columns.into_iter().chain(self.added()).collect();
        let plan = LogicalPlanBuilder::from(self.plan).project(columns)?.build()?;
        Ok(Self { plan, added: self.added })
    }
}

/// All columns of a plan.
pub(super) fn columns(plan: &LogicalPlan) -> impl Iterator<Item = Expr> {
    plan.schema().columns().into_iter().map(Expr::Column)
}

/// What has been found on the way.
#[derive(Debug)]
pub(super) struct Tracer {
    /// Whether what leaves rows out only says so.
    pub(super) keeps_all: bool,
    scans: Vec<TracedScan>,
    positions: Vec<String>,
    conditions: Vec<String>,
    flags: Vec<String>,
    notes: Vec<String>,
    /// The names under which what is traced just now is read.
    aliases: Vec<String>,
    /// Names given out.
    named: usize,
}

impl Tracer {
    pub(super) fn new(keeps_all: bool) -> Self {
        let (scans, positions, conditions) = (Vec::new(), Vec::new(), Vec::new());
        let (flags, notes, aliases) = (Vec::new(), Vec::new(), Vec::new());
        Self { keeps_all, scans, positions, conditions, flags, notes, aliases, named: 0 }
    }

    pub(super) fn lineage(mut self, plan: &LogicalPlan) -> Result<Lineage> {
        let traced = self.trace(plan)?;
        let Self { scans, positions, conditions, flags, notes, .. } = self;
        let added = positions.into_iter().chain(flags).collect();
        Ok(Lineage { plan: traced.plan, added, scans, conditions, notes })
    }

    pub(super) fn trace(&mut self, plan: &LogicalPlan) -> Result<Traced> {
        self.note_subqueries(plan)?;
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::SubqueryAlias(alias) => self.aliased(alias),
            LogicalPlan::Projection(projection) => {
                self.trace(&projection.input)?.project(projection.expr.clone())
            }
            LogicalPlan::Filter(filter) => self.filter(filter),
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Union(union) => self.union(union),
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate),
            LogicalPlan::Window(_) => self.window(plan),
            LogicalPlan::Distinct(Distinct::All(input)) => self.trace(input),
            LogicalPlan::Distinct(Distinct::On(on)) => self.distinct_on(plan, on),
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => self.trace(&sort.input),
            LogicalPlan::Sort(sort) => self.limit(plan, &sort.input),
            LogicalPlan::Limit(limit) => self.limit(plan, &limit.input),
            LogicalPlan::Unnest(unnest) => {
                let Traced { plan, added } = self.trace(&unnest.input)?;
                let plan = LogicalPlanBuilder::from(plan)
                    .unnest_columns_with_options(
                        unnest.exec_columns.clone(),
                        unnest.options.clone(),
                    )?
                    .build()?;
                Ok(Traced { plan, added })
            }
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Ok(untraced(plan)),
            LogicalPlan::RecursiveQuery(_) => self.give_up(plan, "a recursive query"),
            LogicalPlan::Subquery(_) => self.give_up(plan, "a LATERAL subquery"),
            _ => self.give_up(plan, "a part of the SELECT that is not followed"),
        }
    }

    fn scan(&mut self, scan: &TableScan) -> Result<Traced> {
        let provider = source_as_provider(&scan.source)?;
        let Some(source) = provider.downcast_ref::<SourceTable>() else {
            return self
                .give_up(&LogicalPlan::TableScan(scan.clone()), "a table that is no source");
        };
        let table = if self.keeps_all { source.with_deleted() } else { source.with_positions() };
        let name = source.objects().source.name.clone();
        let mut plan = LogicalPlanBuilder::scan(
            scan.table_name.clone(),
            provider_as_source(Arc::new(table)),
            None,
        )?;
        for filter in &scan.filters {
            plan = plan.filter(filter.clone())?;
        }
        let added = |name: &str| Expr::Column(Column::new(Some(scan.table_name.clone()), name));
        let position = self.name("position");
        let mut names = vec![position.clone()];
        let mut columns: Vec<Expr> =
            scan.projected_schema.columns().into_iter().map(Expr::Column).collect();
        columns.push(added(POSITION).alias(position.as_str()));
        if self.keeps_all {
            let flag = self.condition(format!("its newest change in `{name}` does not delete it"));
            columns.push(not(added(DELETED)).alias(flag.as_str()));
            names.push(flag);
        }
        let aliases = match self.aliases.as_slice() {
            [only] if *only == name => String::new(),
            aliases => aliases.join("."),
        };
        self.scans.push(TracedScan { table: Arc::clone(source.objects()), alias: aliases });
        self.positions.push(position);
        Ok(Traced { plan: plan.project(columns)?.build()?, added: names })
    }

    fn aliased(&mut self, alias: &SubqueryAlias) -> Result<Traced> {
        self.aliases.push(alias.alias.table().to_owned());
        let traced = self.trace(&alias.input);
        let _this = self.aliases.pop();
        let Traced { plan, added } = traced?;
        let plan = SubqueryAlias::try_new(Arc::new(plan), alias.alias.clone())?;
        Ok(Traced { plan: LogicalPlan::SubqueryAlias(plan), added })
    }

    fn filter(&mut self, filter: &Filter) -> Result<Traced> {
        let Traced { plan, added } = self.trace(&filter.input)?;
        if !self.keeps_all {
            let filter = Filter::try_new(filter.predicate.clone(), Arc::new(plan))?;
            return Ok(Traced { plan: LogicalPlan::Filter(filter), added });
        }
        let mut traced = Traced { plan, added };
        let (mut flags, mut names) = (Vec::new(), Vec::new());
        for condition in split_conjunction(&filter.predicate) {
            if has_subquery(condition)? {
                // The engine knows subqueries that decide only where they leave rows out.
                let filter = Filter::try_new(condition.clone(), Arc::new(traced.plan))?;
                traced.plan = LogicalPlan::Filter(filter);
                self.note("conditions with subqueries are not told apart: what they leave out is not shown".to_owned());
                continue;
            }
            let flag = self.condition(text(condition));
            flags.push(condition.clone().is_true().alias(flag.as_str()));
            names.push(flag);
        }
        let all: Vec<Expr> = columns(&traced.plan).chain(flags).collect();
        let plan = LogicalPlanBuilder::from(traced.plan).project(all)?.build()?;
        traced.added.extend(names);
        Ok(Traced { plan, added: traced.added })
    }

    /// The rows of each part have no positions of the other parts' scans.
    fn union(&mut self, union: &Union) -> Result<Traced> {
        let parts = union.inputs.iter().map(|input| Ok((input, self.trace(input)?)));
        let parts: Vec<_> = parts.collect::<Result<_>>()?;
        let added: Vec<String> = parts.iter().flat_map(|(_, part)| part.added.clone()).collect();
        let mut inputs = Vec::with_capacity(parts.len());
        for (input, part) in &parts {
            let all = added.iter().map(|name| {
                let own = column(name);
                match part.added.contains(name) {
                    true => own,
                    false if self.flags.contains(name) => {
                        lit(ScalarValue::Boolean(None)).alias(name)
                    }
                    false => lit(ScalarValue::UInt64(None)).alias(name),
                }
            });
            let all: Vec<Expr> = columns(input).chain(all).collect();
            let plan = LogicalPlanBuilder::from(part.plan.clone()).project(all)?.build()?;
            inputs.push(Arc::new(plan));
        }
        let plan = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
        Ok(Traced { plan, added })
    }

    /// The plan as it is. Its rows come from somewhere, but it is not told from where.
    pub(super) fn give_up(&mut self, plan: &LogicalPlan, why: &str) -> Result<Traced> {
        let names: Vec<String> = sources(plan)?.into_iter().collect();
        if !names.is_empty() {
            self.note(format!("rows of {} are not traced through {why}", names.join(", ")));
        }
        Ok(untraced(plan))
    }

    fn note_subqueries(&mut self, plan: &LogicalPlan) -> Result<()> {
        let mut read = Vec::new();
        plan.apply_expressions(|expr| {
            expr.apply(|inner| {
                let subquery = match inner {
                    Expr::ScalarSubquery(subquery) => subquery,
                    Expr::InSubquery(of) => &of.subquery,
                    Expr::Exists(of) => &of.subquery,
                    Expr::SetComparison(of) => &of.subquery,
                    _ => return Ok(TreeNodeRecursion::Continue),
                };
                read.extend(sources(&subquery.subquery)?);
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        read.sort();
        read.dedup();
        if !read.is_empty() {
            self.note(format!("rows of {} that a subquery reads are not traced", read.join(", ")));
        }
        Ok(())
    }

    /// A name for an added column.
    pub(super) fn name(&mut self, what: &str) -> String {
        self.named += 1;
        format!("__unglue_{what}_{}", self.named)
    }

    /// The name of a column that says whether a condition is met.
    pub(super) fn condition(&mut self, text: String) -> String {
        let flag = self.name("met");
        self.conditions.push(text);
        self.flags.push(flag.clone());
        flag
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

fn untraced(plan: &LogicalPlan) -> Traced {
    Traced { plan: plan.clone(), added: Vec::new() }
}

fn has_subquery(expr: &Expr) -> Result<bool> {
    expr.exists(|inner| {
        Ok(matches!(
            inner,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
        ))
    })
}

/// An expression as a person reads it. A function of ours that stands for Spark's bears its name, and so does a value its own: an
/// aggregate's name holds `Int64(1)` for 1.
pub(super) fn text(expr: &Expr) -> String {
    let text = expr.human_display().to_string().replace("unglue_", "");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('(') {
        let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        let value = after.split_once(')').filter(|(value, _)| !value.contains('('));
        match value {
            Some((value, after)) if LITERALS.contains(&&before[name.len()..]) => {
                plain.extend([name, value]);
                rest = after;
            }
            _ => {
                plain.extend([before, "("]);
                rest = after;
            }
        }
    }
    plain + rest
}

/// What the engine writes around values.
const LITERALS: [&str; 7] = ["Int8", "Int16", "Int32", "Int64", "Float64", "Boolean", "Utf8"];
