//! Many small pending change files, in a folder and on S3.

use crate::bench::{Bench, Way};
use crate::history::{Baseline, Batch};
use crate::measured::{Measured, What};
use crate::site::Site;

/// One file for so many rows.
const ROWS_PER_FILE: u64 = 1_000;
const CHANGES_EACH: u64 = 50;

pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let load = bench.data.load(bench.rows);
    let batch = Batch {
        objects: (bench.rows / ROWS_PER_FILE).max(1),
        changes_each: CHANGES_EACH,
        baseline: Baseline::Nothing,
    };
    let files = &bench.data.history("files", bench.rows, &[batch])[0];
    for round in 0..bench.rounds {
        let sites = [Site::new(bench), Site::on_s3(bench)];
        for site in &sites {
            site.stage(&load.objects());
            site.run("orders", "full load");
            site.stage(&files.objects());
        }
        let ways: Vec<Way<'_>> = vec![
            (What::FilesFromFolder, Box::new(|| sites[0].run("orders", "row-wise"))),
            (What::FilesFromS3, Box::new(|| sites[1].run("orders", "row-wise"))),
        ];
        bench.compare(measured, round, ways);
        for site in sites {
            site.database.check(files.after);
            site.remove();
        }
    }
}
