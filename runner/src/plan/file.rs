//! The file that holds a plan until it is applied: JSON, without a row's value or a secret.

use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};
use transforms::staging::Vanished;

use super::Pins;
use crate::error::{Error, Result};
use crate::job::MEANING_VERSION;
use crate::whole_file::{OWNER, WholeFile};
use crate::wishes::Wishes;

/// What the file is; another layout has another number.
const FORMAT: &str = "unglue-plan/2";
/// A plan names each pending object; more than that is none.
const BYTES_MAX: u64 = 256 << 20;

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    format: String,
    /// The version of the program that made it.
    program: String,
    /// What the program takes SQL to mean.
    meaning: String,
    /// What `now()` is in it.
    #[serde(with = "micros")]
    created_at: DateTime<Utc>,
    wishes: PinnedWishes,
    /// What is to be applied.
    pins: Pins,
}

/// What was asked or allowed when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "as many options")]
struct PinnedWishes {
    full_refresh: bool,
    retry_rejected: bool,
    vanished: Option<PinnedVanished>,
    list_all: bool,
    allow_deletes: bool,
    take_over: bool,
    reset_columns: bool,
}

/// A moment as text, with all the digits that `now()` has.
mod micros {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PinnedVanished {
    Refuse,
    Ignore,
    Accept,
}

/// What of any plan can be read, whoever made it.
#[derive(Debug, Deserialize)]
struct Head {
    format: Option<String>,
    program: Option<String>,
    meaning: Option<String>,
}

impl PlanFile {
    /// The plan of this program.
    #[must_use]
    pub fn new(pins: Pins, wishes: &Wishes, now: DateTime<Utc>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            meaning: MEANING_VERSION.to_owned(),
            // All that `now()` has.
            created_at: now.trunc_subsecs(6),
            wishes: wishes.into(),
            pins,
        }
    }

    /// What it depends on and what is to come of it.
    #[must_use]
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// What `now()` is in models and rules.
    #[must_use]
    pub fn clock(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// The job.
    #[must_use]
    pub fn job(&self) -> &str {
        &self.pins.inputs.job
    }

    /// What was asked or allowed.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        (&self.wishes).into()
    }

    /// Writes the file as a whole or not at all. Only its owner can read it.
    ///
    /// # Errors
    /// Kind `Usage` for a place where no file can be written, kind `Temporary` for a full disk.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::failed("cannot write JSON").source(error))?;
        let unwritable = |error: std::io::Error| {
            let message = format!("the plan cannot be written to {}", path.display());
            let error_kind = error.kind();
            let told = match error_kind {
                std::io::ErrorKind::StorageFull => Error::temporary(message),
                _ => Error::usage(message),
            };
            told.hint("name another file with --out").source(error)
        };
        let file = WholeFile::create(path, OWNER).map_err(unwritable)?;
        let written = file.content().write_all(&text);
        written.and_then(|()| file.content().write_all(b"\n")).map_err(unwritable)?;
        file.finish().map_err(unwritable)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Kind `Usage` for what is no plan, kind `Refused` for one that another version of this program has made.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let unreadable = || Error::usage(format!("the plan {shown} cannot be read")).hint(MAKE_ONE);
        let size = std::fs::metadata(path).map_err(|error| unreadable().source(error))?.len();
        if size > BYTES_MAX {
            return Err(Error::usage(format!("{shown} is larger than any plan")).hint(MAKE_ONE));
        }
        let text = std::fs::read(path).map_err(|error| unreadable().source(error))?;
        let no_plan = || Error::usage(format!("{shown} is no plan")).hint(MAKE_ONE);
        let head: Head = serde_json::from_slice(&text).map_err(|error| no_plan().source(error))?;
        let is_one = head.format.as_ref().is_some_and(|format| format.starts_with("unglue-plan/"));
        if !is_one {
            return Err(no_plan());
        }
        let known = [FORMAT, env!("CARGO_PKG_VERSION"), MEANING_VERSION];
        let found = [head.format, head.program, head.meaning].map(Option::unwrap_or_default);
        if found != known {
            let [_, program, meaning] = found;
            return Err(Error::refused(format!(
                "the plan {shown} was made by another program: version {program} with meaning {meaning}, this is {} with {MEANING_VERSION}",
                env!("CARGO_PKG_VERSION")
            ))
            .hint("plan again with this program"));
        }
        serde_json::from_slice(&text).map_err(|error| no_plan().source(error))
    }
}

const MAKE_ONE: &str = "make one with: runner plan --job JOB --out FILE";

impl From<&Wishes> for PinnedWishes {
    fn from(wishes: &Wishes) -> Self {
        let Wishes { full_refresh, retry_rejected, vanished, list_all, .. } = *wishes;
        let Wishes { allow_deletes, take_over, reset_columns, .. } = *wishes;
        let vanished = vanished.map(|how| match how {
            Vanished::Refuse => PinnedVanished::Refuse,
            Vanished::Ignore => PinnedVanished::Ignore,
            Vanished::Accept => PinnedVanished::Accept,
        });
        Self {
            full_refresh,
            retry_rejected,
            vanished,
            list_all,
            allow_deletes,
            take_over,
            reset_columns,
        }
    }
}

impl From<&PinnedWishes> for Wishes {
    fn from(pinned: &PinnedWishes) -> Self {
        let vanished = pinned.vanished.map(|how| match how {
            PinnedVanished::Refuse => Vanished::Refuse,
            PinnedVanished::Ignore => Vanished::Ignore,
            PinnedVanished::Accept => Vanished::Accept,
        });
        Self {
            full_refresh: pinned.full_refresh,
            retry_rejected: pinned.retry_rejected,
            vanished,
            list_all: pinned.list_all,
            allow_deletes: pinned.allow_deletes,
            take_over: pinned.take_over,
            reset_columns: pinned.reset_columns,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::error::Kind;
    use crate::plan::pins::Inputs;

    fn file() -> PlanFile {
        let inputs = Inputs { job: "shop".to_owned(), ..Inputs::default() };
        let wishes =
            Wishes { allow_deletes: true, vanished: Some(Vanished::Accept), ..Wishes::default() };
        let pins = Pins { inputs, models: Vec::new(), values: None };
        PlanFile::new(pins, &wishes, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_plan_that_is_read_is_the_one_that_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        std::fs::write(&path, "an older one, which anybody may read").unwrap();
        file().write(&path).unwrap();
        let read = PlanFile::read(&path).unwrap();
        assert_eq!(read, file());
        let wishes = read.wishes();
        assert!(wishes.allow_deletes && !wishes.full_refresh);
        assert_eq!(wishes.vanished, Some(Vanished::Accept));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing else is left");
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("plan.json")).unwrap();
        for path in ["plan.json", "missing/plan.json"] {
            let error = file().write(&folder.path().join(path)).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{error}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_plan_of_this_program_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let good = serde_json::to_value(file()).unwrap();
        let with = |name: &str, value: &str| {
            let mut other = good.clone();
            other[name] = value.into();
            other.to_string()
        };
        let mut unknown = good.clone();
        unknown["pins"]["more"] = 1.into();
        for (text, kind, said) in [
            (String::new(), Kind::Usage, "is no plan"),
            ("{}".to_owned(), Kind::Usage, "is no plan"),
            ("[1]".to_owned(), Kind::Usage, "is no plan"),
            (unknown.to_string(), Kind::Usage, "is no plan"),
            (with("format", "report"), Kind::Usage, "is no plan"),
            (with("format", "unglue-plan/1"), Kind::Refused, "another program"),
            (with("program", "9.9.9"), Kind::Refused, "version 9.9.9"),
            (with("meaning", "0"), Kind::Refused, "meaning 0"),
        ] {
            std::fs::write(&path, &text).unwrap();
            let error = PlanFile::read(&path).unwrap_err();
            assert_eq!(error.kind(), kind, "{text}: {error}");
            assert!(error.to_string().contains(said), "{text}: {error}");
        }
        let missing = PlanFile::read(&folder.path().join("none")).unwrap_err();
        assert_eq!(missing.kind(), Kind::Usage);
    }
}
