//! Columns that a rule `add-before-image-columns` adds: there and not declared, or declared and not there.

use super::super::layout::{Declared, Layout, Role};
use super::super::split::{Record, Splitter};
use super::sample;
use crate::dms::drift::DriftPolicy;
use crate::dms::op::Op;
use staged::ObjectKind;

/// Of rows that cannot be read as declared. Where objects may be wider, so may they be by these columns.
pub(super) fn contradiction(layout: &Layout, declared: &Declared, text: &[u8]) -> Option<String> {
    let is_told = layout.drift == DriftPolicy::Refuse && !layout.csv.header;
    if !is_told || layout.key.is_empty() {
        return None;
    }
    if declared.before_key.is_empty() {
        let is_there =
            declared.kind == ObjectKind::Change && layout.has_op && are_there(layout, text);
        return is_there.then(|| "the rows have as many more fields as the key has columns, and in updates these repeat the key: are they before-images, to be declared as columns and by BeforeImagePrefix or BeforeImageSuffix?".to_owned());
    }
    lacks_them(layout, declared, text).then(|| "the rows lack the columns of before-images at their end: is BeforeImagePrefix or BeforeImageSuffix declared, and the rule add-before-image-columns missing, or newer than the object?".to_owned())
}

/// Whether all rows are wider by the key, updates repeat it there (few change it), and inserts have nothing.
fn are_there(layout: &Layout, text: &[u8]) -> bool {
    let roles = layout.roles();
    let place = |column: &usize| roles.iter().position(|role| *role == Role::Column(*column));
    let Some(key) = layout.key.iter().map(place).collect::<Option<Vec<usize>>>() else {
        return false;
    };
    let mut splitter = Splitter::new(&layout.csv, roles.len());
    splitter.push(text);
    splitter.end();
    let mut updates = 0;
    while let Ok(Some(record)) = splitter.next_record() {
        if record.width() != roles.len() + key.len() {
            return false;
        }
        let fields: Vec<&[u8]> = record.fields().map(|field| field.text).collect();
        let before = fields.get(roles.len()..).unwrap_or_default();
        let repeats =
            key.iter().zip(before).all(|(place, before)| fields.get(*place) == Some(before));
        match op_of(&record) {
            Some(Op::Update) if repeats => updates += 1,
            Some(Op::Insert) if before.iter().all(|text| text.is_empty() || *text == b"NULL") => {}
            Some(Op::Delete) => {}
            _ => return false,
        }
    }
    updates > 0
}

fn op_of(record: &Record<'_>) -> Option<Op> {
    record.fields().next().and_then(|field| Op::parse(field.text))
}

/// Whether the rows can be read without the columns, which are the last ones.
fn lacks_them(layout: &Layout, declared: &Declared, text: &[u8]) -> bool {
    let rest = layout.columns.len().saturating_sub(declared.before_key.len());
    let is_last = declared.before_key.iter().all(|index| *index >= rest);
    let is_kept = |index: &usize| *index < rest;
    if !is_last || !layout.key.iter().chain(&layout.change_sequence).all(is_kept) {
        return false;
    }
    let columns = layout.columns.get(..rest).unwrap_or_default().to_vec();
    let other = Layout { columns, first_look: None, ..layout.clone() };
    sample::read(&other, text).is_some_and(|sample| sample.rows > 0)
}
