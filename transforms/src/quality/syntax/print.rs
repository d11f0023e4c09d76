//! Rulesets as text.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::{
    Condition, Entry, Keyword, Label, Leaf, Logical, Number, Operand, Operator, Param, ParamValue,
    Rule, Ruleset, Shift, Span, SpanUnit, Tag, Variable,
};

/// Values with commas between them.
fn listed<T: Display>(f: &mut Formatter<'_>, values: &[T]) -> Result {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        value.fmt(f)?;
    }
    Ok(())
}

fn labels(f: &mut Formatter<'_>, name: &str, labels: &[Label]) -> Result {
    write!(f, "{name}=[")?;
    for (index, Label { key, value }) in labels.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}\"{key}\"=\"{value}\"")?;
    }
    f.write_char(']')
}

impl Display for Ruleset {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.metadata.is_empty() {
            let pairs = self.metadata.iter().map(|(key, value)| format!("\"{key}\": {value}"));
            writeln!(f, "Metadata = {{{}}}", pairs.collect::<Vec<_>>().join(", "))?;
        }
        let primary = self.primary.iter().map(|(name, _)| format!("\"Primary\": \"{name}\""));
        let names = self.additional.iter().map(|(name, _)| format!("\"{name}\""));
        let names = names.collect::<Vec<_>>().join(", ");
        let additional =
            (!names.is_empty()).then(|| format!("\"AdditionalDataSources\": [{names}]"));
        let sources = primary.chain(additional).collect::<Vec<_>>().join(", ");
        if !sources.is_empty() {
            writeln!(f, "DataSources = {{{sources}}}")?;
        }
        for Variable { name, values, is_list, .. } in &self.variables {
            write!(f, "{name} = {}", if *is_list { "[" } else { "" })?;
            listed(f, values)?;
            writeln!(f, "{}", if *is_list { "]" } else { "" })?;
        }
        if !self.default_labels.is_empty() {
            labels(f, "DefaultLabels", &self.default_labels)?;
            f.write_char('\n')?;
        }
        let rules: Vec<String> = self.rules.iter().map(|rule| format!("\n    {rule}")).collect();
        writeln!(f, "Rules = [{}\n]", rules.join(","))?;
        if !self.analyzers.is_empty() {
            let all: Vec<String> =
                self.analyzers.iter().map(|leaf| format!("\n    {leaf}")).collect();
            writeln!(f, "Analyzers = [{}\n]", all.join(","))?;
        }
        Ok(())
    }
}

impl Display for Entry {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::One(text) => write!(f, "\"{text}\""),
            Self::Many(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
                write!(f, "[{}]", texts.join(", "))
            }
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Leaf(leaf) => leaf.fmt(f),
            Self::Composite { operator, rules, labels: own } => {
                let rules: Vec<String> = rules.iter().map(|rule| format!("({rule})")).collect();
                let between = match operator {
                    Logical::And => " AND ",
                    Logical::Or => " OR ",
                };
                let rules = rules.join(between);
                if own.is_empty() {
                    return f.write_str(&rules);
                }
                write!(f, "({rules}) ")?;
                labels(f, "labels", own)
            }
        }
    }
}

impl Display for Leaf {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.kind)?;
        for param in &self.params {
            write!(f, " {param}")?;
        }
        if let Some(condition) = &self.condition {
            write!(f, " {condition}")?;
        }
        if let Some((filter, _)) = &self.filter {
            write!(f, " where \"{filter}\"")?;
        }
        if !self.labels.is_empty() {
            f.write_char(' ')?;
            labels(f, "labels", &self.labels)?;
        }
        for Tag { name, condition, .. } in &self.tags {
            write!(f, " with {name} {condition}")?;
        }
        Ok(())
    }
}

impl Display for Param {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(connector) = self.connector {
            write!(f, "{connector} ")?;
        }
        match &self.value {
            ParamValue::Text(text) => write!(f, "\"{text}\""),
            ParamValue::Word(word) => f.write_str(word),
            ParamValue::Variable(name) => write!(f, "${name}"),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} ", self.operator)?;
        match (self.operator, self.operands.as_slice()) {
            (Operator::Between | Operator::NotBetween, [from, to]) => write!(f, "{from} and {to}"),
            // A list, as lists of variables are written.
            (Operator::In | Operator::NotIn, [Operand::Variable(name)]) => write!(f, "${name}"),
            (Operator::In | Operator::NotIn, operands) => {
                f.write_char('[')?;
                listed(f, operands)?;
                f.write_char(']')
            }
            (_, operands) => listed(f, operands),
        }
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Between => "between",
            Self::NotBetween => "not between",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Matches => "matches",
            Self::NotMatches => "not matches",
        })
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Keyword(Keyword::Null) => f.write_str("NULL"),
            Self::Keyword(Keyword::Empty) => f.write_str("EMPTY"),
            Self::Keyword(Keyword::WhitespacesOnly) => f.write_str("WHITESPACES_ONLY"),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Now(None) => f.write_str("now()"),
            Self::Now(Some((Shift::Before, span))) => write!(f, "(now() - {span})"),
            Self::Now(Some((Shift::After, span))) => write!(f, "(now() + {span})"),
            Self::Span(span) => span.fmt(f),
            Self::Size { amount, unit } => write!(f, "{amount} {unit}"),
        }
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let unit = match self.unit {
            SpanUnit::Minutes => "minutes",
            SpanUnit::Hours => "hours",
            SpanUnit::Days => "days",
        };
        write!(f, "{} {unit}", self.amount)
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Literal(digits) => f.write_str(digits),
            Self::Call(name, arguments) => {
                write!(f, "{name}(")?;
                listed(f, arguments)?;
                f.write_char(')')
            }
            Self::Binary(left, operator, right) => write!(f, "{left} {operator} {right}"),
            Self::Group(inner) => write!(f, "({inner})"),
        }
    }
}
