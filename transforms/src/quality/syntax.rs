//! A ruleset as it is written. Its `Display` is the form in which Glue shows rules, and is DQDL again.

mod print;

/// Line and column, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The line.
    pub line: u64,
    /// The character in the line.
    pub column: u64,
}

/// A whole document.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruleset {
    /// `Metadata = {…}`: keys and values.
    pub metadata: Vec<(String, Entry)>,
    /// `Primary` of `DataSources = {…}`.
    pub primary: Option<(String, At)>,
    /// `AdditionalDataSources` of it.
    pub additional: Vec<(String, At)>,
    /// `name = "x"`, `name = ["x", "y"]`.
    pub variables: Vec<Variable>,
    /// Labels of all rules that say nothing else.
    pub default_labels: Vec<Label>,
    /// The rules, in order.
    pub rules: Vec<Rule>,
    /// The analyzers, which are not run.
    pub analyzers: Vec<Leaf>,
}

/// A value of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// One text.
    One(String),
    /// A list of texts.
    Many(Vec<String>),
}

/// A variable's declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Where it stands.
    pub at: At,
    /// Its name, without `$`.
    pub name: String,
    /// Its texts and keywords.
    pub values: Vec<Operand>,
    /// Whether it is a list, of one value too.
    pub is_list: bool,
}

/// `"key"="value"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The key, as written.
    pub key: String,
    /// The value, as written.
    pub value: String,
}

/// A rule, or several combined.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// One rule.
    Leaf(Leaf),
    /// `(rule) and (rule)`.
    Composite {
        /// How they are combined.
        operator: Logical,
        /// At least two.
        rules: Vec<Rule>,
        /// Labels of the whole.
        labels: Vec<Label>,
    },
}

impl Rule {
    /// Where it begins.
    #[must_use]
    pub fn at(&self) -> At {
        match self {
            Self::Leaf(leaf) => leaf.at,
            Self::Composite { rules, .. } => {
                rules.first().map_or(At { line: 1, column: 1 }, Self::at)
            }
        }
    }

    /// Its own labels.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        match self {
            Self::Leaf(leaf) => &leaf.labels,
            Self::Composite { labels, .. } => labels,
        }
    }
}

/// How rules are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logical {
    /// All must pass.
    And,
    /// One must pass.
    Or,
}

/// `RuleType param… condition? where "sql"? labels=[…]? with tag…`.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Where it begins.
    pub at: At,
    /// The rule's type.
    pub kind: String,
    /// What it is about.
    pub params: Vec<Param>,
    /// What is asked of it.
    pub condition: Option<Condition>,
    /// The SQL of `where`, as written, and its place.
    pub filter: Option<(String, At)>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// `with name condition`.
    pub tags: Vec<Tag>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Where it stands.
    pub at: At,
    /// `of` or `and` before it.
    pub connector: Option<&'static str>,
    /// What it is.
    pub value: ParamValue,
}

/// What a parameter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamValue {
    /// A text in quotes, as written.
    Text(String),
    /// A word.
    Word(String),
    /// `$name`.
    Variable(String),
}

/// `with name condition`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Where it stands.
    pub at: At,
    /// Its name, such as `threshold`.
    pub name: String,
    /// What it says.
    pub condition: Condition,
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Where it begins.
    pub at: At,
    /// How values are compared.
    pub operator: Operator,
    /// With what: two of `between`, any number of `in`, else one.
    pub operands: Vec<Operand>,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `between`, without the bounds themselves.
    Between,
    /// `not between`.
    NotBetween,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `=`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
    /// `matches`.
    Matches,
    /// `not matches`.
    NotMatches,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A number, or what gives one.
    Number(Number),
    /// A text in quotes, as written. Dates and times are texts too.
    Text(String),
    /// A keyword.
    Keyword(Keyword),
    /// `$name`.
    Variable(String),
    /// `now()`, or an amount before or after it.
    Now(Option<(Shift, Span)>),
    /// `24 hours`.
    Span(Span),
    /// `5 MB`.
    Size {
        /// How many.
        amount: u64,
        /// Of what, as written.
        unit: &'static str,
    },
}

/// Values that are no texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// No value.
    Null,
    /// The text without characters.
    Empty,
    /// A text of blanks only.
    WhitespacesOnly,
}

/// Before or after now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// `-`.
    Before,
    /// `+`.
    After,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub amount: u64,
    /// Of what.
    pub unit: SpanUnit,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanUnit {
    /// `minutes`.
    Minutes,
    /// `hours`.
    Hours,
    /// `days`.
    Days,
}

/// A number, or what gives one.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// Digits, as written, with `-` before negative ones.
    Literal(String),
    /// `avg(last(10))`: of the results of earlier runs.
    Call(String, Vec<Number>),
    /// The operators have no order: `1 + 2 * 3` is 9, as in Glue's grammar.
    Binary(Box<Number>, &'static str, Box<Number>),
    /// In parentheses.
    Group(Box<Number>),
}
