//! Generated histories: plain numbers that mean something only together with the sources and models of their case, so that
//! every part of one is a history too, and shrinking stays simple.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;

use super::source::{BadLine, CELLS, Format, Op, RawRow};
use super::world::How;

/// Sources of a case: `a`, `b` and `e`.
pub(super) const SOURCES: usize = 3;

/// Numbers below name a source that is read by a model, others any.
pub(super) const UNREAD: u8 = 60;

/// A job and all that happens to its staging folder.
#[derive(Clone)]
pub(super) struct Case {
    /// Picks the type of the key of `a`.
    pub(super) key: u8,
    /// Picks the type of the key of `b`.
    pub(super) other_key: u8,
    pub(super) formats: [Format; SOURCES],
    pub(super) turned: [u8; SOURCES],
    /// Picks templates.
    pub(super) models: Vec<u8>,
    pub(super) cores: u8,
    /// Rows in a batch of the engine.
    pub(super) batch_rows: usize,
    pub(super) loads: [Load; SOURCES],
    /// Whether bad rows are set aside; else objects have none.
    pub(super) has_rejects: bool,
    /// Whether runs look only at what is recent where that suffices; events tell of everything else.
    pub(super) is_recent: bool,
    /// Whether the full load alone is applied first.
    pub(super) is_eager: bool,
    /// What a person tries first when a run is refused.
    pub(super) on_trouble: How,
    pub(super) steps: Vec<Step>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("key", &self.key)
            .field("other_key", &self.other_key)
            .field("models", &self.models)
            .field("steps", &self.steps.len())
            .finish_non_exhaustive()
    }
}

/// Full-load objects.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) rows: Vec<RawRow>,
    /// Lines in its first object that are no rows.
    pub(super) bad: Vec<BadLine>,
    pub(super) objects: u8,
    pub(super) gzip: bool,
}

/// How a change object is named and packed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) gzip: bool,
    pub(super) dated: bool,
    pub(super) finer: bool,
    pub(super) respelled: bool,
}

/// What happens next.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// DMS writes a change object, which is seen only after so many runs; then there may be a run.
    Change {
        source: u8,
        rows: Vec<(Op, RawRow)>,
        bad: Vec<BadLine>,
        shape: Shape,
        late: u8,
        run: Option<bool>,
    },
    /// A run, `again` with a second one at once.
    Run { how: How, again: bool },
    /// A run that tries rows again that were set aside.
    Retry,
    /// The full load is written again, over the old objects.
    Reload { source: u8, load: Load, keep: bool },
    /// Another object of the full load comes.
    MoreLoad { source: u8, rows: Vec<RawRow> },
    /// A change object is written again.
    Rewrite { source: u8, pick: u8, rows: Vec<(Op, RawRow)>, bad: Vec<BadLine> },
    /// An object is deleted.
    Remove { source: u8, pick: u8 },
    /// A model's file is edited.
    Edit { model: u8 },
    /// Someone drops a model's table.
    Drop { model: u8 },
    /// A model's key is taken away by job.toml, or given back.
    Rekey { model: u8 },
    /// A model's table cannot be exchanged any more.
    Obstruct { model: u8 },
    /// A run meets a change object that is broken; it is taken away then.
    Broken { source: u8 },
    /// Someone puts a file into a source's folder that is not DMS's.
    Foreign { source: u8 },
}

/// All cases.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    let formats = [format(), format(), format()];
    let loads = [load(25), load(8), load(8)];
    (
        (any::<u8>(), any::<u8>(), any::<[u8; SOURCES]>(), 1..=3_u8, batch_rows()),
        formats,
        vec(any::<u8>(), 1..=4),
        loads,
        steps(),
        (prop::bool::weighted(0.8), prop::bool::weighted(0.4), prop::bool::weighted(0.7)),
        prop_oneof![1 => Just(How::Refresh), 1 => Just(How::Accept), 3 => Just(How::Ignore)],
    )
        .prop_map(|(job, formats, models, loads, steps, flags, on_trouble)| {
            let (is_eager, has_rejects, is_recent) = flags;
            let (key, other_key, turned, cores, batch_rows) = job;
            Case {
                key,
                other_key,
                formats,
                turned,
                models,
                cores,
                batch_rows,
                loads,
                has_rejects,
                is_recent,
                is_eager,
                on_trouble,
                steps,
            }
        })
}

fn batch_rows() -> impl Strategy<Value = usize> {
    prop_oneof![Just(8192_usize), 1..4_usize]
}

/// Most histories hold little but changes: a table that is built anew hides what was wrong in it.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![2 => vec(calm(), 1..14), 1 => vec(prop_oneof![2 => calm(), 1 => wild()], 1..16)]
}

fn source() -> impl Strategy<Value = u8> {
    0..UNREAD + 6
}

fn calm() -> impl Strategy<Value = Step> {
    let late = prop_oneof![4 => Just(0_u8), 1 => 1..=2_u8];
    let run = prop_oneof![1 => Just(None), 2 => prop::bool::weighted(0.3).prop_map(Some)];
    prop_oneof![
        9 => (source(), changes(), bad(), shape(), late, run).prop_map(
            |(source, rows, bad, shape, late, run)| {
                Step::Change { source, rows, bad, shape, late, run }
            }
        ),
        1 => any::<bool>().prop_map(|again| Step::Run { how: How::Plain, again }),
    ]
}

fn wild() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (refresh(), any::<bool>()).prop_map(|(how, again)| Step::Run { how, again }),
        1 => Just(Step::Retry),
        4 => (source(), load(12), any::<bool>())
            .prop_map(|(source, load, keep)| Step::Reload { source, load, keep }),
        2 => (source(), vec(row(), 0..5))
            .prop_map(|(source, rows)| Step::MoreLoad { source, rows }),
        2 => (source(), any::<u8>(), changes(), bad())
            .prop_map(|(source, pick, rows, bad)| Step::Rewrite { source, pick, rows, bad }),
        3 => (source(), any::<u8>()).prop_map(|(source, pick)| Step::Remove { source, pick }),
        2 => any::<u8>().prop_map(|model| Step::Edit { model }),
        1 => any::<u8>().prop_map(|model| Step::Drop { model }),
        1 => source().prop_map(|source| Step::Foreign { source }),
        1 => any::<u8>().prop_map(|model| Step::Rekey { model }),
        3 => any::<u8>().prop_map(|model| Step::Obstruct { model }),
        2 => source().prop_map(|source| Step::Broken { source }),
    ]
}

fn refresh() -> impl Strategy<Value = How> {
    prop_oneof![Just(How::Refresh), Just(How::Accept), Just(How::Ignore)]
}

fn changes() -> impl Strategy<Value = Vec<(Op, RawRow)>> {
    let op = prop_oneof![3 => Just(Op::Insert), 3 => Just(Op::Update), 3 => Just(Op::Delete)];
    vec((op, row()), 0..8)
}

fn load(most: usize) -> impl Strategy<Value = Load> {
    (vec(row(), 0..=most), bad(), 0..=3_u8, any::<bool>())
        .prop_map(|(rows, bad, objects, gzip)| Load { rows, bad, objects, gzip })
}

fn bad() -> impl Strategy<Value = Vec<BadLine>> {
    vec((any::<u8>(), any::<u8>()).prop_map(|(place, kind)| BadLine { place, kind }), 0..3)
}

fn row() -> impl Strategy<Value = RawRow> {
    (0..8_u8, any::<[u8; CELLS]>()).prop_map(|(key, cells)| RawRow { key, cells })
}

fn shape() -> impl Strategy<Value = Shape> {
    any::<[bool; 4]>().prop_map(|[gzip, dated, finer, respelled]| Shape {
        gzip,
        dated,
        finer,
        respelled,
    })
}

fn format() -> impl Strategy<Value = Format> {
    (any::<[bool; 6]>(), 0..4_u8, any::<u8>()).prop_map(|(bits, null, parquet)| {
        let [header, op_in_load, stamped, crlf, semicolon, key_only_deletes] = bits;
        // Parquet in a third of the sources.
        let parquet = (parquet % 3 == 0).then_some(parquet / 3);
        Format { header, op_in_load, stamped, crlf, semicolon, key_only_deletes, null, parquet }
    })
}
