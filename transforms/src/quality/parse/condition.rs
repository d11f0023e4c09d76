//! Conditions and what they compare with. Which kind of condition a rule takes is judged later.

use super::super::lexer::Token;
use super::super::syntax::{Condition, Keyword, Number, Operand, Operator, Shift, Span, SpanUnit};
use super::super::{ENTRIES_MAX, TERMS_MAX};
use super::{Parser, Result};

const SIZES: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Result<Condition> {
        let at = self.at();
        let is_negated = self.took_word(&["not"]);
        let operator = if self.took_word(&["between"]) {
            if is_negated { Operator::NotBetween } else { Operator::Between }
        } else if self.took_word(&["in"]) {
            if is_negated { Operator::NotIn } else { Operator::In }
        } else if self.took_word(&["matches"]) {
            if is_negated { Operator::NotMatches } else { Operator::Matches }
        } else if is_negated {
            return Err(self.expected("`between`, `in` or `matches`"));
        } else {
            self.comparison()?
        };
        let operands = match operator {
            Operator::Between | Operator::NotBetween => {
                let from = self.operand()?;
                if !self.took_word(&["and", "AND"]) {
                    return Err(self.expected("`and`"));
                }
                vec![from, self.operand()?]
            }
            Operator::In | Operator::NotIn if !self.is_sign("$") => {
                let at = self.at();
                let operands = self.list(Self::operand)?;
                if operands.is_empty() {
                    return Err(self.error_at(at, "an empty list"));
                }
                operands
            }
            _ => vec![self.operand()?],
        };
        Ok(Condition { at, operator, operands })
    }

    fn comparison(&mut self) -> Result<Operator> {
        let operator = match self.peek() {
            Token::Sign(">") => Operator::Greater,
            Token::Sign(">=") => Operator::GreaterOrEqual,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessOrEqual,
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!") => {
                self.next += 1;
                if !self.is_sign("=") {
                    return Err(self.expected("`=` after `!`"));
                }
                Operator::NotEqual
            }
            _ => return Err(self.expected("a condition such as `> 0`")),
        };
        self.next += 1;
        Ok(operator)
    }

    pub(super) fn operand(&mut self) -> Result<Operand> {
        let keyword = match self.peek() {
            Token::Text(text) => {
                let operand = Operand::Text(text.clone());
                self.next += 1;
                return Ok(operand);
            }
            Token::Sign("$") => {
                self.next += 1;
                return Ok(Operand::Variable(self.word("a variable's name")?));
            }
            Token::Sign("(") if matches!(self.ahead(1), Token::Word(word) if word == "now") => {
                return self.shifted_now();
            }
            Token::Word(word) => match word.as_str() {
                "null" | "NULL" => Some(Keyword::Null),
                "empty" | "EMPTY" => Some(Keyword::Empty),
                "whitespaces_only" | "WHITESPACES_ONLY" => Some(Keyword::WhitespacesOnly),
                "now" => {
                    self.now()?;
                    return Ok(Operand::Now(None));
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(keyword) = keyword {
            self.next += 1;
            return Ok(Operand::Keyword(keyword));
        }
        if let Some(operand) = self.measured()? {
            return Ok(operand);
        }
        Ok(Operand::Number(self.number()?))
    }

    /// `now()`.
    fn now(&mut self) -> Result<()> {
        if !self.took_word(&["now"]) {
            return Err(self.expected("`now()`"));
        }
        self.sign("(")?;
        self.sign(")")
    }

    /// `(now() - 3 days)`.
    fn shifted_now(&mut self) -> Result<Operand> {
        self.sign("(")?;
        self.now()?;
        let shift = if self.took_sign("-") {
            Shift::Before
        } else if self.took_sign("+") {
            Shift::After
        } else {
            return Err(self.expected("`-` or `+`"));
        };
        let Some(Operand::Span(span)) = self.measured()? else {
            return Err(self.expected("a time such as `3 days`"));
        };
        self.sign(")")?;
        Ok(Operand::Now(Some((shift, span))))
    }

    /// A number of a unit.
    fn measured(&mut self) -> Result<Option<Operand>> {
        let (Token::Word(digits), Token::Word(unit)) = (self.peek(), self.ahead(1)) else {
            return Ok(None);
        };
        let size = SIZES.iter().find(|size| *size == unit);
        let span = match unit.as_str() {
            "minutes" => Some(SpanUnit::Minutes),
            "hours" => Some(SpanUnit::Hours),
            "days" => Some(SpanUnit::Days),
            _ => None,
        };
        if size.is_none() && span.is_none() {
            return Ok(None);
        }
        // Of days, so many fit into what the engine's times hold.
        let Some(amount) = digits.parse().ok().filter(|amount: &u32| *amount <= 1_000_000) else {
            return Err(self.error("not a whole number up to 1000000"));
        };
        let amount = u64::from(amount);
        self.next += 2;
        Ok(match (span, size) {
            (Some(unit), _) => Some(Operand::Span(Span { amount, unit })),
            (None, Some(unit)) => Some(Operand::Size { amount, unit }),
            (None, None) => None,
        })
    }

    /// Operators are taken from left to right, whichever they are: the grammar gives them one rank.
    fn number(&mut self) -> Result<Number> {
        let mut number = self.term()?;
        for count in 1.. {
            let Token::Sign(sign @ ("+" | "-" | "*" | "/")) = *self.peek() else { break };
            if count > TERMS_MAX {
                return Err(self.error(format!("a number of more than {TERMS_MAX} terms")));
            }
            self.next += 1;
            number = Number::Binary(Box::new(number), sign, Box::new(self.term()?));
        }
        Ok(number)
    }

    fn term(&mut self) -> Result<Number> {
        if self.took_sign("(") {
            let inner = self.nested(Self::number)?;
            self.sign(")")?;
            return Ok(Number::Group(Box::new(inner)));
        }
        let at = self.at();
        let sign = if self.took_sign("-") { "-" } else { "" };
        let what = "a number, a text in quotes or a keyword such as NULL";
        let Token::Word(word) = self.peek() else { return Err(self.expected(what)) };
        let word = word.clone();
        if is_number(&word) {
            self.next += 1;
            return Ok(Number::Literal(format!("{sign}{word}")));
        }
        if sign.is_empty() && matches!(self.ahead(1), Token::Sign("(")) {
            self.next += 1;
            return self.call(word);
        }
        let error = self.error_at(at, format!("expected {what}, found `{sign}{word}`"));
        Err(if sign.is_empty() { error.help("texts stand between \"quotes\"") } else { error })
    }

    fn call(&mut self, name: String) -> Result<Number> {
        self.sign("(")?;
        let mut arguments = Vec::new();
        while !self.is_sign(")") && arguments.len() < ENTRIES_MAX {
            arguments.push(self.nested(Self::number)?);
            if !self.took_sign(",") {
                break;
            }
        }
        self.sign(")")?;
        Ok(Number::Call(name, arguments))
    }
}

/// `12` or `1.5`.
fn is_number(word: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match word.split_once('.') {
        None => is_digits(word),
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
    }
}
