//! What settings make of names.

use super::*;

fn listed(key: &str, beside: bool, minute: i64) -> Listed {
    let modified = DateTime::from_timestamp(minute * 60, 0).unwrap();
    Listed { key: key.to_owned(), beside, size: 1, modified, e_tag: None }
}

/// The keys of DMS's objects in order, and the number of the others.
fn sorted(listing: Vec<Listed>, naming: Naming) -> Result<(Vec<String>, usize), Trouble> {
    let (staged, foreign) = sort_listing(listing, naming)?;
    Ok((staged.into_iter().map(|object| object.listed.key).collect(), foreign.len()))
}

#[test]
fn transaction_order_is_read_in_the_folder_that_is_declared_for_it_and_nowhere_else() {
    let listing = || {
        vec![
            listed("LOAD00000001.csv", false, 0),
            listed("20240101-000000000.csv", false, 0),
            listed("CDC_TXN-20240101000000001.csv", false, 0),
            listed("CDC_TXN-20240101000000002.csv", true, 0),
            listed("20240101-000000003.csv", true, 0),
            listed("LOAD00000002.csv", true, 0),
        ]
    };
    let ordered = Naming { of_tables: true, ..Naming::default() };
    let (keys, foreign) = sorted(listing(), ordered).unwrap();
    let expected = ["LOAD00000001.csv", "20240101-000000000.csv", "CDC_TXN-20240101000000002.csv"];
    assert_eq!((keys.as_slice(), foreign), (expected.map(str::to_owned).as_slice(), 3));
    let (keys, foreign) = sorted(listing(), Naming::default()).unwrap();
    let expected = ["LOAD00000001.csv", "20240101-000000000.csv", "20240101-000000003.csv"];
    assert_eq!((keys.as_slice(), foreign), (expected.map(str::to_owned).as_slice(), 3));
}

/// Minutes from 1970 to the hour of 27 October 2024 that is there twice, in UTC.
const TWICE: i64 = 28_833_120;

#[test]
fn of_an_hour_that_is_there_twice_the_time_of_writing_tells_which_one_it_is() {
    let berlin = Naming { time_zone: Some(chrono_tz::Europe::Berlin), ..Naming::default() };
    let listing = vec![
        // 02:10 and 02:40 before clocks are put back, and the same times after it; 03:00 behind all.
        listed("20241027-021000000.csv", false, TWICE + 11),
        listed("20241027-024000000.csv", false, TWICE + 40),
        listed("20241027-021000001.csv", false, TWICE + 70),
        listed("20241027-024000001.csv", false, TWICE + 97),
        listed("20241027-030000000.csv", false, TWICE + 120),
    ];
    let keys = sorted(listing, berlin).unwrap().0;
    let expected = ["021000000", "024000000", "021000001", "024000001", "030000000"];
    assert_eq!(keys, expected.map(|time| format!("20241027-{time}.csv")));
}

#[test]
fn a_copy_of_an_object_of_such_an_hour_is_asked_about_unless_its_rows_say_their_order() {
    let berlin = Naming { time_zone: Some(chrono_tz::Europe::Berlin), ..Naming::default() };
    let listing = || vec![listed("20241027-021000000.csv", false, TWICE + 1000)];
    let key = "20241027-021000000.csv".to_owned();
    assert_eq!(sorted(listing(), berlin), Err(Trouble::TwiceAnHour { key: key.clone() }));
    let sequenced = Naming { is_sequenced: true, ..berlin };
    assert_eq!(sorted(listing(), sequenced), Ok((vec![key], 0)));
    let never = vec![listed("20240331-023000000.csv", false, 0)];
    let key = "20240331-023000000.csv".to_owned();
    assert_eq!(sorted(never, berlin), Err(Trouble::NoSuchTime { key }));
    let elsewhere = vec![listed("20241027-040000000.csv", false, TWICE + 1000)];
    assert_eq!(sorted(elsewhere, berlin).unwrap().0.len(), 1);
}
