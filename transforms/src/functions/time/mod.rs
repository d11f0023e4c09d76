//! Dates and timestamps: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#date-and-timestamp-functions>.
//!
//! A timestamp is microseconds since 1970 and shown in UTC, as in a Spark session whose time zone is UTC.

mod cache;
pub(super) mod calendar;
mod days;
mod epoch;
mod fields;
mod function;
mod make;
mod now;
mod pattern;
mod patterned;
mod truncate;
mod units;
pub(super) mod zone;
mod zones;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

use super::call::{Call, Kind};
pub(crate) use fields::of_field;
pub(crate) use patterned::DEFAULT as DEFAULT_PATTERN;
pub(super) use patterned::fault_of_pattern;
pub(crate) use units::{ADD, DIFF, is_unit};

/// The calls of this family.
pub(super) const CALLS: &[&[Call]] = &[
    fields::CALLS,
    days::CALLS,
    truncate::CALLS,
    epoch::CALLS,
    patterned::CALLS,
    zones::CALLS,
    units::CALLS,
    make::CALLS,
    now::CALLS,
    OTHERS,
];

const OTHERS: &[Call] = &[
    Call::new(
        "make_interval",
        &[Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Int, Kind::Double],
    ),
    Call::new("make_dt_interval", &[Kind::Int, Kind::Int, Kind::Int, Kind::Double]),
    Call::to("make_ym_interval", "make_interval", &[Kind::Int]),
    Call::refused("window", "group by date_trunc(), or by date_trunc() of a shifted timestamp"),
    Call::refused(
        "window_time",
        "group by date_trunc(), or by date_trunc() of a shifted timestamp",
    ),
    Call::refused("session_window", "number the sessions with lag() and sum() OVER"),
];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [
        fields::all(),
        days::all(),
        truncate::all(),
        epoch::all(),
        patterned::all(),
        zones::all(),
        units::all(),
        make::all(),
        now::all(),
    ]
    .concat()
}
