//! `Filter`: rows by conditions that are joined by AND or by OR. Pure.
//!
//! Glue evaluates them as Python over each row. There `None != "a"` is true, so a negated equality keeps rows with NULL, and a
//! comparison with None fails, which drops the row unless a condition before it has decided. `re.match` looks at the beginning of a text.

use datafusion::arrow::datatypes::DataType;

use super::fields::{Fields, Path};
use super::frame::Frame;
use super::operation;
use super::written::Written;
use crate::scaffold::names::{text, variables};

/// The operations that rows of a table as it stands may have had; those with D are no more.
const LIVE: [&str; 2] = ["I", "U"];

pub(super) fn written(fields: Fields<'_>, input: &Frame) -> Written {
    let joined_by_or =
        fields.text("LogicalOperator").is_some_and(|word| word.eq_ignore_ascii_case("OR"));
    let (mut conditions, mut notes) = (Vec::new(), Vec::new());
    let mut of_operation: Vec<[bool; 2]> = Vec::new();
    let mut keeps_null = false;
    for filter in fields.objects("Filters") {
        match Condition::read(filter) {
            Err(why) => return Written::by_hand(why),
            Ok(condition) if condition.is_of_operation(input) => {
                match condition.on_operation(input) {
                    Some(live) => of_operation.push(live),
                    None => {
                        return Written::by_hand(format!(
                            "a condition on {} that cannot be carried: a run applies DMS's operation, and the source is the table as it stands",
                            input.operation.join(", ")
                        ));
                    }
                }
            }
            Ok(condition) => {
                keeps_null |= condition.negated && condition.operation == "EQ";
                conditions.push((condition.sql(input), condition.needed(input)));
            }
        }
    }
    match on_operation(&of_operation, joined_by_or) {
        Operation::None => {}
        Operation::All => {
            notes.push(operation::left_out(input));
            if joined_by_or {
                conditions.clear();
            }
        }
        Operation::Nothing if joined_by_or && !conditions.is_empty() => {
            notes.push(operation::left_out(input));
        }
        Operation::Nothing => {
            return Written::by_hand(
                "the node takes deleted rows alone. A run deletes them from its tables by itself: remove this file and what reads it",
            );
        }
        Operation::Some => {
            return Written::by_hand(format!(
                "the node divides rows by {}, which is DMS's operation. A run applies it, and the source is the table as it stands: one branch with all rows does for inserts, updates and deletes",
                input.operation.join(", ")
            ));
        }
    }
    if keeps_null {
        notes.push("a negated equality keeps rows with NULL, as Glue does in Python".to_owned());
    }
    let mut sql = format!("SELECT *\nFROM {}", input.from());
    if let Some(condition) = if joined_by_or { any(conditions) } else { all(conditions) } {
        sql = format!("{sql}\nWHERE {condition}");
    }
    Written::select(sql).notes(notes).operation(input.operation.clone())
}

/// Conditions, each with the columns whose NULL makes it fail.
type Conditions = Vec<(String, Vec<String>)>;

fn all(conditions: Conditions) -> Option<String> {
    let conditions: Vec<String> = conditions.into_iter().map(|(condition, _)| condition).collect();
    Some(conditions.join("\n    AND ")).filter(|condition| !condition.is_empty())
}

/// One of them. What follows one that fails does not count.
fn any(conditions: Conditions) -> Option<String> {
    let mut conditions = conditions.into_iter().rev();
    let (mut joined, _) = conditions.next()?;
    for (condition, needed) in conditions {
        let there: Vec<String> =
            needed.iter().map(|column| format!("{column} IS NOT NULL AND ")).collect();
        joined = match there.concat() {
            there if there.is_empty() => format!("{condition}\n    OR {joined}"),
            there => format!("{condition}\n    OR {there}({joined})"),
        };
    }
    Some(joined)
}

/// What conditions on the operation mean for a table as it stands.
enum Operation {
    /// There are none.
    None,
    /// They hold for all rows.
    All,
    /// They hold for none.
    Nothing,
    /// They hold for rows that were inserted, or for those that were updated.
    Some,
}

fn on_operation(conditions: &[[bool; 2]], joined_by_or: bool) -> Operation {
    if conditions.is_empty() {
        return Operation::None;
    }
    let holds = |index: usize| {
        let mut each = conditions.iter().filter_map(|live| live.get(index).copied());
        if joined_by_or { each.any(|holds| holds) } else { each.all(|holds| holds) }
    };
    match (holds(0), holds(1)) {
        (true, true) => Operation::All,
        (false, false) => Operation::Nothing,
        _ => Operation::Some,
    }
}

/// One condition as it is written.
struct Condition {
    operation: String,
    negated: bool,
    values: Vec<Value>,
}

enum Value {
    Column(Path),
    Constant(String),
}

impl Condition {
    fn read(filter: Fields<'_>) -> Result<Self, String> {
        let operation = filter.text("Operation").unwrap_or_default().to_uppercase();
        let values = filter.objects("Values").into_iter().filter_map(|value| {
            let path = value.path("Value")?;
            let is_column =
                value.text("Type").is_some_and(|kind| kind.eq_ignore_ascii_case("COLUMNEXTRACTED"));
            Some(if is_column { Value::Column(path) } else { Value::Constant(path.concat()) })
        });
        let values: Vec<Value> = values.collect();
        let needed = match operation.as_str() {
            "EQ" | "LT" | "GT" | "LTE" | "GTE" | "REGEX" => 2,
            "ISNULL" => 1,
            other => return Err(format!("a condition of kind {other}")),
        };
        if values.len() < needed {
            return Err(format!("a condition {operation} without what it compares"));
        }
        Ok(Self { operation, negated: filter.is("Negated"), values })
    }

    fn columns(&self) -> impl Iterator<Item = &Path> {
        self.values.iter().filter_map(|value| match value {
            Value::Column(path) => Some(path),
            Value::Constant(_) => None,
        })
    }

    fn constant(&self) -> Option<&str> {
        self.values.iter().find_map(|value| match value {
            Value::Constant(text) => Some(text.as_str()),
            Value::Column(_) => None,
        })
    }

    fn is_of_operation(&self, input: &Frame) -> bool {
        self.columns().any(|path| input.is_operation(path))
    }

    /// Whether it holds for a row that was inserted, and for one that was updated.
    fn on_operation(&self, input: &Frame) -> Option<[bool; 2]> {
        let only_it = self.columns().all(|path| input.is_operation(path));
        let constant = self.constant().filter(|_| only_it && self.operation == "EQ")?;
        // Other words are none of DMS's.
        let _known = LIVE.iter().chain(&["D"]).find(|known| **known == constant)?;
        Some(LIVE.map(|operation| (operation == constant) != self.negated))
    }

    /// The columns that must not be NULL, or it fails.
    fn needed(&self, input: &Frame) -> Vec<String> {
        match self.operation.as_str() {
            "EQ" | "ISNULL" => Vec::new(),
            _ => self.columns().map(|path| input.sql(path)).collect(),
        }
    }

    fn sql(&self, input: &Frame) -> String {
        let data_type = self.columns().find_map(|path| data_type(path, input));
        let side = |index: usize| match self.values.get(index) {
            Some(Value::Column(path)) => input.sql(path),
            Some(Value::Constant(constant)) => literal(constant, data_type.as_ref()),
            None => "NULL".to_owned(),
        };
        let (left, right) = (side(0), side(1));
        let compared = |sign: &str| {
            let condition = format!("{left} {sign} {right}");
            if self.negated { format!("NOT {condition}") } else { condition }
        };
        match self.operation.as_str() {
            // With NULL on one side only it is false, and its negation true.
            "EQ" if self.negated => compared("<=>"),
            "EQ" => compared("="),
            "LT" => compared("<"),
            "GT" => compared(">"),
            "LTE" => compared("<="),
            "GTE" => compared(">="),
            "REGEX" => {
                let column =
                    self.columns().next().map_or_else(|| left.clone(), |path| input.sql(path));
                let not = if self.negated { "NOT " } else { "" };
                format!("{column} {not}RLIKE {}", pattern(self.constant().unwrap_or_default()))
            }
            _ => {
                let column =
                    self.columns().next().map_or_else(|| left.clone(), |path| input.sql(path));
                format!("{column} IS {}NULL", if self.negated { "NOT " } else { "" })
            }
        }
    }
}

fn data_type(path: &Path, input: &Frame) -> Option<DataType> {
    let name = path.first().filter(|_| path.len() == 1)?;
    input.column(name)?.data_type.clone()
}

/// A constant in the type of the column that it is compared with.
fn literal(constant: &str, data_type: Option<&DataType>) -> String {
    let quoted = || text(&variables(constant));
    let trimmed = constant.trim();
    match data_type {
        Some(data_type)
            if data_type.is_numeric() && trimmed.parse::<f64>().is_ok_and(f64::is_finite) =>
        {
            trimmed.to_owned()
        }
        Some(DataType::Boolean) if trimmed.eq_ignore_ascii_case("true") => "TRUE".to_owned(),
        Some(DataType::Boolean) if trimmed.eq_ignore_ascii_case("false") => "FALSE".to_owned(),
        Some(DataType::Date32) => format!("DATE {}", quoted()),
        Some(DataType::Timestamp(..)) => format!("TIMESTAMP {}", quoted()),
        _ => quoted(),
    }
}

/// A pattern that matches at the beginning, as Python's `re.match`.
fn pattern(constant: &str) -> String {
    let anchored = if constant.starts_with('^') && !constant.contains('|') {
        constant.to_owned()
    } else {
        format!("^(?:{constant})")
    };
    text(&variables(&anchored))
}
