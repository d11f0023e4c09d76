//! A look behind the horizon finds what a look at everything finds, as far as that lies behind it.

use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;

use super::super::horizon::{Horizon, WHOLE_LOOK_EVERY};
use super::{IN_S3, LOCAL, World, key_of};
use crate::staging::{News, RebuildReason, SourceState};

/// Later than all names of these tests.
fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 2, 0, 0, 0).unwrap()
}

fn horizon(newest: &str) -> Horizon {
    Horizon { generation: 1, looked_at: now(), newest: newest.to_owned() }
}

fn applied(actions: &str) -> (World, SourceState) {
    let mut world = World::default();
    world.change(actions);
    let state = world.look(IN_S3).unwrap();
    world.apply(&state);
    (world, state)
}

#[test]
fn it_begins_a_window_before_the_newest_applied_change() {
    let horizon = horizon("20260101-120000500.csv.gz");
    let since = |minutes| horizon.behind(Duration::minutes(minutes), now());
    assert_eq!(since(60).as_deref(), Some("20260101-110000500"));
    assert_eq!(since(0), None);
    assert_eq!(since(-1), None);
}

#[test]
fn a_name_of_the_future_does_not_move_it_there() {
    let since = horizon("20991231-235959999.csv").behind(Duration::hours(1), now());
    assert_eq!(since.as_deref(), Some("20260101-230000000"));
}

#[test]
fn everything_is_looked_at_once_a_day_and_when_the_clock_was_set_back() {
    let horizon = horizon("20260101-120000500.csv");
    let since = |later| horizon.behind(Duration::hours(1), now() + later);
    assert!(since(WHOLE_LOOK_EVERY - Duration::milliseconds(1)).is_some());
    assert_eq!(since(WHOLE_LOOK_EVERY), None);
    assert_eq!(since(Duration::milliseconds(-1)), None);
}

#[test]
fn a_look_behind_it_does_not_count_as_one_at_everything() {
    let (_, state) = applied("+L1 +c5");
    let first = Horizon::of(&state, None, now()).unwrap();
    let later = now() + Duration::hours(1);
    let second = Horizon::of(&state, Some(&first), later).unwrap();
    assert_eq!(second.looked_at, now());
    assert_eq!(Horizon::of(&state, None, later).unwrap().looked_at, later);
}

#[test]
fn the_newest_change_stays_known_when_a_late_one_is_applied() {
    let (mut world, state) = applied("+L1 +c5");
    let first = Horizon::of(&state, None, now()).unwrap();
    world.change("-c5 +c3");
    let state = world
        .look_behind(&key_of("c2"), super::View { vanished: super::Vanished::Ignore, ..IN_S3 });
    let second = Horizon::of(&state.unwrap(), Some(&first), now()).unwrap();
    assert_eq!(second.newest, key_of("c5"));
}

#[test]
fn there_is_none_before_the_first_change() {
    assert_eq!(Horizon::of(&applied("+L1 +L2").1, None, now()), None);
}

#[test]
fn there_is_none_where_folders_sort_before_changes() {
    for key in ["1/LOAD00000001.csv", "2026/01/01/20260101-000000009.csv"] {
        let mut world = World::default();
        world.change("+c5");
        world.staged.insert(key.to_owned(), (0, 0));
        let state = world.look(IN_S3).unwrap();
        assert_eq!(state.objects.len(), 2);
        assert_eq!(Horizon::of(&state, None, now()), None, "{key}");
    }
}

#[test]
fn its_text_is_read_back() {
    let horizon = horizon("20260101-120000500.csv");
    assert_eq!(horizon.to_string(), "1 2026-01-02T00:00:00.000Z 20260101-120000500.csv");
    assert_eq!(horizon.to_string().parse(), Ok(horizon));
    for text in ["", "gone", "1 2026-01-02T00:00:00.000Z", "x 2026-01-02T00:00:00.000Z y", "1 y z"]
    {
        assert!(text.parse::<Horizon>().is_err(), "{text}");
    }
}

/// One step: objects that are written (again) or deleted.
fn steps() -> impl Strategy<Value = Vec<Vec<(bool, String)>>> {
    let object = prop_oneof![
        1 => (1..3_u32).prop_map(|n| format!("L{n}")),
        6 => (1..40_u32).prop_map(|n| format!("c{n}")),
        1 => (1..40_u32).prop_map(|n| format!("z{n}")),
    ];
    let action = (prop::bool::weighted(0.15), object);
    prop::collection::vec(prop::collection::vec(action, 0..5), 1..8)
}

fn keys<'a>(objects: impl IntoIterator<Item = &'a crate::staging::Staged>) -> Vec<String> {
    objects.into_iter().map(|object| object.listed.key.clone()).collect()
}

proptest! {
    #[test]
    fn a_look_behind_it_finds_what_lies_there(
        steps in steps(), window in 1..20_i64, in_s3: bool, accept: bool,
    ) {
        let view = if in_s3 { IN_S3 } else { LOCAL };
        let mut world = World::default();
        let mut horizon: Option<Horizon> = None;
        for (at, actions) in steps.into_iter().enumerate() {
            for (is_deleted, short) in actions {
                if !is_deleted {
                    world.change(&format!("+{short}@{at}"));
                } else if world.staged.contains_key(&key_of(&short)) {
                    world.change(&format!("-{short}"));
                }
            }
            let whole = world.look(view);
            let since = horizon.as_ref().and_then(|h| h.behind(Duration::milliseconds(window), now()));
            if let Some(since) = &since {
                let narrow = world.look_behind(since, view);
                let narrow = narrow.ok().filter(|state| !matches!(state.news, News::Rebuild(_)));
                if let Some(narrow) = &narrow {
                    check(narrow, &whole, since)?;
                } else {
                    // It asks for a look at everything only with a reason.
                    prop_assert!(!matches!(&whole, Ok(state) if state.news == News::Nothing));
                }
            }
            let accepted = super::View { vanished: super::Vanished::Accept, ..view };
            let state = match whole {
                Err(_) if accept => world.look(accepted),
                whole => whole,
            };
            let Ok(state) = state else { continue };
            world.apply(&state);
            horizon = Horizon::of(&state, None, now());
        }
    }
}

proptest! {
    #[test]
    fn looks_behind_it_one_after_the_other_apply_every_object_once(
        arrivals in prop::collection::vec((1..60_u32, any::<bool>()), 1..30),
        window in 1..10_i64, in_s3: bool,
    ) {
        let view = if in_s3 { IN_S3 } else { LOCAL };
        let mut world = World::default();
        world.change("+L1");
        let mut applied: Vec<String> = Vec::new();
        let mut horizon: Option<Horizon> = None;
        let mut look = |world: &mut World, horizon: &mut Option<Horizon>, is_whole: bool| {
            let behind = horizon.as_ref().and_then(|h| h.behind(Duration::milliseconds(window), now()));
            let before = horizon.take_if(|_| behind.is_some() && !is_whole);
            let behind = before.is_some().then_some(behind).flatten().unwrap_or_default();
            let state = world.look_behind(&behind, view).unwrap();
            applied.extend(keys(state.pending_objects()));
            world.apply(&state);
            *horizon = Horizon::of(&state, before.as_ref(), now());
        };
        for (n, is_whole) in arrivals {
            if !world.staged.contains_key(&key_of(&format!("c{n}"))) {
                world.change(&format!("+c{n}"));
            }
            look(&mut world, &mut horizon, is_whole);
        }
        look(&mut world, &mut horizon, true);
        applied.sort();
        let all: Vec<String> = world.staged.keys().cloned().collect();
        prop_assert_eq!(applied, all);
        prop_assert_eq!(world.ledger.keys().map(|(generation, _)| *generation).max(), Some(1));
    }
}

/// What a look behind the horizon takes for the truth, against a look at everything.
fn check(
    narrow: &SourceState,
    whole: &Result<SourceState, crate::staging::Trouble>,
    since: &str,
) -> Result<(), TestCaseError> {
    match whole {
        Ok(whole) if !matches!(whole.news, News::Rebuild(_)) => {
            let is_behind = |key: &String| key.as_str() > since;
            let pending = keys(whole.pending_objects());
            let all_behind = pending.iter().all(is_behind);
            let behind: Vec<String> = pending.into_iter().filter(is_behind).collect();
            prop_assert_eq!(keys(narrow.pending_objects()), behind);
            prop_assert_eq!(narrow.generation, whole.generation);
            if all_behind {
                prop_assert_eq!(narrow.news, whole.news);
                let tail =
                    |state: &SourceState| keys(state.objects.iter().skip(state.tail_start()));
                prop_assert_eq!(tail(narrow), tail(whole));
                prop_assert_eq!(keys(narrow.late_objects()), keys(whole.late_objects()));
                prop_assert_eq!(narrow.gone_in_tail(), whole.gone_in_tail());
            }
        }
        // A change before the horizon was written again, or is gone: found within a day.
        Ok(whole) => prop_assert_eq!(whole.news, News::Rebuild(RebuildReason::Rewritten)),
        Err(crate::staging::Trouble::Vanished { keys }) => {
            prop_assert!(keys.iter().all(|key| key.as_str() < since), "{:?}", keys);
        }
        Err(trouble) => prop_assert!(false, "{:?}", trouble),
    }
    Ok(())
}
