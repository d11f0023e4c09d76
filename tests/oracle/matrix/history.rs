//! What happens to a table at the source.

use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;

use crate::oracle::value::{Cell, Kind};

/// The table's columns; the first two are its key.
pub(super) const COLUMNS: [(&str, Kind); 9] = [
    ("id", Kind::Int),
    ("part", Kind::Text),
    ("name", Kind::Text),
    ("price", Kind::Decimal),
    ("ratio", Kind::Double),
    ("sold", Kind::Date),
    ("moment", Kind::Timestamp),
    ("is_new", Kind::Boolean),
    ("data", Kind::Binary),
];
/// How many of them are the key.
pub(super) const KEY: usize = 2;

pub(super) type Row = Vec<Cell>;

/// The values that columns have, besides NULL. Texts are none that mean something else in some settings: nothing, `NULL`, blanks at
/// the end.
const POOLS: [&[&str]; 9] = [
    &["-3", "1", "2", "3", "2147483647"],
    &["a", "A", "ä,;|\t"],
    &[
        "x",
        "two\nlines",
        "say \"hi\", you",
        "semi;colon|bar\ttab",
        "日本語 😀",
        "\\n",
        " b",
        "it''s",
        "I",
        "0",
    ],
    &["0.00", "-1.50", "99999999.99"],
    // As DMS prints them, `%+.16e`.
    &[
        "+0.0000000000000000e+00",
        "+1.5000000000000000e+00",
        "-2.2500000000000000e+00",
        "+1.0485765000000000e+06",
    ],
    &["1970-01-01", "2024-02-29", "9999-12-31"],
    // No finer than ParquetTimestampInMillisecond.
    &["1970-01-01 00:00:00.000000", "2024-02-29 12:34:56.123000", "1969-12-31 23:59:59.999000"],
    &["true", "false"],
    &["00", "61ff", "6120"],
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Insert,
    Update,
    Delete,
}

/// A row that changed.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) op: Op,
    /// After the change; of a delete as it was.
    pub(super) row: Row,
    /// The row before an update.
    pub(super) before: Option<Row>,
}

/// A table and its changes.
#[derive(Debug)]
pub(super) struct History {
    pub(super) loaded: Vec<Row>,
    /// In objects, as many as [`super::writer::OBJECTS`].
    pub(super) changes: Vec<Vec<Change>>,
}

impl History {
    pub(super) fn new(rng: &mut TestRng) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        let is_free = |rows: &[Row], row: &Row| rows.iter().all(|other| other[..KEY] != row[..KEY]);
        while rows.len() < 6 {
            let new = row(rng);
            if is_free(&rows, &new) {
                rows.push(new);
            }
        }
        let loaded = rows.clone();
        let mut changes = Vec::new();
        for _ in 0..super::writer::OBJECTS {
            let mut object = Vec::new();
            while object.len() < 7 {
                let new = row(rng);
                match (below(rng, 6), is_free(&rows, &new)) {
                    (0 | 1, true) => {
                        rows.push(new.clone());
                        object.push(Change { op: Op::Insert, row: new, before: None });
                    }
                    (2, _) if !rows.is_empty() => {
                        let place = below(rng, rows.len());
                        let row = rows.remove(place);
                        object.push(Change { op: Op::Delete, row, before: None });
                    }
                    // Of the key, if the other one is free.
                    (3, true) if !rows.is_empty() => object.push(update(rng, &mut rows, new, 0)),
                    (4 | 5, _) if !rows.is_empty() => object.push(update(rng, &mut rows, new, KEY)),
                    _ => {}
                }
            }
            changes.push(object);
        }
        Self { loaded, changes }
    }
}

/// An update of some columns from one on.
fn update(rng: &mut TestRng, rows: &mut [Row], new: Row, from: usize) -> Change {
    let place = below(rng, rows.len());
    let before = rows[place].clone();
    for (index, value) in new.into_iter().enumerate().skip(from) {
        if index < KEY || below(rng, 3) == 0 {
            rows[place][index] = value;
        }
    }
    Change { op: Op::Update, row: rows[place].clone(), before: Some(before) }
}

fn row(rng: &mut TestRng) -> Row {
    let cell = |(index, pool): (usize, &&[&'static str])| {
        let is_null = index >= KEY && below(rng, 5) == 0;
        (!is_null).then(|| pool[below(rng, pool.len())])
    };
    POOLS.iter().enumerate().map(cell).collect()
}

/// A number below another one.
pub(super) fn below(rng: &mut TestRng, most: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % most
}
