//! The size of the binary, as it is shipped.

use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use crate::bench::Bench;
use crate::measured::{Measured, What};

pub(super) fn measure(bench: &Bench, measured: &mut Measured) {
    let copy = bench.folder.join("runner-stripped");
    let _bytes = fs::copy(&bench.runner, &copy).expect("the binary can be copied");
    let what = match Command::new("strip").arg(&copy).status() {
        Ok(status) => {
            assert!(status.success(), "strip: {status}");
            What::Binary
        }
        Err(error) if error.kind() == ErrorKind::NotFound => What::BinaryNotStripped,
        Err(error) => panic!("strip: {error}"),
    };
    let metadata = fs::metadata(&copy).expect("the copy is there");
    measured.add_bytes(what, metadata.len());
    fs::remove_file(&copy).expect("the copy can be removed");
}
