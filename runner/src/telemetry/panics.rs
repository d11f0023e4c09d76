//! A panic is a mistake of ours or of a library. It is told by its place: its message may hold values of rows.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::Location;

use serde_json::{Map, Value};

const NEXT: &str = "the target is in a state between two runs; report the place, and run again";

/// Replaces the standard library's way to tell of panics.
pub(super) fn tell_without_values() {
    std::panic::set_hook(Box::new(|info| {
        let place = place(info.location());
        if super::is_json() {
            let next = Map::from_iter([("next".to_owned(), Value::from(NEXT))]);
            super::tell("ERROR", &place, next);
            return;
        }
        super::write(&format!("error: {place}\n  next: {NEXT}\n"));
        // Functions and lines; only if RUST_BACKTRACE asks for it.
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            super::write(&format!("{backtrace}\n"));
        }
    }));
}

/// Where it is, as a message.
fn place(location: Option<&Location<'_>>) -> String {
    let place = location.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("a mistake in the program, at {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_its_place_and_not_by_its_message() {
        let told = place(Some(Location::caller()));
        assert!(told.contains("panics.rs:"), "{told}");
        assert_eq!(place(None), "a mistake in the program, at an unknown place");
    }
}
