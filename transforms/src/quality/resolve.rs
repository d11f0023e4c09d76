//! Rules as they are evaluated: variables have their values, numbers are computed.

use crate::place::DefinitionError;
use crate::sql::nearest;

use super::ENTRIES_MAX;
use super::number::computed;
use super::syntax::{
    At, Condition, Leaf, Number, Operand, Operator, Param, ParamValue, Tag, Variable,
};

type Result<T> = std::result::Result<T, DefinitionError>;

/// A rule without variables and arithmetic.
///
/// # Errors
/// Unknown variables, a list where one text is wanted, numbers of earlier runs, numbers that are not finite.
pub(super) fn resolve(file: &str, leaf: &Leaf, variables: &[Variable]) -> Result<Leaf> {
    let resolver = Resolver { file, variables };
    let params = leaf.params.iter().map(|param| resolver.param(param)).collect::<Result<_>>()?;
    let condition = leaf.condition.as_ref().map(|c| resolver.condition(c)).transpose()?;
    let tag = |tag: &Tag| {
        let condition = resolver.condition(&tag.condition)?;
        Ok(Tag { condition, ..tag.clone() })
    };
    let tags = leaf.tags.iter().map(tag).collect::<Result<_>>()?;
    Ok(Leaf { params, condition, tags, ..leaf.clone() })
}

/// A number as messages show it.
fn shown(number: &Number) -> String {
    const SHOWN_MAX: usize = 60;
    let text = number.to_string();
    if text.len() > SHOWN_MAX { "this".to_owned() } else { format!("`{text}`") }
}

struct Resolver<'a> {
    file: &'a str,
    variables: &'a [Variable],
}

impl Resolver<'_> {
    fn variable(&self, name: &str, at: At) -> Result<&Variable> {
        let names = || self.variables.iter().map(|variable| variable.name.as_str());
        self.variables.iter().find(|variable| variable.name == name).ok_or_else(|| {
            let error = self.error(at, format!("there is no variable `${name}`"));
            match nearest(name, names()) {
                Some(near) => error.help(format!("did you mean `${near}`?")),
                None => error.help(format!("declare it before Rules: {name} = \"…\"")),
            }
        })
    }

    fn param(&self, param: &Param) -> Result<Param> {
        let ParamValue::Variable(name) = &param.value else { return Ok(param.clone()) };
        match self.variable(name, param.at)?.values.as_slice() {
            [Operand::Text(text)] => {
                Ok(Param { value: ParamValue::Text(text.clone()), ..param.clone() })
            }
            _ => Err(self.error(param.at, format!("`${name}` is not one text"))),
        }
    }

    fn condition(&self, condition: &Condition) -> Result<Condition> {
        let at = condition.at;
        let mut operands = Vec::with_capacity(condition.operands.len());
        for operand in &condition.operands {
            match operand {
                Operand::Variable(name) => {
                    operands.extend(self.variable(name, at)?.values.iter().cloned());
                }
                Operand::Number(number) => operands.push(Operand::Number(self.number(number, at)?)),
                operand => operands.push(operand.clone()),
            }
            if operands.len() > ENTRIES_MAX {
                let message = format!("a list of more than {ENTRIES_MAX} entries");
                return Err(self.error(at, message));
            }
        }
        let wanted = match condition.operator {
            Operator::Between | Operator::NotBetween => Some(2),
            Operator::In | Operator::NotIn => None,
            _ => Some(1),
        };
        if wanted.is_some_and(|wanted| wanted != operands.len()) {
            let message = format!("a list of values behind `{}`", condition.operator);
            return Err(self.error(at, message).help("compare with lists by `in` or `not in`"));
        }
        Ok(Condition { operands, ..condition.clone() })
    }

    fn number(&self, number: &Number, at: At) -> Result<Number> {
        match computed(number) {
            // As it is written.
            Ok(_) if matches!(number, Number::Literal(_)) => Ok(number.clone()),
            Ok(value) => Ok(Number::Literal(value.to_string())),
            Err(Some(function)) => {
                let message = format!(
                    "`{function}(…)` is of the results of earlier runs, which are not kept"
                );
                Err(self.error(at, message).help("write the bound as a number"))
            }
            Err(None) => Err(self.error(at, format!("{} is not a finite number", shown(number)))),
        }
    }

    fn error(&self, at: At, message: String) -> DefinitionError {
        DefinitionError::in_file(self.file, message).at(at.line, at.column)
    }
}
