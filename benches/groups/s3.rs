//! Reading a gigabyte from S3, beside reading it from a folder.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use super::{memory, reading};
use crate::again;
use crate::bench::{Bench, Way};
use crate::child;
use crate::measured::{Measured, What};
use crate::staging::Staging;

pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let load = bench.data.load(bench.rows * memory::LARGE);
    let (folder, bucket) = (Staging::folder(bench), Staging::bucket(bench));
    folder.add(&load.objects());
    bucket.add(&load.objects());
    // Without a key reading is nearly all that there is to do.
    let read = |staging| child::exec(&mut reading::without_key(bench, staging));
    // Once untimed, so that both are in memory before.
    let expected = read(&folder);
    reading::check(&read(&bucket), &expected, load.after.rows);
    let bytes = bytes_in(&load.objects());
    for round in 0..bench.rounds {
        let results = RefCell::new(Vec::new());
        let note = |staging| results.borrow_mut().push(read(staging));
        let ways: Vec<Way<'_>> = vec![
            (What::LargeFromS3, Box::new(|| note(&bucket))),
            (What::LargeFromFolder, Box::new(|| note(&folder))),
            (What::LargeFetched, Box::new(|| fetch(&bucket, bytes))),
        ];
        bench.compare(measured, round, ways);
        for result in results.borrow().iter() {
            reading::check(result, &expected, load.after.rows);
        }
    }
}

/// The same requests with nothing behind them: what is left is the network and the server.
fn fetch(bucket: &Staging<'_>, bytes: u64) {
    let location = bucket.location();
    let name = location.trim_start_matches("s3://").trim_end_matches('/');
    let output = child::exec(again::fetch(name).envs(bucket.env()));
    assert_eq!(output.trim().parse(), Ok(bytes), "the bytes of all objects");
}

fn bytes_in(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("the objects are there");
    files
        .map(|file| file.and_then(|file| file.metadata()).expect("an object has a size").len())
        .sum()
}
