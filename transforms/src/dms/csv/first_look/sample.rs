//! What stands in the first rows, told into fields by some layout.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::decode::Decoder;
use super::super::layout::{Layout, Role};
use super::super::reject::BadRows;
use super::super::split::{Record, Splitter};
use super::is_text;
use crate::dms::op::Op;

/// Counts of rows, or of fields in them. A header is left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) rows: usize,
    /// Rows of one field.
    pub(super) single: usize,
    /// Rows that begin with an operation, and with an insert.
    pub(super) ops: usize,
    pub(super) inserts: usize,
    /// Rows whose timestamp stands where that of the endpoint would: behind the operation.
    pub(super) stamps: usize,
    /// Fields in quotes, and rows with a quote in another field.
    pub(super) quoted: usize,
    pub(super) bare_quotes: usize,
    /// Short fields without quotes in columns that are neither text nor binary.
    pub(super) words: BTreeMap<Vec<u8>, usize>,
}

impl Sample {
    /// Whether the first field of each row is the same `I`.
    pub(super) fn is_all_one_insert(&self) -> bool {
        self.rows > 0 && self.inserts == self.rows
    }

    fn note(&mut self, layout: &Layout, roles: &[Role], record: &Record<'_>) {
        self.rows += 1;
        self.single += usize::from(record.width() == 1);
        self.bare_quotes += usize::from(record.fault().is_some());
        self.quoted += record.fields().filter(|field| field.quoted).count();
        let mut fields = record.fields();
        let op = fields.next().and_then(|first| Op::parse(first.text));
        self.ops += usize::from(op.is_some());
        let is_insert =
            record.fields().next().is_some_and(|first| !first.quoted && first.text == b"I");
        self.inserts += usize::from(is_insert);
        let place = usize::from(layout.has_op) + if layout.of_table.is_some() { 2 } else { 0 };
        let stamp = record.fields().nth(place);
        self.stamps += usize::from(stamp.is_some_and(|field| is_stamp(field.text)));
        if record.width() != roles.len() {
            return;
        }
        for (role, field) in roles.iter().zip(record.fields()) {
            let column = match role {
                Role::Column(index) => layout.columns.get(*index),
                Role::Op | Role::PassedOver => None,
            };
            let is_word = !field.quoted && field.text.len() < 8;
            if is_word && column.is_some_and(|column| !is_text(column)) {
                *self.words.entry(field.text.to_vec()).or_default() += 1;
            }
        }
    }
}

/// What the endpoint writes into the column of `TimestampColumnName`: `yyyy-MM-dd HH:MM:SS.ffffff` ("S3Settings" of the DMS API
/// reference).
fn is_stamp(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00 00:00:00.000000";
    let is = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    text.len() == FORM.len() && text.iter().zip(FORM).all(is)
}

/// The rows as a layout tells them into fields, whether they can be read or not; none if they cannot even be told apart.
pub(super) fn split(layout: &Layout, text: &[u8]) -> Option<Sample> {
    let mut sample = Sample::default();
    let mut splitter = Splitter::new(&layout.csv, layout.width()).past_bare_quotes();
    splitter.push(text);
    splitter.end();
    // Of columns in another order the types are not known, but no word is looked for under a header.
    let roles = if layout.csv.header { Vec::new() } else { layout.roles() };
    let mut is_header = layout.csv.header;
    while let Some(record) = splitter.next_record().ok()? {
        if !std::mem::take(&mut is_header) {
            sample.note(layout, &roles, &record);
        }
    }
    Some(sample)
}

/// The same if all of them can be read.
pub(super) fn read(layout: &Layout, text: &[u8]) -> Option<Sample> {
    let rows = super::ROWS_MAX + 1;
    let mut decoder =
        Decoder::new(Arc::new(layout.clone()), rows, Some(Vec::new()), BadRows::Refuse).ok()?;
    decoder.push(text).ok()?;
    decoder.finish().ok()?;
    split(layout, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_six_digits_behind_its_seconds() {
        assert!(is_stamp(b"2026-02-02 10:00:00.000000"));
        for other in
            ["2026-02-02 10:00:00", "2026-02-02T10:00:00.000000", "2026-02-02 10:00:00.00000x"]
        {
            assert!(!is_stamp(other.as_bytes()), "{other}");
        }
    }
}
