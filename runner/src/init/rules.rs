//! Columns that rules of the task add and that say something about their row: the key before a change, and the change sequence. Pure.

use std::collections::BTreeSet;

use transforms::dms::csv::{is_change_sequence, same_name};
use transforms::dms::{ObjectKind, Op};

use super::draft::Draft;
use super::grid::Row;
use super::layout::Laid;
use crate::doctor::finding::Finding;

/// What the guide's examples put before a column's name.
const PREFIX: &str = "BI_";

impl Draft {
    /// Declares them as what they are, once the key is known, where their names or values leave no doubt: a column that is wrongly taken
    /// for a key before a change would delete rows. Not with `drift = "widen"`, which takes new columns for them.
    pub(super) fn told_of_rules(&mut self, laid: &Laid) {
        if self.key.is_empty() || self.widens {
            return;
        }
        if let Some(index) =
            (0..self.columns.len()).find(|index| self.is_sequence(&laid.rows, *index))
            && let Some(column) = self.columns.get_mut(index)
        {
            "VARCHAR(35)".clone_into(&mut column.sql_type);
            let name = column.name.clone();
            let because = "it holds 35 digits in each change, as $AR_H_CHANGE_SEQ gives";
            self.option("ChangeSequenceColumn", &name, because);
        }
        let images = if laid.is_named { self.by_names(&laid.rows) } else { None };
        if let Some(prefix) = images {
            let because = "columns so named hold values in updates alone, as rules add-before-image-columns make them for a key";
            self.option("BeforeImagePrefix", &prefix, because);
        } else if self.may_have_images(&laid.rows) {
            let message = "the last columns hold values in updates and none in inserts, as before-images of the key do";
            self.say(
                Finding::warning("init.option", "", message)
                    .next("if a rule add-before-image-columns makes them, name them as the key's columns with BI_ before it, and declare 'BeforeImagePrefix' 'BI_'; else an update of the key leaves the old row"),
            );
        }
    }

    fn is_sequence(&self, rows: &[Row], index: usize) -> bool {
        let is_sequence = |row: &&Row| {
            row.values.get(index).and_then(Option::as_deref).is_some_and(is_change_sequence)
        };
        let mut changes = rows.iter().filter(|row| row.kind == ObjectKind::Change).peekable();
        !self.key.contains(&index)
            && changes.peek().is_some()
            && changes.all(|row| is_sequence(&row))
    }

    /// What is before the names of columns that are named as the key's are and have their types.
    fn by_names(&self, rows: &[Row]) -> Option<String> {
        let image = |key: &usize| {
            let key = self.columns.get(*key)?;
            let wanted = format!("{PREFIX}{}", key.name);
            self.columns.iter().position(|column| {
                same_name(&column.name, &wanted) && column.sql_type == key.sql_type
            })
        };
        let images: Vec<usize> = self.key.iter().map(image).collect::<Option<_>>()?;
        let name = &self.columns.get(*images.first()?)?.name;
        let prefix = name.get(..PREFIX.len())?.to_owned();
        self.are_images(rows, &images).then_some(prefix)
    }

    /// The last columns, as many as the key has, if nothing speaks against it.
    fn may_have_images(&self, rows: &[Row]) -> bool {
        let Some(from) = self.columns.len().checked_sub(self.key.len()) else { return false };
        let images: Vec<usize> = (from..self.columns.len()).collect();
        let is_inserted = |row: &Row| row.kind == ObjectKind::Change && row.op == Op::Insert;
        rows.iter().any(is_inserted) && self.are_images(rows, &images)
    }

    /// Whether columns have values in updates, and in these alone.
    fn are_images(&self, rows: &[Row], images: &[usize]) -> bool {
        let there = |row: &Row| -> usize {
            let has = |index: &usize| row.values.get(*index).is_some_and(Option::is_some);
            images.iter().filter(|index| has(index)).count()
        };
        let of = |op: Op| rows.iter().filter(move |row| row.op == op).map(there);
        of(Op::Update).any(|there| there == images.len())
            && of(Op::Update).all(|there| there == 0 || there == images.len())
            && of(Op::Insert).all(|there| there == 0)
            && !self.key.iter().any(|index| images.contains(index))
    }

    /// The folders below the location that full-load objects lie in.
    pub(super) fn folders_of_loads(&self) -> BTreeSet<&str> {
        let loads = self.objects.iter().filter(|key| key.contains("LOAD"));
        loads.filter_map(|key| Some(key.split_once('/')?.0)).collect()
    }

    /// Full-load objects of folders are one table only if a parallel load wrote them.
    pub(super) fn told_of_folders(&mut self) {
        let folders = self.folders_of_loads();
        let named = folders.iter().copied().take(5).collect::<Vec<_>>().join(", ");
        let (message, next) = match folders.len() {
            0 => return,
            1 => (
                format!("full-load objects lie in a folder of their own ({named})"),
                "if this is the folder of a table, name it with --from",
            ),
            _ => (
                format!(
                    "full-load objects lie in several folders ({named}), as those of a parallel load do"
                ),
                "if these are folders of tables, name each of them with a --from of its own",
            ),
        };
        self.say(Finding::warning("init.read", "", message).next(next));
    }
}
