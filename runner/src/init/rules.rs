//! Columns that rules of the task add and that say something about their row: the key before a change, and the change sequence. Pure.

use transforms::dms::csv::same_name;
use transforms::dms::{ObjectKind, Op};

use super::draft::Draft;
use super::grid::Row;
use super::layout::Laid;
use crate::doctor::finding::Finding;

/// What the guide's examples put before a column's name.
const PREFIX: &str = "BI_";

impl Draft {
    /// Declares them as what they are, once the key is known. Not with `drift = "widen"`, which takes new columns for them.
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
        let images = if laid.is_named { self.by_names() } else { self.by_place() };
        let Some((prefix, images)) =
            images.filter(|(_, images)| self.are_images(&laid.rows, images))
        else {
            return;
        };
        for (image, key) in images.iter().zip(self.key.clone()) {
            let Some(key) = self.columns.get(key) else { continue };
            let (name, sql_type) = (format!("{prefix}{}", key.name), key.sql_type.clone());
            if let Some(column) = self.columns.get_mut(*image) {
                column.sql_type = sql_type;
                if !laid.is_named {
                    column.name = name;
                }
            }
        }
        let because = "columns hold values in updates alone, as rules add-before-image-columns make them for a key";
        self.option("BeforeImagePrefix", &prefix, because);
    }

    fn is_sequence(&self, rows: &[Row], index: usize) -> bool {
        let is_sequence = |row: &&Row| {
            let text = row.values.get(index).and_then(Option::as_deref).unwrap_or_default();
            text.len() == 35 && text.iter().all(u8::is_ascii_digit)
        };
        let mut changes = rows.iter().filter(|row| row.kind == ObjectKind::Change).peekable();
        !self.key.contains(&index)
            && changes.peek().is_some()
            && changes.all(|row| is_sequence(&row))
    }

    /// Columns that are named as the key's are, all with the same before it.
    fn by_names(&self) -> Option<(String, Vec<usize>)> {
        let key: Vec<&str> = self.key.iter().filter_map(|index| self.name(*index)).collect();
        let first = key.first()?;
        let prefixes = self.columns.iter().filter_map(|column| {
            let cut = column.name.len().checked_sub(first.len())?;
            let (prefix, rest) = column.name.split_at_checked(cut)?;
            (!prefix.is_empty() && same_name(rest, first)).then_some(prefix)
        });
        let place =
            |name: String| self.columns.iter().position(|column| same_name(&column.name, &name));
        let mut found = prefixes.filter_map(|prefix| {
            let images: Option<Vec<usize>> =
                key.iter().map(|name| place(format!("{prefix}{name}"))).collect();
            Some((prefix.to_owned(), images?))
        });
        found.next()
    }

    /// The last columns, as many as the key has.
    fn by_place(&self) -> Option<(String, Vec<usize>)> {
        let from = self.columns.len().checked_sub(self.key.len())?;
        let images: Vec<usize> = (from..self.columns.len()).collect();
        let is_free = images.iter().all(|index| !self.key.contains(index));
        is_free.then(|| (PREFIX.to_owned(), images))
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

    fn name(&self, index: usize) -> Option<&str> {
        self.columns.get(index).map(|column| column.name.as_str())
    }

    /// Full-load objects of several folders are one table only if a parallel load wrote them.
    pub(super) fn told_of_folders(&mut self) {
        let folders: std::collections::BTreeSet<&str> = self
            .objects
            .iter()
            .filter(|key| key.contains("LOAD"))
            .filter_map(|key| Some(key.split_once('/')?.0))
            .collect();
        if folders.len() > 1 {
            let named = folders.into_iter().take(5).collect::<Vec<_>>().join(", ");
            let message = format!(
                "full-load objects lie in several folders ({named}), as those of a parallel load do"
            );
            self.say(Finding::warning("init.read", "", message).next(
                "if these are folders of tables, name each of them with a --from of its own",
            ));
        }
    }
}
