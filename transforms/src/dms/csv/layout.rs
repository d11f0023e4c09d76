//! Which field of an object's rows is what.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;

use super::split::Record;
use super::value::{ColumnSpec, is_supported};
use crate::dms::drift::{DriftPolicy, Extent};
use crate::dms::op::Op;
use crate::dms::settings::{CsvFormat, Settings};
use crate::functions::sql_type;
use staged::ObjectKind;

/// The fields expected in an object: `[Op] [table, schema] [timestamp column] columns…`, in this order unless a header tells
/// another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub columns: Vec<ColumnSpec>,
    /// Indexes of the key's columns. They are NOT NULL whatever their specs say.
    pub key: Vec<usize>,
    /// Rows begin with an operation: all changes, and full loads with `IncludeOpForFullLoad`.
    pub has_op: bool,
    /// With `has_op`: an object may have no operations at all, which its header or the width of its first row tells.
    pub op_may_lack: bool,
    /// Others make a row a bad one: the declaration is wrong.
    pub ops: Ops,
    /// `TimestampColumnName`. If a column of this name is declared the field is read into it, else
    /// passed over.
    pub timestamp_column: Option<String>,
    pub csv: CsvFormat,
    /// Rows have the names of their table and its schema behind the operation, and those of other tables are passed over
    /// (`PreserveTransactions`).
    pub of_table: Option<TableName>,
    /// The column that orders the rows, which each of them has then, also one that deletes. Changes alone have it.
    pub change_sequence: Option<usize>,
    /// For each column of the key, in key order, the one that holds what it was before the change; empty without such. Changes alone
    /// have them.
    pub before_key: Vec<usize>,
    /// Whether rows may lack columns, which are NULL then.
    pub drift: DriftPolicy,
    /// The declaration that the first rows of the object are compared with, if they are.
    pub first_look: Option<Arc<Declared>>,
}

/// What a layout comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub settings: Settings,
    pub kind: ObjectKind,
    /// Indexes of the columns with the key before a change; empty without such.
    pub before_key: Vec<usize>,
}

/// A table of the source database, as DMS names its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    pub schema: String,
    pub table: String,
}

impl TableName {
    /// Whose a row is. One that is too broken to say is everyone's.
    pub(super) fn owner(&self, row: &Record<'_>) -> Owner {
        let mut names = row.fields().skip(1).map(|field| field.text);
        let (Some(table), Some(schema)) = (names.next(), names.next()) else { return Owner::This };
        let (own_table, own_schema) = (self.table.as_bytes(), self.schema.as_bytes());
        if table == own_table && schema == own_schema {
            Owner::This
        } else if table.eq_ignore_ascii_case(own_table) && schema.eq_ignore_ascii_case(own_schema) {
            Owner::Misspelt
        } else {
            Owner::Other
        }
    }
}

/// The table that a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    This,
    Other,
    /// This one, as it seems, but its name is written in another case.
    Misspelt,
}

/// The operations that changes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ops {
    #[default]
    All,
    /// `CdcInsertsOnly`.
    InsertsOnly,
    /// `CdcInsertsAndUpdates`.
    InsertsAndUpdates,
}

/// A header that does not fit.
#[derive(Debug)]
pub(in crate::dms) struct BadHeader {
    /// Each thing that is wrong.
    pub(in crate::dms) reasons: Vec<String>,
    /// DDL at the source may have led to it, and not a wrong setting.
    pub(in crate::dms) drift: bool,
}

/// A layout that cannot be read by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error(
        "column `{column}` has the type {}, which cannot be read from DMS objects",
        sql_type(data_type)
    )]
    Type { column: String, data_type: DataType },
    #[error("column {index} is asked for, but there are {count}")]
    NoSuchColumn { index: usize, count: usize },
}

/// What a field of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dms) enum Role {
    Op,
    PassedOver,
    Column(usize),
}

impl Layout {
    /// The same for objects of a kind that are written by these settings.
    pub(crate) fn with_settings(&self, settings: &Settings, kind: ObjectKind) -> Self {
        let no_sup_value = settings.csv.no_sup_value.clone().filter(|_| kind == ObjectKind::Change);
        Self {
            has_op: self.of_table.is_some() || settings.has_op(kind),
            op_may_lack: !settings.preserve_transactions && settings.op_may_lack(kind),
            ops: settings.ops(),
            timestamp_column: settings.timestamp_column_name.clone(),
            csv: CsvFormat { no_sup_value, ..settings.csv.clone() },
            ..self.clone()
        }
    }

    /// The same for an object without operations: all its rows are inserts.
    pub(in crate::dms) fn without_op(&self) -> Self {
        Self { has_op: false, op_may_lack: false, ..self.clone() }
    }

    /// Whether an object whose columns have names has no operations, as it may.
    pub(in crate::dms) fn lacks_op(&self, header: &[String]) -> bool {
        self.op_may_lack && header.first().is_some_and(|name| !same_name(name, "Op"))
    }

    /// The number of fields in a row.
    pub fn width(&self) -> usize {
        self.roles().len()
    }

    /// The least number of fields in a row without a header: the operation, the timestamp column, the key and one column
    /// are always there.
    pub(super) fn least_width(&self) -> usize {
        let roles = self.roles();
        if self.drift == DriftPolicy::Refuse {
            return roles.len();
        }
        let is_needed = |role: &Role| match role {
            Role::Op | Role::PassedOver => true,
            Role::Column(index) => !self.may_lack(*index),
        };
        let first_column = roles.iter().position(|role| matches!(role, Role::Column(_)));
        roles.iter().rposition(is_needed).max(first_column).map_or(roles.len(), |last| last + 1)
    }

    /// Whether rows may lack a column.
    fn may_lack(&self, index: usize) -> bool {
        self.drift == DriftPolicy::Widen
            && !self.is_of_deletes(index)
            && self.columns.get(index).is_some_and(|spec| spec.nullable)
    }

    /// The names in a header that the layout does not have, if it may get them; none if this is no header of the table.
    pub(in crate::dms) fn extent_of_header(&self, header: &[String]) -> Option<Extent> {
        let has = |index: usize| {
            self.columns
                .get(index)
                .is_some_and(|c| header.iter().any(|name| same_name(name, &c.name)))
        };
        let is_header =
            (0..self.columns.len()).any(has) && self.key.iter().all(|index| has(*index));
        if self.drift == DriftPolicy::Refuse || !is_header {
            return None;
        }
        let is_unknown = |(index, name): &(usize, &String)| {
            // An operation that is not declared is a wrong setting.
            self.role_of(*index, name).is_none() && !(*index == 0 && same_name(name, "Op"))
        };
        let unknown = header.iter().enumerate().filter(is_unknown);
        let names: Vec<String> = unknown.map(|(_, name)| name.to_lowercase()).collect();
        // One that is there twice is refused when the header is read.
        let is_twice = (1..names.len()).any(|index| names[..index].contains(&names[index]));
        (!names.is_empty() && !is_twice).then_some(Extent::Names(names))
    }

    pub(in crate::dms) fn check(&self, projection: &[usize]) -> Result<(), LayoutError> {
        if let Some(spec) = self.columns.iter().find(|spec| !is_supported(&spec.data_type)) {
            let (column, data_type) = (spec.name.clone(), spec.data_type.clone());
            return Err(LayoutError::Type { column, data_type });
        }
        let count = self.columns.len();
        match self.key.iter().chain(projection).find(|index| **index >= count) {
            Some(index) => Err(LayoutError::NoSuchColumn { index: *index, count }),
            None => Ok(()),
        }
    }

    /// Whether a row may move to another key: an insert has nothing before it, but for objects without operations.
    pub(in crate::dms) fn may_move(&self, op: Op) -> bool {
        op == Op::Update || !self.has_op
    }

    /// Whether a column is read of a row that deletes: it tells which row that is, or when.
    pub(in crate::dms) fn is_of_deletes(&self, column: usize) -> bool {
        self.key.contains(&column) || self.change_sequence == Some(column)
    }

    /// The roles of the fields of an object without a header.
    pub(super) fn roles(&self) -> Vec<Role> {
        let stamp = self.timestamp_column.as_deref();
        let stamped = stamp.and_then(|name| self.find(name));
        let op = self.has_op.then_some(Role::Op);
        let names = self.of_table.iter().flat_map(|_| [Role::PassedOver; 2]);
        let stamp = stamp.map(|_| stamped.map_or(Role::PassedOver, Role::Column));
        let columns = (0..self.columns.len()).filter(|index| Some(*index) != stamped);
        op.into_iter().chain(names).chain(stamp).chain(columns.map(Role::Column)).collect()
    }

    /// The roles of the fields under a header; names match without regard to case, in any order,
    /// but the operation comes first. Columns that may be lacking have no role then.
    pub(in crate::dms) fn roles_of_header(
        &self,
        header: &[String],
    ) -> Result<Vec<Role>, BadHeader> {
        let known: Vec<Option<Role>> =
            header.iter().enumerate().map(|(index, name)| self.role_of(index, name)).collect();
        // Its texts are those of a row, then, and must not be told.
        if !known.iter().flatten().any(|role| matches!(role, Role::Column(_))) {
            let reasons = vec!["first row names none of the declared columns: is AddColumnName declared where objects have no header?".to_owned()];
            return Err(BadHeader { reasons, drift: false });
        }
        let (mut wrong, mut drift) = (Vec::new(), true);
        // A column may be called as the operation is.
        let operations = usize::from(known.first() == Some(&Some(Role::Op)));
        for (index, (name, role)) in header.iter().zip(&known).enumerate() {
            if role.is_none() {
                let is_op = index == 0 && same_name(name, "Op");
                drift &= !is_op;
                wrong.push(match is_op {
                    true => "header begins with `Op`, which is not declared: is IncludeOpForFullLoad missing, or CdcInsertsOnly declared?".to_owned(),
                    false => format!("header has column `{name}` which is not declared"),
                });
            } else if header
                .iter()
                .take(index)
                .skip(operations)
                .any(|earlier| same_name(earlier, name))
            {
                wrong.push(format!("header has column `{name}` twice"));
            }
        }
        for (index, name) in self.names() {
            let may_lack = index.is_some_and(|index| self.may_lack(index));
            let is_there = header.iter().any(|found| same_name(found, name));
            if !may_lack && !is_there {
                let is_stamp = index.is_none();
                drift &= !is_stamp;
                wrong.push(match is_stamp {
                    true => format!(
                        "header does not have column `{name}`: is TimestampColumnName another one?"
                    ),
                    false => format!("header does not have column `{name}`"),
                });
            }
        }
        if self.has_op && known.first().is_some_and(|role| *role != Some(Role::Op)) {
            drift = false;
            wrong.push("header does not begin with `Op`: are CdcInsertsOnly or CdcInsertsAndUpdates missing?".to_owned());
        }
        if wrong.is_empty() {
            Ok(known.into_iter().flatten().collect())
        } else {
            Err(BadHeader { reasons: wrong, drift })
        }
    }

    /// The operation that a text says, or why it cannot be taken.
    pub(in crate::dms) fn op(&self, text: &[u8]) -> Result<Op, String> {
        let op = Op::parse(text).ok_or("not an operation (I, U or D expected)")?;
        // Without a key no row can be found again: only inserts have a meaning.
        if op != Op::Insert && self.key.is_empty() {
            return Err(format!("{op} needs a PRIMARY KEY, the source has none"));
        }
        let unexpected = match self.ops {
            Ops::InsertsOnly if op != Op::Insert => "CdcInsertsOnly",
            Ops::InsertsAndUpdates if op == Op::Delete => "CdcInsertsAndUpdates",
            Ops::All | Ops::InsertsOnly | Ops::InsertsAndUpdates => return Ok(op),
        };
        Err(format!("{op} is not written with {unexpected}, which is declared"))
    }

    fn role_of(&self, index: usize, name: &str) -> Option<Role> {
        if index == 0 && self.has_op && same_name(name, "Op") {
            return Some(Role::Op);
        }
        let stamp = self.timestamp_column.as_deref().filter(|stamp| same_name(stamp, name));
        self.find(name).map(Role::Column).or(stamp.map(|_| Role::PassedOver))
    }

    fn names(&self) -> impl Iterator<Item = (Option<usize>, &str)> {
        let stamp = self.timestamp_column.as_deref().filter(|stamp| self.find(stamp).is_none());
        let columns = self.columns.iter().enumerate();
        let columns = columns.map(|(index, spec)| (Some(index), spec.name.as_str()));
        stamp.map(|stamp| (None, stamp)).into_iter().chain(columns)
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|spec| same_name(&spec.name, name))
    }
}

/// Whether a text is what `$AR_H_CHANGE_SEQ` gives: a time of 16 digits and a number of 19, so that it sorts as a text (DMS guide,
/// "Using transformation rule expressions").
#[must_use]
pub fn is_change_sequence(text: &[u8]) -> bool {
    text.len() == 35 && text.iter().all(u8::is_ascii_digit)
}

/// Column names of MySQL, and of our SQL, do not distinguish case.
pub fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}
