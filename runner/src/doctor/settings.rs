//! Which settings would fit objects that cannot be read as they are declared. Pure.

use transforms::dms::settings::Settings;

/// Settings that differ from the declared ones, and how they are written in OPTIONS.
pub(super) struct Guess {
    pub(super) settings: Settings,
    pub(super) written: String,
}

/// One change, or two, of what users forget most.
pub(super) fn guesses(declared: &Settings) -> Vec<Guess> {
    let single: Vec<Edit> = edits(declared);
    let mut guesses: Vec<Guess> = single.iter().map(|edit| apply(declared, &[edit])).collect();
    for (index, first) in single.iter().enumerate() {
        let others = single.iter().skip(index + 1).filter(|second| second.name != first.name);
        guesses.extend(others.map(|second| apply(declared, &[first, second])));
    }
    guesses
}

struct Edit {
    name: &'static str,
    value: String,
    change: Box<dyn Fn(&mut Settings)>,
}

fn edits(declared: &Settings) -> Vec<Edit> {
    let mut edits = vec![
        flag("IncludeOpForFullLoad", declared.include_op_for_full_load, |settings, on| {
            settings.include_op_for_full_load = on;
        }),
        flag("AddColumnName", declared.csv.header, |settings, on| settings.csv.header = on),
        flag("Rfc4180", declared.csv.rfc4180, |settings, on| settings.csv.rfc4180 = on),
    ];
    if declared.timestamp_column_name.is_none() {
        // Any name will do: the docs say that it is the endpoint's.
        edits.push(edit("TimestampColumnName", "ts", |settings| {
            settings.timestamp_column_name = Some("ts".to_owned());
        }));
    }
    for (byte, written) in [(b',', ","), (b';', ";"), (b'\t', "\\t"), (b'|', "|")] {
        if byte != declared.csv.delimiter {
            edits
                .push(edit("CsvDelimiter", written, move |settings| settings.csv.delimiter = byte));
        }
    }
    edits
}

fn flag(name: &'static str, is_on: bool, set: fn(&mut Settings, bool)) -> Edit {
    edit(name, if is_on { "false" } else { "true" }, move |settings| set(settings, !is_on))
}

fn edit(
    name: &'static str,
    value: impl Into<String>,
    change: impl Fn(&mut Settings) + 'static,
) -> Edit {
    Edit { name, value: value.into(), change: Box::new(change) }
}

fn apply(declared: &Settings, edits: &[&Edit]) -> Guess {
    let mut settings = declared.clone();
    for edit in edits {
        (edit.change)(&mut settings);
    }
    let written: Vec<_> =
        edits.iter().map(|edit| format!("'{}' '{}'", edit.name, edit.value)).collect();
    Guess { settings, written: written.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_is_tried_before_two() {
        let declared = Settings::default();
        let guesses = guesses(&declared);
        let first = &guesses[0];
        assert_eq!(first.written, "'IncludeOpForFullLoad' 'true'");
        assert!(first.settings.include_op_for_full_load);
        let pair = "'IncludeOpForFullLoad' 'true', 'AddColumnName' 'true'";
        let pair = guesses.iter().position(|guess| guess.written == pair).unwrap();
        let last_single = guesses.iter().rposition(|guess| !guess.written.contains(", ")).unwrap();
        assert!(last_single < pair);
    }

    #[test]
    fn every_guess_differs_from_what_is_declared() {
        let declared = Settings::default();
        assert!(guesses(&declared).iter().all(|guess| guess.settings != declared));
        let twice = |guess: &Guess| guess.written.matches("CsvDelimiter").count() > 1;
        assert!(!guesses(&declared).iter().any(twice));
    }
}
