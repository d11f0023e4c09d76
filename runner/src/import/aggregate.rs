//! `Aggregate`: groups, with Spark's names of its functions' results, such as `sum(amount)`. Pure.

use super::fields::Fields;
use super::frame::Frame;
use super::operation;
use super::written::{Written, select};
use crate::scaffold::names::quoted;

/// What the node offers.
const FUNCTIONS: [&str; 15] = [
    "avg",
    "countDistinct",
    "count",
    "first",
    "last",
    "kurtosis",
    "max",
    "min",
    "skewness",
    "stddev_samp",
    "stddev_pop",
    "sum",
    "sumDistinct",
    "var_samp",
    "var_pop",
];

pub(super) fn written(fields: Fields<'_>, input: &Frame) -> Written {
    let groups = fields.paths("Groups");
    let (mut items, mut notes) = (Vec::new(), Vec::new());
    let by: Vec<String> = groups.iter().map(|path| input.sql(path)).collect();
    items.extend(by.iter().cloned());
    for aggregate in fields.objects("Aggs") {
        let (Some(path), Some(function)) = (aggregate.path("Column"), aggregate.text("AggFunc"))
        else {
            continue;
        };
        let known = FUNCTIONS.iter().find(|known| known.eq_ignore_ascii_case(function));
        let Some(function) = known else {
            return Written::by_hand(format!("an aggregate {function}"));
        };
        if input.is_operation(&path) || groups.iter().any(|path| input.is_operation(path)) {
            return Written::by_hand(format!(
                "the node counts by DMS's operation. {}",
                operation::left_out(input)
            ));
        }
        let column = input.sql(&path);
        let bare = path.iter().map(|name| input.name(name)).collect::<Vec<_>>().join(".");
        let (call, name) = match *function {
            "countDistinct" => {
                (format!("count(DISTINCT {column})"), format!("count(DISTINCT {bare})"))
            }
            "sumDistinct" => (format!("sum(DISTINCT {column})"), format!("sum(DISTINCT {bare})")),
            other => (format!("{other}({column})"), format!("{other}({bare})")),
        };
        if matches!(*function, "first" | "last") {
            notes.push(format!("{name} is of any row of its group, as in Spark: two runs may differ, so say which row is meant"));
        }
        items.push(format!("{call} AS {}", quoted(&name)));
    }
    if items.is_empty() {
        return Written::by_hand("the node neither groups nor computes");
    }
    let mut sql = select(&items, &input.from());
    if !by.is_empty() {
        sql = format!("{sql}\nGROUP BY {}", by.join(", "));
    }
    Written::select(sql).notes(notes)
}
