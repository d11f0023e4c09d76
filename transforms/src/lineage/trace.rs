//! A plan, node by node, as one whose rows carry the positions of the source rows that they are made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::{
    Distinct, Expr, LogicalPlan, LogicalPlanBuilder, SubqueryAlias, TableScan, Union, lit, not,
};

use super::condition::{Condition, Demand, subquery_of};
use super::{Lineage, TracedScan};
use crate::model::way::sources;
use crate::scan::{DELETED, FORMER, POSITION, SourceTable, column};

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

/// All columns of a traced plan but the added ones.
pub(super) fn columns_but(traced: &Traced) -> impl Iterator<Item = Expr> {
    let columns = traced.plan.schema().columns().into_iter();
    columns.filter(|column| !traced.added.contains(&column.name)).map(Expr::Column)
}

/// A column that says whether values of a row are known: they are not of a key of which nothing but a delete is staged, of a row that is
/// missing in a join, and of a group that is not there.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: String,
    /// The columns whose values it is about; all if they have other names by now.
    pub(super) of: Option<BTreeSet<Column>>,
}

/// What has been found on the way.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    /// Whether what leaves rows out only says so.
    pub(super) keeps_all: bool,
    scans: Vec<TracedScan>,
    positions: Vec<String>,
    /// The columns with the positions of what deleted rows were before, by scan; only where all is kept.
    formers: Vec<String>,
    conditions: Vec<Condition>,
    /// The columns that say whether a condition is met, by condition.
    pub(super) flags: Vec<String>,
    /// What is not known of rows.
    pub(super) knowns: Vec<Known>,
    notes: Vec<String>,
    /// The names under which what is traced just now is read.
    aliases: Vec<String>,
    /// Names given out.
    named: usize,
}

impl Tracer {
    pub(super) fn new(keeps_all: bool) -> Self {
        Self { keeps_all, ..Self::default() }
    }

    pub(super) fn lineage(mut self, plan: &LogicalPlan) -> Result<Lineage> {
        let traced = self.trace(plan)?;
        let Self { scans, positions, formers, conditions, flags, notes, .. } = self;
        let added = positions.into_iter().chain(formers).chain(flags).collect();
        Ok(Lineage { plan: traced.plan, added, scans, conditions, notes })
    }

    pub(super) fn trace(&mut self, plan: &LogicalPlan) -> Result<Traced> {
        self.note_subqueries(plan)?;
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::SubqueryAlias(alias) => self.aliased(alias),
            LogicalPlan::Projection(projection) => {
                let traced = self.trace(&projection.input)?;
                self.rename(&traced.added, |_| None);
                traced.project(projection.expr.clone())
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
                self.rename(&added, |_| None);
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
            let flag = self.condition(Demand::NotDeleted(self.scans.len()), Vec::new());
            columns.push(not(added(DELETED)).alias(flag.as_str()));
            let former = self.name("former");
            columns.push(added(FORMER).alias(former.as_str()));
            let key: Vec<&str> = source.objects().source.key_names().collect();
            let values = scan.projected_schema.columns().into_iter();
            let known = self.known(values.filter(|column| !key.contains(&column.name.as_str())));
            let is_known = not(added(DELETED)).or(added(FORMER).is_not_null());
            columns.push(is_known.alias(known.as_str()));
            names.extend([flag, former.clone(), known]);
            self.formers.push(former);
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
        let name = &alias.alias;
        self.rename(&added, |column| Some(Column::new(Some(name.clone()), column.name)));
        let plan = SubqueryAlias::try_new(Arc::new(plan), alias.alias.clone())?;
        Ok(Traced { plan: LogicalPlan::SubqueryAlias(plan), added })
    }

    /// The rows of each part have no positions of the other parts' scans.
    fn union(&mut self, union: &Union) -> Result<Traced> {
        let parts = union.inputs.iter().map(|input| Ok((input, self.trace(input)?)));
        let parts: Vec<_> = parts.collect::<Result<_>>()?;
        for (_, part) in &parts {
            self.rename(&part.added, |_| None);
        }
        let added: Vec<String> = parts.iter().flat_map(|(_, part)| part.added.clone()).collect();
        let mut inputs = Vec::with_capacity(parts.len());
        for (input, part) in &parts {
            let all = added.iter().map(|name| {
                let own = column(name);
                if part.added.contains(name) { own } else { self.none(name) }
            });
            let all: Vec<Expr> = columns(input).chain(all).collect();
            let plan = LogicalPlanBuilder::from(part.plan.clone()).project(all)?.build()?;
            inputs.push(Arc::new(plan));
        }
        let plan = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
        Ok(Traced { plan, added })
    }

    /// The rows of plans that have the same columns, under these names: a union alone would take the tables from them.
    pub(super) fn united(&mut self, parts: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let own = parts.first().map(|part| part.schema().columns()).unwrap_or_default();
        let names: Vec<String> = own.iter().map(|_| self.name("of_all")).collect();
        let mut inputs = Vec::with_capacity(parts.len());
        for part in parts {
            let named = columns(&part).zip(&names).map(|(own, name)| own.alias(name.as_str()));
            let named: Vec<Expr> = named.collect();
            inputs.push(Arc::new(LogicalPlanBuilder::from(part).project(named)?.build()?));
        }
        let all = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
        let named = own.into_iter().zip(&names);
        let named = named.map(|(own, name)| column(name).alias_qualified(own.relation, own.name));
        LogicalPlanBuilder::from(all).project(named.collect::<Vec<_>>())?.build()
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
                if let Some(subquery) = subquery_of(inner) {
                    read.extend(sources(&subquery.subquery)?);
                }
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

    /// The name of a column that says whether a condition, which names some columns, is met.
    pub(super) fn condition(&mut self, demand: Demand, names: Vec<Column>) -> String {
        let flag = self.name("met");
        let within = self.aliases.clone();
        self.conditions.push(Condition { demand, place: None, names, inner: Vec::new(), within });
        self.flags.push(flag.clone());
        flag
    }

    /// The same of a condition with subqueries that name more.
    pub(super) fn condition_of_subquery(
        &mut self,
        demand: Demand,
        names: Vec<Column>,
        inner: Vec<Column>,
    ) -> String {
        let flag = self.condition(demand, names);
        if let Some(condition) = self.conditions.last_mut() {
            condition.inner = inner;
        }
        flag
    }

    /// The name of a column that says whether the values of some columns are known.
    pub(super) fn known(&mut self, of: impl Iterator<Item = Column>) -> String {
        let name = self.name("known");
        self.knowns.push(Known { name: name.clone(), of: Some(of.collect()) });
        name
    }

    /// Columns whose values may not be known have other names from here on, if it can be told.
    pub(super) fn rename(&mut self, added: &[String], as_what: impl Fn(Column) -> Option<Column>) {
        for known in self.knowns.iter_mut().filter(|known| added.contains(&known.name)) {
            let of = known.of.take().into_iter().flatten();
            known.of = of.map(&as_what).collect::<Option<BTreeSet<_>>>();
        }
    }

    pub(super) fn is_position(&self, name: &String) -> bool {
        self.positions.contains(name)
    }

    /// Whether nothing leaves a row out so far.
    pub(super) fn is_there(&self, added: &[String]) -> Option<Expr> {
        let flags = added.iter().filter(|name| self.flags.contains(name));
        flags.map(|name| column(name).is_not_false()).reduce(Expr::and)
    }

    /// Whether no row that a row is made of is deleted.
    pub(super) fn is_not_deleted(&self, added: &[String]) -> Option<Expr> {
        let flags = self.flags.iter().zip(&self.conditions);
        let flags = flags.filter(|(_, of)| matches!(of.demand, Demand::NotDeleted(_)));
        let flags = flags.filter(|(name, _)| added.contains(name));
        flags.map(|(name, _)| column(name).is_not_false()).reduce(Expr::and)
    }

    /// The rows that nothing leaves out.
    pub(super) fn there(&self, rows: Traced) -> Result<LogicalPlanBuilder> {
        let is_there = self.is_there(&rows.added);
        let plan = LogicalPlanBuilder::from(rows.plan);
        match is_there {
            Some(is_there) => plan.filter(is_there),
            None => Ok(plan),
        }
    }

    /// NULL in place of an added column.
    pub(super) fn none(&self, name: &String) -> Expr {
        let is_position = self.positions.contains(name) || self.formers.contains(name);
        let none = if is_position { ScalarValue::UInt64(None) } else { ScalarValue::Boolean(None) };
        lit(none).alias(name)
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
