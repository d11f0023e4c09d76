//! The sections of a document.

use super::super::ENTRIES_MAX;
use super::super::lexer::Token;
use super::super::syntax::{At, Entry, Label, Operand, Ruleset, Variable};
use super::{Parser, Result, hinted};

const SECTIONS: [&str; 5] = ["Metadata", "DataSources", "DefaultLabels", "Rules", "Analyzers"];

impl Parser<'_> {
    /// Sections may come in any order, each once. Rules or analyzers must be there.
    pub(super) fn document(mut self) -> Result<Ruleset> {
        let mut ruleset = Ruleset {
            metadata: Vec::new(),
            primary: None,
            additional: Vec::new(),
            variables: Vec::new(),
            default_labels: Vec::new(),
            rules: Vec::new(),
            analyzers: Vec::new(),
        };
        let mut seen: Vec<String> = Vec::new();
        while *self.peek() != Token::End {
            let at = self.at();
            let name = self.word("a section such as `Rules = […]`")?;
            if seen.contains(&name) {
                return Err(self.error_at(at, format!("`{name}` is there twice")));
            }
            if seen.len() >= ENTRIES_MAX {
                return Err(self.error_at(at, format!("more than {ENTRIES_MAX} variables")));
            }
            if !self.took_sign("=") {
                let error = self.error_at(at, format!("`{name}` without a `=`"));
                return Err(if SECTIONS.contains(&name.as_str()) {
                    error.help(format!("write `{name} = …`"))
                } else {
                    hinted(error, &name, SECTIONS)
                });
            }
            match name.as_str() {
                "Metadata" => ruleset.metadata = self.metadata()?,
                "DataSources" => self.sources(&mut ruleset)?,
                "DefaultLabels" => ruleset.default_labels = self.list(Self::label)?,
                "Rules" => ruleset.rules = self.list(Self::rule)?,
                "Analyzers" => ruleset.analyzers = self.list(Self::analyzer)?,
                _ => ruleset.variables.push(self.variable(at, name.clone())?),
            }
            seen.push(name);
        }
        if ruleset.rules.is_empty() && ruleset.analyzers.is_empty() {
            return Err(self.error("there are no rules").help("write Rules = [ … ]"));
        }
        Ok(ruleset)
    }

    /// Glue knows one key, `Version`.
    fn metadata(&mut self) -> Result<Vec<(String, Entry)>> {
        let pairs = self.dictionary(&["Version"], |parser| {
            if parser.is_sign("[") {
                return Ok(Entry::Many(parser.list(|parser| parser.text("a text in quotes"))?));
            }
            Ok(Entry::One(parser.text("a text in quotes")?))
        })?;
        Ok(pairs)
    }

    fn sources(&mut self, ruleset: &mut Ruleset) -> Result<()> {
        let name = |parser: &mut Self| {
            let at = parser.at();
            Ok((parser.text("a name in quotes")?, at))
        };
        let (primary, additional) = ("Primary", "AdditionalDataSources");
        let known = [primary, additional];
        for (key, names) in self.dictionary(&known, |parser| match parser.is_sign("[") {
            true => Ok((true, parser.at(), parser.list(name)?)),
            false => Ok((false, parser.at(), vec![name(parser)?])),
        })? {
            let (is_list, at, mut names) = names;
            match (key.as_str(), is_list) {
                ("Primary", false) => ruleset.primary = names.pop(),
                (_, true) if key == additional => ruleset.additional = names,
                ("Primary", true) => return Err(self.error_at(at, "`Primary` is one name")),
                _ => return Err(self.error_at(at, format!("`{key}` is a list: [\"name\"]"))),
            }
        }
        Ok(())
    }

    /// `{ "key": value, … }`.
    fn dictionary<T>(
        &mut self,
        known: &[&str],
        mut value: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<(String, T)>> {
        self.sign("{")?;
        let mut pairs: Vec<(String, T)> = Vec::new();
        loop {
            let at = self.at();
            let key = self.text("a key in quotes")?;
            if !known.contains(&key.as_str()) {
                let error = self.error_at(at, "an unknown key");
                return Err(error.help(format!("there is {}", known.join(", "))));
            }
            if pairs.iter().any(|(other, _)| *other == key) {
                return Err(self.error_at(at, format!("`{key}` is there twice")));
            }
            self.sign(":")?;
            pairs.push((key, value(self)?));
            if !self.took_sign(",") {
                break;
            }
        }
        if !self.took_sign("}") {
            return Err(self.expected("`,` or `}`"));
        }
        Ok(pairs)
    }

    fn variable(&mut self, at: At, name: String) -> Result<Variable> {
        if name.starts_with(['.', '_']) {
            let message = format!("variable `{name}` begins with `.` or `_`");
            return Err(self.error_at(at, message));
        }
        let is_list = self.is_sign("[");
        let keywords = ["NULL", "EMPTY", "WHITESPACES_ONLY"];
        let is_value = match self.ahead(usize::from(is_list)) {
            Token::Text(_) => true,
            Token::Word(word) => keywords.contains(&word.to_uppercase().as_str()),
            _ => false,
        };
        if !is_value {
            let message = format!("`{name}` is no section, and no text or list of texts");
            return Err(hinted(self.error_at(at, message), &name, SECTIONS));
        }
        let entry = |parser: &mut Self| match (parser.at(), parser.operand()?) {
            (_, operand @ (Operand::Text(_) | Operand::Keyword(_))) => Ok(operand),
            (at, _) => Err(parser.error_at(at, "a variable holds texts only")),
        };
        let values = if is_list { self.list(entry)? } else { vec![entry(self)?] };
        Ok(Variable { at, name, values, is_list })
    }

    pub(super) fn label(&mut self) -> Result<Label> {
        let key = self.text("a label: \"key\"=\"value\"")?;
        self.sign("=")?;
        Ok(Label { key, value: self.text("the label's value in quotes")? })
    }
}
