//! Numbers of the command line, refused in words that say which there may be.

use std::num::NonZero;
use std::ops::RangeInclusive;

/// Reads a number of something between two bounds.
pub(super) fn within<T: TryFrom<u64>>(
    of: &'static str,
    bounds: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            format!("it is a number of {of} from {} to {}", bounds.start(), bounds.end())
        })
    }
}

/// Reads how many of something there may be at most: at least one.
pub(super) fn limit(
    of: &'static str,
) -> impl Fn(&str) -> Result<NonZero<usize>, String> + Clone + Send + Sync + 'static {
    move |text| text.parse().map_err(|_| format!("it is a number of {of}, 1 or more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_cannot_be_is_told_what_it_may_be() {
        let seconds = within::<u64>("seconds", 1..=60);
        assert_eq!(seconds("60"), Ok(60));
        for text in ["0", "61", "-1", "1.5", "x", ""] {
            assert_eq!(seconds(text).unwrap_err(), "it is a number of seconds from 1 to 60");
        }
        assert_eq!(
            within::<u8>("runs", 0..=1_000)("300"),
            Err("it is a number of runs from 0 to 1000".to_owned())
        );
        assert_eq!(limit("changes")("7").unwrap().get(), 7);
        for text in ["0", "-1", "x"] {
            assert_eq!(limit("changes")(text).unwrap_err(), "it is a number of changes, 1 or more");
        }
    }
}
