//! Rules and how they are combined.

use super::super::lexer::Token;
use super::super::syntax::{Label, Leaf, Logical, Param, ParamValue, Rule, Tag};
use super::super::{ENTRIES_MAX, RULES_MAX};
use super::{Parser, Result};

const AND: [&str; 2] = ["and", "AND"];
const OR: [&str; 2] = ["or", "OR"];
const OF: [&str; 2] = ["of", "OF"];
/// Words that begin a condition, and so end the parameters.
const CONDITIONS: [&str; 4] = ["between", "in", "not", "matches"];

impl Parser<'_> {
    pub(super) fn rule(&mut self) -> Result<Rule> {
        self.nested(Self::either)
    }

    /// `and` binds closer than `or`.
    fn either(&mut self) -> Result<Rule> {
        let mut rules = vec![self.both()?];
        while self.took_word(&OR) {
            rules.push(self.both()?);
        }
        Ok(combined(Logical::Or, rules))
    }

    fn both(&mut self) -> Result<Rule> {
        let mut rules = vec![self.primary()?];
        while self.took_word(&AND) {
            rules.push(self.primary()?);
        }
        Ok(combined(Logical::And, rules))
    }

    fn primary(&mut self) -> Result<Rule> {
        if !self.took_sign("(") {
            return Ok(Rule::Leaf(self.leaf()?));
        }
        let mut rule = self.rule()?;
        self.sign(")")?;
        if let Some(own) = self.labels()? {
            match &mut rule {
                Rule::Leaf(leaf) => leaf.labels = own,
                Rule::Composite { labels, .. } => *labels = own,
            }
        }
        Ok(rule)
    }

    fn leaf(&mut self) -> Result<Leaf> {
        let (mut leaf, is_condition) = self.head("a rule")?;
        if is_condition {
            leaf.condition = Some(self.condition()?);
        }
        loop {
            if let Some(labels) = self.labels()? {
                leaf.labels = labels;
            } else if self.took_word(&["where"]) {
                let at = self.at();
                if leaf.filter.is_some() {
                    return Err(self.error("a second `where`"));
                }
                leaf.filter = Some((self.text("an SQL condition in quotes")?, at));
            } else if self.took_word(&["with"]) {
                let at = self.at();
                let name = self.word("`threshold`")?;
                let condition = self.condition()?;
                if leaf.tags.iter().any(|tag| tag.name == name) {
                    return Err(self.error_at(at, format!("a second `with {name}`")));
                }
                leaf.tags.push(Tag { at, name, condition });
            } else {
                return Ok(leaf);
            }
        }
    }

    pub(super) fn analyzer(&mut self) -> Result<Leaf> {
        let (leaf, is_condition) = self.head("an analyzer")?;
        if is_condition {
            return Err(self.error("an analyzer has no condition").help("make it a rule"));
        }
        Ok(leaf)
    }

    /// The type and the parameters, and whether a condition follows.
    fn head(&mut self, what: &str) -> Result<(Leaf, bool)> {
        let at = self.at();
        let kind = self.word(what)?;
        self.rules += 1;
        if self.rules > RULES_MAX {
            return Err(self.error_at(at, format!("more than {RULES_MAX} rules")));
        }
        let mut params = Vec::new();
        while let Some(param) = self.param()? {
            params.push(param);
            if params.len() > ENTRIES_MAX {
                return Err(self.error(format!("more than {ENTRIES_MAX} parameters")));
            }
        }
        let is_condition = self.is_word(&CONDITIONS)
            || matches!(self.peek(), Token::Sign(">" | ">=" | "<" | "<=" | "=" | "!"));
        let leaf = Leaf {
            at,
            kind,
            params,
            condition: None,
            filter: None,
            labels: Vec::new(),
            tags: Vec::new(),
        };
        Ok((leaf, is_condition))
    }

    fn param(&mut self) -> Result<Option<Param>> {
        let at = self.at();
        let is_rule_next = matches!(self.ahead(1), Token::Sign("("));
        let connector = if self.took_word(&OF) {
            Some("of")
        } else if !is_rule_next && self.took_word(&AND) {
            Some("and")
        } else {
            None
        };
        let is_end = self.is_word(&CONDITIONS)
            || self.is_word(&["where", "with"])
            || self.is_word(&AND)
            || self.is_word(&OR)
            || self.is_labels();
        let value = match self.peek() {
            Token::Text(text) => ParamValue::Text(text.clone()),
            Token::Word(word) if !is_end => ParamValue::Word(word.clone()),
            Token::Sign("$") => {
                self.next += 1;
                ParamValue::Variable(self.word("a variable's name")?)
            }
            _ if connector.is_some() => return Err(self.expected("a parameter")),
            _ => return Ok(None),
        };
        if !matches!(value, ParamValue::Variable(_)) {
            self.next += 1;
        }
        Ok(Some(Param { at, connector, value }))
    }

    fn is_labels(&self) -> bool {
        self.is_word(&["labels"]) && matches!(self.ahead(1), Token::Sign("="))
    }

    fn labels(&mut self) -> Result<Option<Vec<Label>>> {
        if !self.is_labels() {
            return Ok(None);
        }
        self.next += 2;
        Ok(Some(self.list(Self::label)?))
    }
}

/// One rule is itself. Rules that are combined in the same way are parts of one whole, as Glue shows them.
fn combined(operator: Logical, mut rules: Vec<Rule>) -> Rule {
    if rules.len() == 1
        && let Some(rule) = rules.pop()
    {
        return rule;
    }
    let parts = |rule: Rule| match rule {
        Rule::Composite { operator: inner, rules, labels }
            if inner == operator && labels.is_empty() =>
        {
            rules
        }
        rule => vec![rule],
    };
    let rules = rules.into_iter().flat_map(parts).collect();
    Rule::Composite { operator, rules, labels: Vec::new() }
}
