//! One row: its fields to columns, or what is wrong with it.

use super::fault::Fault;
use super::layout::{Layout, Role, is_change_sequence};
use super::left_out::LeftOut;
use super::row_error::RowError;
use super::split::{Field, Record};
use super::text;
use super::value::ColumnReader;
use super::width::{Misfit, Widths};
use crate::dms::drift::{Extent, added_name};
use crate::dms::op::Op;

/// What came of reading a row.
pub(super) enum Row {
    Good(Op),
    /// Not told into fields: no column has got a value.
    Unread(RowError),
    /// Too wide or too narrow: no column has got a value.
    Misfit(RowError),
    /// Too wide, and else a good row: the table may have become wider.
    Wider(RowError, Extent),
    /// All columns have got a value, some of them in place of one that cannot be read.
    Bad(Vec<RowError>),
}

pub(super) struct Column {
    pub(super) reader: ColumnReader,
    /// Whether it is read of a row that deletes.
    pub(super) is_of_deletes: bool,
    /// Whether it is the change sequence, or a part of the key before a change.
    pub(super) is_sequence: bool,
    pub(super) is_before: bool,
    /// Whether it is read of a row that deletes as far as it can be: without a value there it is NULL.
    pub(super) is_commit: bool,
}

impl Column {
    fn read(&mut self, field: Field<'_>, null_value: Option<&[u8]>) -> Result<(), Fault> {
        if self.is_sequence && !is_change_sequence(field.text) {
            return Err(Fault::NotAChangeSequence);
        }
        self.reader.read(field, null_value)
    }
}

/// What a row is read into.
pub(super) struct Into<'a> {
    pub(super) columns: &'a mut [Column],
    pub(super) left_out: &'a mut LeftOut,
}

/// Reads a row into the columns.
pub(super) fn read(
    layout: &Layout,
    roles: &[Role],
    widths: &Widths,
    absent: &[usize],
    Into { columns, left_out }: Into<'_>,
    record: Record<'_>,
) -> Row {
    let error = |column, reason| RowError { line: record.line(), column, reason };
    if let Some(fault) = record.fault() {
        return Row::Unread(error(None, fault.to_string()));
    }
    let wider = match widths.check(&record) {
        Ok(()) => None,
        Err(Misfit { reason, beyond: Some(beyond) }) => Some((error(None, reason), beyond)),
        Err(Misfit { reason, beyond: None }) => return Row::Misfit(error(None, reason)),
    };
    let null_value = layout.csv.null_value.as_deref().map(str::as_bytes);
    let no_sup_value = layout.csv.no_sup_value.as_deref().map(str::as_bytes);
    let mut op = Op::Insert;
    let mut errors = Vec::new();
    left_out.begin_row();
    let mut parts_before = 0;
    for (role, field) in roles.iter().zip(record.fields()) {
        match *role {
            Role::PassedOver => {}
            // The first of all, if there is one.
            Role::Op => match layout.op(field.text) {
                Ok(found) => op = found,
                Err(reason) => return Row::Unread(error(Some("Op".to_owned()), reason)),
            },
            Role::Column(index) => {
                let Some(column) = columns.get_mut(index) else { continue };
                // PostgreSQL logs only the key of a deleted row (its default replica identity),
                // and DMS writes nothing for the rest: whatever stands there is not the row.
                if op == Op::Delete && !column.is_of_deletes {
                    if !column.is_commit || column.reader.read(field, null_value).is_err() {
                        column.reader.append_null();
                    }
                    continue;
                }
                let is_left_out =
                    no_sup_value.is_some_and(|text| !field.quoted && field.text == text);
                if is_left_out && !column.is_of_deletes {
                    column.reader.append_null();
                    left_out.note(index);
                    continue;
                }
                let read = match is_left_out {
                    true => Err(Fault::NotLogged),
                    false => column.read(field, null_value),
                };
                if column.is_before && read.is_ok() && !column.reader.is_null(field, null_value) {
                    parts_before += 1;
                }
                if let Err(fault) = read {
                    column.reader.append_null();
                    let name = layout.columns.get(index).map(|spec| spec.name.clone());
                    errors.push(error(name, fault.to_string()));
                }
            }
        }
    }
    let has_before = layout.may_move(op) && parts_before > 0;
    if errors.is_empty() && has_before && parts_before < layout.before_key.len() {
        errors.push(error(None, Fault::HalfAKey.to_string()));
    }
    append_lacking(columns, roles.iter().skip(record.width()), absent);
    // Of a row that deletes nothing but the key is read, so it tells of no column.
    let wider = wider.filter(|_| op != Op::Delete);
    if wider.is_some() {
        errors.extend(bad_texts(&record, roles));
    }
    if !errors.is_empty() {
        return Row::Bad(errors);
    }
    wider.map_or(Row::Good(op), |(error, beyond)| Row::Wider(error, beyond))
}

/// NULL in the columns that a row, or the header, does not have.
fn append_lacking<'a>(
    columns: &mut [Column],
    narrower: impl Iterator<Item = &'a Role>,
    absent: &'a [usize],
) {
    let narrower = narrower.filter_map(|role| match role {
        Role::Column(index) => Some(index),
        Role::Op | Role::PassedOver => None,
    });
    for index in narrower.chain(absent) {
        if let Some(column) = columns.get_mut(*index) {
            column.reader.append_null();
        }
    }
}

/// What is wrong with the fields that a row has more: columns that are added are texts.
fn bad_texts(record: &Record<'_>, roles: &[Role]) -> Vec<RowError> {
    let beside = roles.iter().filter(|role| !matches!(role, Role::Column(_))).count();
    let of_field = |(at, field): (usize, Field<'_>)| {
        let fault = text::utf8(field.text, false).err()?;
        let column = Some(added_name(at + 1 - beside));
        Some(RowError { line: record.line(), column, reason: fault.to_string() })
    };
    record.fields().enumerate().skip(roles.len()).filter_map(of_field).collect()
}
