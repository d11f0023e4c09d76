//! What is there before a run does anything: the job, the staged objects, the ledger, the tables.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use datafusion::execution::SessionState;
use staged::ObjectKind;
use tracing::debug;
use transforms::dms::csv::BadRows;
use transforms::scan::{Before, Frozen, FrozenTable, Loads};
use transforms::source::Source;
use transforms::staging::{
    Applied, Foreign, Naming, News, SourceState, Staged, Trouble, View, assess, sort_listing,
};

use crate::beside::Beside;
use crate::engine;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::job::{Job, JobFolder};
use crate::plan::Inputs;
use crate::store::{Folder, Location, Places};
use crate::target::ledger::{
    EntryKind, Ledger, NAME_LENGTH_MAX, OBJECT_LENGTH_MAX, location_key, newest_sequence,
};
use crate::units::{counted, counted_are};
use crate::wishes::Wishes;

/// A source with what is staged for it.
#[derive(Debug, Clone)]
pub struct SourceSurvey {
    /// The declaration.
    pub source: Arc<Source>,
    /// Where it is.
    pub places: Places,
    /// Its folder.
    pub folder: Folder,
    /// Its generation and what is pending.
    pub state: SourceState,
    /// The key behind which objects were looked at, if not at all of them.
    pub behind: Option<String>,
    /// Objects that are none of DMS's.
    pub foreign: Vec<Foreign>,
    /// All objects of the generation, or those behind `behind`.
    pub whole: Arc<FrozenTable>,
    /// The pending objects.
    pub pending: Arc<FrozenTable>,
    /// The first pending object and all after it, applied ones among them if it is late.
    pub tail: Arc<FrozenTable>,
}

/// Looks at all sources of a job, as far as the ledger was read. `loads` tells what plans may take for granted about a source's full load.
///
/// # Errors
/// Folders that are missing, empty or cannot be read; objects that vanished after they were applied.
pub async fn survey(
    job: &Job,
    folder: &JobFolder,
    ledger: &Ledger,
    engine: &SessionState,
    wishes: &Wishes,
    loads: &(dyn Fn(&str) -> Loads + Sync),
) -> Result<Vec<SourceSurvey>> {
    survey_pinned(job, folder, ledger, engine, (wishes, None), loads).await
}

/// The same; with the inputs of a plan without what came after it.
///
/// # Errors
/// See [`survey`].
pub(crate) async fn survey_pinned(
    job: &Job,
    folder: &JobFolder,
    ledger: &Ledger,
    engine: &SessionState,
    (wishes, pinned): (&Wishes, Option<&Inputs>),
    loads: &(dyn Fn(&str) -> Loads + Sync),
) -> Result<Vec<SourceSurvey>> {
    let wishes = Wishes { vanished: wishes.vanished.or(Some(job.vanished)), ..*wishes };
    let places: Vec<Places> = job
        .sources
        .iter()
        .map(|source| Places::of(source, Some(folder.location())))
        .collect::<Result<_>>()?;
    let beside = Beside::list(job.sources.iter().zip(&places), ledger, engine).await?;
    let mut surveys = Vec::with_capacity(job.sources.len());
    for (source, places) in job.sources.iter().zip(places) {
        let loads = loads(&source.name);
        let bad_rows = job.rejects.bad_rows();
        let request = Request { ledger, wishes: &wishes, bad_rows, loads, beside: &beside, pinned };
        surveys.push(survey_source(source, places, engine, request).await?);
    }
    Ok(surveys)
}

/// Looks at one source that no job declares.
///
/// # Errors
/// See [`survey`].
pub async fn survey_declared(
    source: &Arc<Source>,
    places: Places,
    engine: &SessionState,
) -> Result<SourceSurvey> {
    let (ledger, wishes) = (&Ledger::default(), &Wishes::default());
    let beside = &Beside::list([(source, &places)], ledger, engine).await?;
    let (bad_rows, loads) = (BadRows::Refuse, Loads::Once);
    let request = Request { ledger, wishes, bad_rows, loads, beside, pinned: None };
    survey_source(source, places, engine, request).await
}

/// How to look at a source.
#[derive(Clone, Copy)]
struct Request<'a> {
    ledger: &'a Ledger,
    wishes: &'a Wishes,
    bad_rows: BadRows,
    loads: Loads,
    beside: &'a Beside,
    pinned: Option<&'a Inputs>,
}

async fn survey_source(
    source: &Arc<Source>,
    places: Places,
    engine: &SessionState,
    request: Request<'_>,
) -> Result<SourceSurvey> {
    let Request { ledger, wishes, beside, .. } = request;
    let folder = Folder::open(&places.table)?;
    engine::register(engine.runtime_env(), &folder);
    let may_be_empty = source.settings.allow_empty;
    let behind = ledger.parts.get(&source.name).map(|part| part.behind.clone());
    let mut listing = if may_be_empty && folder.is_local_and_missing() {
        Vec::new()
    } else {
        folder.list(behind.as_deref()).await?
    };
    listing.extend(beside.of(&places, behind.as_deref()));
    failpoint!("survey.listed");
    let (mut staged, foreign) = sort_listing(listing, Naming::of(source))
        .map_err(|trouble| refuse(source, &places, &trouble))?;
    if let Some(pinned) = request.pinned {
        staged.retain(|object| !pinned.leaves(&source.name, object));
    }
    for object in &foreign {
        debug!(source = source.name, object = object.key, reason = object.reason, "left alone");
    }
    let applied = applied_of(ledger, &source.name);
    let known = ledger.models.get(&location_key(&source.name));
    let view = View {
        refresh: wishes.full_refresh,
        moved: known.is_some_and(|known| *known != places.to_string()),
        times_are_the_stores: matches!(places.table, Location::S3 { .. }),
        vanished: wishes.vanished.unwrap_or_default(),
    };
    let begins = applied.is_empty() || view.moved || wishes.accepts_what_is_staged();
    // Of changes of all tables nothing tells whether any are of this one.
    let is_empty = staged.iter().all(|object| object.name.of_tables);
    if is_empty && begins && !may_be_empty {
        return Err(nothing_staged(source, &places, &foreign, staged.is_empty()));
    }
    let is_beside = |object: &Staged| object.listed.beside;
    let had_changes = || {
        let of_source = ledger.applied.iter().map(|applied| &applied.entry);
        of_source.filter(|e| e.source == source.name).any(|e| e.kind == EntryKind::Change)
    };
    if view.moved
        && places.changes.is_some()
        && !staged.iter().any(is_beside)
        && had_changes()
        && !wishes.accepts_what_is_staged()
    {
        return Err(no_changes(source, &places));
    }
    check_lengths(source, &staged)?;
    check_twins(source, &places, &staged)?;
    let state =
        assess(staged, &applied, view).map_err(|trouble| refuse(source, &places, &trouble))?;
    let whole = freeze(source, (&places, &folder), &state.objects, request)?;
    let pending = whole.with_objects(
        state.pending.iter().filter_map(|index| whole.objects.get(*index).cloned()).collect(),
    );
    let tail = whole.with_objects(whole.objects.iter().skip(state.tail_start()).cloned().collect());
    let newest_sequence = newest_sequence(&ledger.models, &source.name).map(str::to_owned);
    let is_end = matches!(state.news, News::Changes { .. });
    let tail = FrozenTable { before: is_end.then_some(Before { newest_sequence }), ..tail };
    let [whole, pending, tail] = [whole, pending, tail].map(Arc::new);
    let source = Arc::clone(source);
    Ok(SourceSurvey { source, places, folder, state, behind, foreign, whole, pending, tail })
}

fn applied_of(ledger: &Ledger, source: &str) -> Vec<Applied> {
    ledger
        .applied
        .iter()
        .map(|applied| &applied.entry)
        .filter(|entry| entry.source == source)
        .map(|entry| Applied {
            key: entry.object.clone(),
            fingerprint: entry.fingerprint.clone(),
            generation: entry.generation,
            position: entry.position.clone(),
            gone: entry.kind == EntryKind::Gone,
            superseded: matches!(entry.kind, EntryKind::Superseded | EntryKind::Emptied),
        })
        .collect()
}

/// A folder of changes that is another one than before, and empty.
fn no_changes(source: &Source, places: &Places) -> Error {
    Error::refused(format!(
        "source `{}`: changes were applied, and the folder of changes that CdcPath names now is empty: {places}",
        source.name
    ))
    .hint("check CdcPath; if what is staged is the whole table now, run once with --vanished accept")
}

fn nothing_staged(source: &Source, places: &Places, foreign: &[Foreign], is_empty: bool) -> Error {
    let what = match foreign.first() {
        _ if !is_empty => format!(
            "source `{}`: there is no full-load object in {}, and nothing tells whether changes of all tables are of this one",
            source.name, places.table
        ),
        None => format!("source `{}`: there is nothing in {places}", source.name),
        Some(first) => format!(
            "source `{}`: there is no object of DMS in {places}, but {} (`{}`: {})",
            source.name,
            counted(foreign.len() as u64, "other"),
            first.key,
            first.reason
        ),
    };
    Error::usage(what).hint(
        "check LOCATION: it is the folder with LOAD00000001.csv in it; for a table that may be empty write OPTIONS ('AllowEmpty' 'true')",
    )
}

fn refuse(source: &Source, place: &Places, trouble: &Trouble) -> Error {
    let name = &source.name;
    match trouble {
        Trouble::Vanished { keys } => {
            let first = keys.first().map_or("", String::as_str);
            Error::refused(format!(
                "source `{name}`: {} gone from {place}, the first is `{first}`",
                counted_are(keys.len() as u64, "applied object")
            ))
            .hint("DMS deletes a table's objects when the table is truncated or dropped, a life-cycle rule when they are old: stage them again, or take what is staged now as the whole table with --vanished accept, or keep what they brought with --vanished ignore")
        }
        Trouble::Restamped { key } => Error::refused(format!(
            "source `{name}`: `{key}` in {place} was written again with the same content: it was copied, or the table was loaded anew"
        ))
        .hint("after a copy run with --full-refresh; after a new load delete the change objects before it first"),
        Trouble::NoSuchTime { key } => Error::refused(format!(
            "source `{name}`: `{key}` in {place} is named by a time that was not there, as clocks were put forward"
        ))
        .hint("DatePartitionTimezone is another one at the endpoint: declare that; if it was set after this object was written, names of both kinds do not sort: load the table anew and take its old changes away, or declare ChangeSequenceColumn"),
        Trouble::TwiceAnHour { key } => Error::refused(format!(
            "source `{name}`: `{key}` in {place} is named by a time that was there twice, as clocks were put back, and was not written within an hour of it, so nothing tells which one it was"
        ))
        .hint("stage it where its time of writing is kept, or let a rule of the task add $AR_H_CHANGE_SEQ and name the column with ChangeSequenceColumn; without DatePartitionTimezone at the endpoint there is no such hour"),
        Trouble::PartlyReloaded { fresh, stale } => Error::temporary(format!(
            "source `{name}`: the full load in {place} is half a new one: `{fresh}` was written again, `{stale}` was not"
        ))
        .hint("run again when the load is complete; if it is, delete the objects that it left behind, or take all of them with --full-refresh"),
        Trouble::ReloadLacks { fresh, missing } => Error::temporary(format!(
            "source `{name}`: the full load in {place} is half a new one: `{fresh}` was written again, `{missing}` of the load before it is gone"
        ))
        .hint("run again when the load is complete; if it is, and has fewer objects than the one before, run once with --vanished accept"),
    }
}

fn check_lengths(source: &Source, staged: &[Staged]) -> Result<()> {
    if source.name.chars().count() > NAME_LENGTH_MAX {
        return Err(Error::usage(format!(
            "the name of source `{}` is longer than {NAME_LENGTH_MAX} characters",
            source.name
        )));
    }
    let is_long = |object: &&Staged| object.listed.key.chars().count() > OBJECT_LENGTH_MAX;
    match staged.iter().find(is_long) {
        None => Ok(()),
        Some(object) => Err(Error::usage(format!(
            "source `{}`: the key `{}` is longer than {OBJECT_LENGTH_MAX} characters",
            source.name, object.listed.key
        ))
        .hint("put LOCATION nearer to the objects")),
    }
}

/// Objects of a full load are numbered, and a number is given once: two of one number are of two loads, written in different
/// formats, and nothing tells which one counts.
/// A change has one name in both folders of a source, else the ledger could not tell them apart.
fn check_twins(source: &Source, places: &Places, staged: &[Staged]) -> Result<()> {
    let own: HashSet<&str> = staged
        .iter()
        .filter(|object| !object.listed.beside)
        .map(|object| object.listed.key.as_str())
        .collect();
    let is_twin =
        |object: &&Staged| object.listed.beside && own.contains(object.listed.key.as_str());
    if let Some(twin) = staged.iter().find(is_twin) {
        return Err(Error::refused(format!(
            "source `{}`: `{}` is in both folders of {places}",
            source.name, twin.listed.key
        ))
        .hint("delete the one that DMS did not write"));
    }
    let mut numbers: HashMap<&str, &str> = HashMap::new();
    for object in staged.iter().filter(|object| object.name.kind == ObjectKind::FullLoad) {
        let key = object.listed.key.as_str();
        if let Some(other) = numbers.insert(&object.name.order, key) {
            return Err(Error::refused(format!(
                "source `{}`: `{other}` and `{key}` in {} are one object of a full load, in two formats",
                source.name, places.table
            ))
            .hint("they are of two loads: delete the objects of the older one, then run again; if the newer one has fewer objects than that, run once with --vanished accept"));
        }
    }
    Ok(())
}

fn freeze(
    source: &Arc<Source>,
    (places, folder): (&Places, &Folder),
    objects: &[Staged],
    Request { bad_rows, loads, .. }: Request<'_>,
) -> Result<FrozenTable> {
    let changes = places.changes.as_ref().map(Folder::open).transpose()?;
    let frozen: Result<Vec<Frozen>> = objects
        .iter()
        .enumerate()
        .map(|(index, object)| {
            let folder = changes.as_ref().filter(|_| object.listed.beside).unwrap_or(folder);
            Ok(Frozen {
                path: folder.path_of(&object.listed.key)?,
                key: object.listed.key.clone(),
                label: format!("{}{}", folder.location(), object.listed.key),
                of_tables: object.name.of_tables,
                ordinal: u32::try_from(index)
                    .map_err(|_| Error::failed("more objects than positions"))?,
                kind: object.name.kind,
                format: object.name.format,
                size: object.listed.size,
                modified: object.listed.modified,
                e_tag: object.listed.e_tag.clone(),
            })
        })
        .collect();
    Ok(FrozenTable {
        source: Arc::clone(source),
        store: folder.store_url().clone(),
        name: places.name.clone(),
        objects: frozen?,
        bad_rows,
        loads,
        before: None,
    })
}

/// The names of sources and the keys of their pending objects that came behind applied ones.
#[must_use]
pub fn late_objects(surveys: &[SourceSurvey]) -> HashSet<(&str, &str)> {
    let mut late = HashSet::new();
    for survey in surveys {
        let source = survey.source.name.as_str();
        late.extend(survey.state.late_objects().map(|object| (source, object.listed.key.as_str())));
    }
    late
}

/// What is new in each source, by its name.
#[must_use]
pub fn news(surveys: &[SourceSurvey]) -> BTreeMap<String, News> {
    surveys.iter().map(|survey| (survey.source.name.clone(), survey.state.news)).collect()
}
