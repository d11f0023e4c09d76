//! Outcomes: what Glue's `EvaluateDataQuality` tells of each rule.

use std::collections::BTreeMap;

use super::measure::{Empty, Measured, Test, Verdict};
use super::syntax::{At, Logical};

/// Whether a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Passed,
    /// It does not.
    Failed,
}

impl Outcome {
    /// Glue's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
        }
    }
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleResult {
    /// Where it stands.
    pub at: At,
    /// The rule as it is written.
    pub rule: String,
    /// Whether it holds.
    pub outcome: Outcome,
    /// Why not. Numbers and names only, no texts of rows.
    pub failure_reason: Option<String>,
    /// The numbers that it was judged by, under Glue's names.
    pub evaluated_metrics: BTreeMap<String, f64>,
    /// The rule with its variables and arithmetic worked out.
    pub evaluated_rule: String,
    /// Its labels, and the default ones.
    pub labels: BTreeMap<String, String>,
}

/// A rule whose numbers are known by their places.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) at: At,
    pub(super) rule: String,
    pub(super) evaluated: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) tree: Tree,
}

/// Verdicts as they are combined.
#[derive(Debug)]
pub(super) enum Tree {
    Leaf(Verdict),
    Composite(Logical, Vec<Tree>),
}

/// What is known of a part of a rule.
struct Finding {
    passed: bool,
    reasons: Vec<String>,
    metrics: BTreeMap<String, f64>,
}

impl Judged {
    pub(super) fn judge(&self, measured: &Measured) -> RuleResult {
        let Finding { passed, reasons, metrics } = of_tree(&self.tree, measured);
        RuleResult {
            at: self.at,
            rule: self.rule.clone(),
            outcome: if passed { Outcome::Passed } else { Outcome::Failed },
            failure_reason: (!passed && !reasons.is_empty()).then(|| reasons.join("\n")),
            evaluated_metrics: metrics,
            evaluated_rule: self.evaluated.clone(),
            labels: self.labels.clone(),
        }
    }
}

/// Every part is evaluated, whatever the others are: `CompositeRulesExecutor` of deequ.
fn of_tree(tree: &Tree, measured: &Measured) -> Finding {
    match tree {
        Tree::Leaf(verdict) => of_verdict(verdict, measured),
        Tree::Composite(operator, parts) => {
            let parts: Vec<Finding> = parts.iter().map(|part| of_tree(part, measured)).collect();
            let passed = match operator {
                Logical::And => parts.iter().all(|part| part.passed),
                Logical::Or => parts.iter().any(|part| part.passed),
            };
            let (mut reasons, mut metrics) = (Vec::new(), BTreeMap::new());
            for part in parts {
                reasons.extend(part.reasons);
                metrics.extend(part.metrics);
            }
            Finding { passed, reasons, metrics }
        }
    }
}

fn of_verdict(verdict: &Verdict, measured: &Measured) -> Finding {
    let (mut reasons, mut metrics) = (Vec::new(), BTreeMap::new());
    match verdict {
        Verdict::Known { metric, failure } => {
            reasons.extend(failure.clone());
            metrics.extend(metric.clone());
        }
        Verdict::Tests(tests) => {
            for test in tests {
                let (value, reason) = of_test(test, measured);
                if let (Some(name), Some(value)) = (&test.metric, value) {
                    let _other = metrics.insert(name.clone(), value);
                }
                reasons.extend(reason);
            }
        }
    }
    Finding { passed: reasons.is_empty(), reasons, metrics }
}

/// The value, and why it is not as it should be.
fn of_test(test: &Test, measured: &Measured) -> (Option<f64>, Option<String>) {
    match test.value.compute(measured) {
        Err(()) => (None, Some("Custom SQL did not return exactly 1 row".to_owned())),
        Ok(None) => match test.empty {
            Empty::Passes => (None, None),
            Empty::Fails(why) => (None, Some(why.to_owned())),
        },
        Ok(Some(value)) if test.asked.holds(value) => (Some(value), None),
        Ok(Some(value)) => {
            let shown = test.said.map_or_else(|| format!("{value:?}"), str::to_owned);
            let reason = format!("Value: {shown} does not meet the constraint requirement!");
            (Some(value), Some(reason))
        }
    }
}
