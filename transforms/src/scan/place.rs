//! Where a row stands in the order of application, as a text for people.

use super::object::Frozen;

/// Digits of an object's number, at least.
const OBJECT_DIGITS: usize = 6;
/// Digits of a row's number: an object of DMS has at most 1 GiB.
const ROW_DIGITS: usize = 10;
/// Digits of a change sequence.
const SEQUENCE_DIGITS: usize = 35;

/// The places of the rows of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// The object's place among those of the generation, from 0.
    pub(super) ordinal: u32,
    /// The number of digits that count all objects.
    pub(super) digits: usize,
    /// The rows of the source have a change sequence, which comes first.
    pub(super) sequenced: bool,
}

impl Places {
    /// The text of a row, from 0: the numbers of its object and of itself, from 1. Texts sort as rows are applied.
    pub(super) fn text(&self, row: u64, sequence: Option<&str>) -> String {
        let object = u64::from(self.ordinal) + 1;
        let digits = self.digits;
        let place = format!("{object:0digits$}.{:0ROW_DIGITS$}", row + 1);
        match (self.sequenced, sequence) {
            (false, _) => place,
            (true, Some(sequence)) => format!("{sequence}.{place}"),
            (true, None) => format!("{:0>SEQUENCE_DIGITS$}.{place}", ""),
        }
    }
}

/// The number of digits that count all objects.
pub(super) fn digits(objects: &[Frozen]) -> usize {
    let last = objects.iter().map(|object| u64::from(object.ordinal) + 1).max().unwrap_or(0);
    last.to_string().len().max(OBJECT_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_rows_are_applied() {
        let of = |ordinal, row, sequence: Option<&str>| {
            let places = Places { ordinal, digits: 6, sequenced: sequence.is_some() };
            places.text(row, sequence.filter(|sequence| !sequence.is_empty()))
        };
        assert_eq!(of(0, 0, None), "000001.0000000001");
        let sequence = |digit: &str| digit.repeat(SEQUENCE_DIGITS);
        let sorted = [of(1, 9, None), of(1, 10, None), of(9, 0, None), of(10, 0, None)];
        assert!(sorted.is_sorted());
        let load = of(5, 0, Some(""));
        let sorted = [load, of(9, 1, Some(&sequence("1"))), of(8, 1, Some(&sequence("2")))];
        assert!(sorted.is_sorted());
    }
}
