//! The most memory that a run has.

use std::path::Path;

use crate::bench::Bench;
use crate::history::{Baseline, Batch};
use crate::measured::{Measured, What};
use crate::site::Site;

const CHANGE_OBJECTS: u64 = 20;
/// How many times the rows the larger load has.
pub(super) const LARGE: u64 = 10;

/// Measured once: it takes long and hardly varies.
pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let changes = Batch {
        objects: CHANGE_OBJECTS,
        changes_each: bench.rows / CHANGE_OBJECTS,
        baseline: Baseline::Nothing,
    };
    let load = bench.data.load(bench.rows);
    let pending = bench.data.history("pending", bench.rows, &[changes]);
    let large = bench.data.load(bench.rows * LARGE);

    let site = Site::new(bench);
    let mut watch = |site: &Site<'_>, what: What, objects: &Path, way: &str| {
        site.stage(objects);
        measured.add_bytes(what, site.run_watched("orders", way));
    };
    watch(&site, What::LoadMemory, &load.objects(), "full load");
    site.database.check(load.after);
    watch(&site, What::ChangesMemory, &pending[0].objects(), "row-wise");
    site.database.check(pending[0].after);
    site.remove();

    let site = Site::new(bench);
    watch(&site, What::LargeLoadMemory, &large.objects(), "full load");
    site.database.check(large.after);
    site.remove();
}
