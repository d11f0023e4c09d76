//! The writer against real output of DMS: what it reads there it writes byte for byte.

use std::path::Path;

use libtest_mimic::Trial;
use transforms::dms::csv::split::Splitter;
use transforms::dms::settings::Settings;

use super::writer::Csv;

/// Ignored where the samples are missing.
pub(super) fn trial() -> Trial {
    let folder = crate::scenarios::samples();
    let is_missing = folder.is_none();
    let trial = Trial::test("oracle::matrix::real_objects_are_written_as_they_are", move || {
        let folder = folder.unwrap();
        let mut count = 0;
        for table in ["cities", "employees"] {
            for entry in std::fs::read_dir(folder.join(table)).unwrap() {
                check(&entry.unwrap().path());
                count += 1;
            }
        }
        assert_eq!(count, 7);
        Ok(())
    });
    trial.with_ignored_flag(is_missing)
}

fn check(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let mut splitter = Splitter::new(&Settings::default().csv, 2);
    splitter.push(&bytes);
    splitter.end();
    let csv = Csv { delimiter: ',', row_delimiter: "\n", null: "", rfc4180: true };
    let mut text = String::new();
    while let Some(record) = splitter.next_record().unwrap() {
        let value = |field: transforms::dms::csv::split::Field<'_>| {
            let is_null = field.text.is_empty() && !field.quoted;
            (!is_null).then(|| String::from_utf8(field.text.to_vec()).unwrap())
        };
        csv.write(&mut text, &record.fields().map(value).collect::<Vec<_>>());
    }
    assert!(text.as_bytes() == bytes, "{} is written in another way", path.display());
}
