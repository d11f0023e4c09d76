//! Which rules there are and what each takes: rules-config.json of awslabs/dqdl, and the rules that deequ has besides.

use std::ops::RangeInclusive;

use crate::place::DefinitionError;
use crate::sql::nearest;

use super::syntax::Leaf;

/// A type of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    RowCount,
    ColumnCount,
    ZerosCount,
    Completeness,
    IsComplete,
    Uniqueness,
    IsUnique,
    IsPrimaryKey,
    UniqueValueRatio,
    DistinctValuesCount,
    DuplicateRowCount,
    ColumnValues,
    ColumnDataType,
    ColumnExists,
    ColumnNamesMatchPattern,
    ColumnLength,
    Mean,
    Sum,
    Range,
    StandardDeviation,
    Variance,
    Skewness,
    Kurtosis,
    Entropy,
    ColumnCorrelation,
    DataFreshness,
    CustomSql,
    ReferentialIntegrity,
    SchemaMatch,
    AggregateMatch,
    RowCountMatch,
    DatasetMatch,
}

/// Whether a rule has a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nothing,
    Condition,
    Either,
}

/// What a type of rules takes.
#[derive(Debug)]
struct RuleType {
    name: &'static str,
    kind: Kind,
    params: RangeInclusive<usize>,
    asks: Asks,
    /// Whether `where` may stand behind it.
    filter: bool,
    /// What may stand behind `with`.
    tags: &'static [&'static str],
}

const fn rule(
    name: &'static str,
    kind: Kind,
    params: RangeInclusive<usize>,
    asks: Asks,
    filter: bool,
) -> RuleType {
    RuleType { name, kind, params, asks, filter, tags: &[] }
}

const ANY: usize = usize::MAX;

const TYPES: [RuleType; 32] = [
    rule("RowCount", Kind::RowCount, 0..=0, Asks::Condition, true),
    rule("ColumnCount", Kind::ColumnCount, 0..=0, Asks::Condition, false),
    rule("ZerosCount", Kind::ZerosCount, 1..=1, Asks::Condition, true),
    rule("Completeness", Kind::Completeness, 1..=1, Asks::Condition, true),
    rule("IsComplete", Kind::IsComplete, 1..=1, Asks::Nothing, true),
    rule("Uniqueness", Kind::Uniqueness, 1..=ANY, Asks::Condition, true),
    rule("IsUnique", Kind::IsUnique, 1..=ANY, Asks::Nothing, true),
    rule("IsPrimaryKey", Kind::IsPrimaryKey, 1..=ANY, Asks::Nothing, true),
    rule("UniqueValueRatio", Kind::UniqueValueRatio, 1..=1, Asks::Condition, true),
    rule("DistinctValuesCount", Kind::DistinctValuesCount, 1..=1, Asks::Condition, true),
    rule("DuplicateRowCount", Kind::DuplicateRowCount, 0..=ANY, Asks::Condition, true),
    RuleType {
        tags: &["threshold"],
        ..rule("ColumnValues", Kind::ColumnValues, 1..=1, Asks::Condition, true)
    },
    RuleType {
        tags: &["threshold", "format"],
        ..rule("ColumnDataType", Kind::ColumnDataType, 1..=1, Asks::Condition, true)
    },
    rule("ColumnExists", Kind::ColumnExists, 1..=1, Asks::Nothing, false),
    rule("ColumnNamesMatchPattern", Kind::ColumnNamesMatchPattern, 1..=1, Asks::Nothing, false),
    rule("ColumnLength", Kind::ColumnLength, 1..=1, Asks::Condition, true),
    rule("Mean", Kind::Mean, 1..=1, Asks::Condition, true),
    rule("Sum", Kind::Sum, 1..=1, Asks::Condition, true),
    rule("Range", Kind::Range, 1..=1, Asks::Condition, true),
    rule("StandardDeviation", Kind::StandardDeviation, 1..=1, Asks::Condition, true),
    rule("Variance", Kind::Variance, 1..=1, Asks::Condition, true),
    rule("Skewness", Kind::Skewness, 1..=1, Asks::Condition, true),
    rule("Kurtosis", Kind::Kurtosis, 1..=1, Asks::Condition, true),
    rule("Entropy", Kind::Entropy, 1..=1, Asks::Condition, true),
    rule("ColumnCorrelation", Kind::ColumnCorrelation, 2..=2, Asks::Condition, true),
    rule("DataFreshness", Kind::DataFreshness, 1..=1, Asks::Condition, true),
    RuleType {
        tags: &["threshold"],
        ..rule("CustomSql", Kind::CustomSql, 1..=1, Asks::Either, false)
    },
    rule("ReferentialIntegrity", Kind::ReferentialIntegrity, 2..=2, Asks::Condition, false),
    rule("SchemaMatch", Kind::SchemaMatch, 1..=1, Asks::Condition, false),
    rule("AggregateMatch", Kind::AggregateMatch, 2..=2, Asks::Condition, false),
    rule("RowCountMatch", Kind::RowCountMatch, 1..=1, Asks::Condition, false),
    rule("DatasetMatch", Kind::DatasetMatch, 2..=3, Asks::Condition, false),
];

/// Rules of Glue or deequ that cannot be evaluated here, and why.
const REFUSED: [(&str, &str); 7] = [
    ("DetectAnomalies", "compares with the results of earlier runs, which are not kept"),
    ("AllStatistics", "is an analyzer, no rule"),
    ("FileFreshness", "is about files, and a model is a table"),
    ("FileMatch", "is about files, and a model is a table"),
    ("FileSize", "is about files, and a model is a table"),
    ("FileUniqueness", "is about files, and a model is a table"),
    ("InterquartileRange", "needs all values of the column in memory"),
];

/// The type of a rule that has all that it needs, and nothing that it does not take.
///
/// # Errors
/// An unknown type, one that cannot be evaluated, another number of parameters, parts that do not belong to it.
pub(super) fn kind_of(file: &str, leaf: &Leaf) -> Result<Kind, DefinitionError> {
    let name = &leaf.kind;
    let error =
        |message: String| DefinitionError::in_file(file, message).at(leaf.at.line, leaf.at.column);
    if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| refused == name) {
        let help = "take the rule out, or say the same with another, such as CustomSql";
        return Err(error(format!("`{name}` {why}")).help(help));
    }
    let Some(found) = TYPES.iter().find(|found| found.name == *name) else {
        let error = error(format!("there is no rule `{name}`"));
        let help = match nearest(name, TYPES.iter().map(|found| found.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "docs/quality.md lists the rules that there are".to_owned(),
        };
        return Err(error.help(help));
    };
    let given = leaf.params.len();
    if !found.params.contains(&given) {
        let (least, most) = (*found.params.start(), *found.params.end());
        let wanted = match (least, most) {
            (0, 0) => "no parameter".to_owned(),
            (1, 1) => "one parameter".to_owned(),
            (least, ANY) => format!("at least {least}"),
            (least, most) if least == most => format!("{least} parameters"),
            (least, most) => format!("{least} or {most} parameters"),
        };
        let error = error(format!("`{name}` takes {wanted}, and there are {given}"));
        let is_rule = leaf.params.iter().any(|param| param.connector == Some("and"));
        return Err(match is_rule {
            true => error.help("rules are combined in parentheses: (…) and (…)"),
            false => error,
        });
    }
    match (found.asks, &leaf.condition) {
        (Asks::Condition, None) => {
            return Err(error(format!("`{name}` without a condition")).help("such as `> 0`"));
        }
        (Asks::Nothing, Some(_)) => return Err(error(format!("`{name}` takes no condition"))),
        _ => {}
    }
    if leaf.filter.is_some() && !found.filter {
        return Err(error(format!("`{name}` takes no `where`")));
    }
    if let Some(tag) = leaf.tags.iter().find(|tag| !found.tags.contains(&tag.name.as_str())) {
        let at = (tag.at.line, tag.at.column);
        let error =
            DefinitionError::in_file(file, format!("`{name}` takes no `with {}`", tag.name));
        return Err(error.at(at.0, at.1));
    }
    Ok(found.kind)
}
