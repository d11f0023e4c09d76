use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use transforms::model::way::Analysis;
use transforms::staging::RebuildReason;

use super::*;
use crate::guard::Guard;

const CHANGES: News = News::Changes { read_again: 0 };
const LATE: News = News::Changes { read_again: 2 };
const RELOAD: News = News::Rebuild(RebuildReason::Reload);

fn names(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn output(model: &str, way: Way, sources: &[&str], key: &[usize]) -> Output {
    Output {
        rules: None,
        model: model.to_owned(),
        file: format!("{model}.sql"),
        table: model.parse().unwrap(),
        schema: Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)])),
        key: key.to_vec(),
        key_is_proven: true,
        analysis: Analysis {
            way,
            reason: "as its SQL says".to_owned(),
            key: Some(key.to_vec()),
            key_origin: Vec::new(),
            sources: names(sources),
            volatile: None,
            stops_early: false,
        },
        guard: Guard::default(),
        fingerprint: "now".to_owned(),
    }
}

/// Follows `t` row by row, joined to `d`.
fn row_wise() -> Output {
    let way = Way::RowWise { driver: "t".to_owned(), references: names(&["d"]) };
    output("mapped", way, &["t", "d"], &[0])
}

/// Appends `log`, joined to `d`.
fn append() -> Output {
    let way = Way::Append { driver: "log".to_owned(), references: names(&["d"]) };
    output("appended", way, &["log", "d"], &[])
}

/// Groups `t` by a key.
fn grouped() -> Output {
    output("grouped", Way::Replay, &["t"], &[0])
}

/// A model without a key.
fn keyless() -> Output {
    output("keyless", Way::Replay, &["t", "d"], &[])
}

fn there() -> TableFacts {
    let written_with = Some("now".to_owned());
    TableFacts { exists: true, swap_obstacle: None, written_with, lacks: Vec::new() }
}

fn fixed() -> TableFacts {
    TableFacts { swap_obstacle: Some("it has a trigger".to_owned()), ..there() }
}

fn missing() -> TableFacts {
    TableFacts { exists: false, ..there() }
}

fn written_with(fingerprint: Option<&str>) -> TableFacts {
    TableFacts { written_with: fingerprint.map(ToOwned::to_owned), ..there() }
}

fn news_of(news: &[(&str, News)]) -> BTreeMap<String, News> {
    let known = ["t", "d", "log"].map(|source| (source.to_owned(), News::Nothing));
    known.into_iter().chain(news.iter().map(|(name, news)| ((*name).to_owned(), *news))).collect()
}

/// `step: reason` for each model.
fn check(models: &[(Output, TableFacts)], news: &[(&str, News)], expected: &[&str]) {
    let outputs: Vec<Output> = models.iter().map(|(output, _)| output.clone()).collect();
    let facts: Vec<TableFacts> = models.iter().map(|(_, facts)| facts.clone()).collect();
    let found: Vec<String> = decide(&outputs, &news_of(news), &BTreeSet::new(), &facts)
        .iter()
        .map(|decision| format!("{}: {}", decision.step.as_str(), decision.reason))
        .collect();
    assert_eq!(found, expected, "{news:?}");
}

#[test]
fn without_news_nothing_is_touched() {
    let models = [row_wise(), append(), grouped(), keyless()].map(|model| (model, there()));
    check(&models, &[], &["untouched: nothing that it reads has changed"; 4]);
    check(&[], &[("t", CHANGES)], &[]);
}

#[test]
fn changes_are_applied_by_the_way_of_the_model() {
    let models = [row_wise(), append(), grouped(), keyless()].map(|model| (model, there()));
    check(
        &models,
        &[("t", CHANGES)],
        &[
            "row-wise: as its SQL says",
            "untouched: nothing that it reads has changed",
            "replay: as its SQL says",
            "replace: as its SQL says",
        ],
    );
    check(
        &models,
        &[("log", CHANGES)],
        &[
            "untouched: nothing that it reads has changed",
            "append: as its SQL says",
            "untouched: nothing that it reads has changed",
            "untouched: nothing that it reads has changed",
        ],
    );
    let steps = decide(
        &models.clone().map(|(output, _)| output),
        &news_of(&[("t", CHANGES), ("log", CHANGES)]),
        &BTreeSet::new(),
        &models.map(|(_, facts)| facts),
    );
    let steps: Vec<Step> = steps.into_iter().map(|decision| decision.step).collect();
    let (t, log) = ("t".to_owned(), "log".to_owned());
    let expected =
        [Step::RowWise { driver: t }, Step::Append { driver: log }, Step::Replay, Step::Replace];
    assert_eq!(steps, expected);
}

#[test]
fn changes_that_depend_on_those_before_them_need_a_replay() {
    let dependent = BTreeSet::from(["t".to_owned()]);
    let models = [row_wise(), append()];
    let facts = [there(), there()];
    let news = news_of(&[("t", CHANGES)]);
    let [first, second] = decide(&models, &news, &dependent, &facts).try_into().unwrap();
    assert_eq!(first.step, Step::Replay);
    assert_eq!(first.reason, "changes of `t` leave columns out, or are older than applied ones");
    assert_eq!(second.step, Step::Untouched);
}

#[test]
fn a_changed_reference_needs_a_replay() {
    let models = [row_wise(), append()].map(|model| (model, there()));
    check(
        &models,
        &[("d", CHANGES)],
        &["replay: `d`, which it joins, has changed", "replace: `d`, which it joins, has changed"],
    );
    check(
        &models,
        &[("d", CHANGES), ("t", CHANGES)],
        &[
            "replay: more than one of its sources has changed",
            "replace: `d`, which it joins, has changed",
        ],
    );
    check(&[(keyless(), there())], &[("d", CHANGES), ("t", LATE)], &["replace: as its SQL says"]);
}

#[test]
fn late_changes_are_applied_by_the_way_of_the_model_too() {
    check(
        &[(row_wise(), there()), (grouped(), there())],
        &[("t", LATE)],
        &[
            "row-wise: as its SQL says; an object came late, so 2 applied ones after it are read again",
            "replay: as its SQL says",
        ],
    );
    check(&[(append(), there())], &[("log", LATE)], &["append: as its SQL says"]);
}

#[test]
fn a_new_full_load_rebuilds_whatever_reads_it() {
    for (reason, text) in [
        (RebuildReason::First, "nothing is applied yet"),
        (RebuildReason::Reload, "a new full load"),
        (RebuildReason::LateLoad, "another object of the full load"),
        (RebuildReason::Rewritten, "a change object was rewritten"),
        (RebuildReason::Refresh, "a full refresh is asked for"),
    ] {
        check(
            &[(row_wise(), there()), (append(), there())],
            &[("t", News::Rebuild(reason))],
            &[&format!("full load: `t`: {text}"), "untouched: nothing that it reads has changed"],
        );
    }
    check(
        &[(row_wise(), there()), (append(), there()), (grouped(), there())],
        &[("d", RELOAD), ("t", CHANGES)],
        &[
            "full load: `d`: a new full load",
            "full load: `d`: a new full load",
            "full load: other tables of the job are exchanged in the same step",
        ],
    );
}

#[test]
fn a_table_that_is_missing_new_or_of_another_definition_is_rebuilt() {
    for (facts, reason) in [
        (missing(), "the table does not exist"),
        (written_with(None), "the model is new"),
        (written_with(Some("before")), "the model's definition has changed"),
        (written_with(Some("gone")), "the job has the model again"),
        (TableFacts::default(), "the table does not exist"),
    ] {
        for news in [vec![], vec![("t", CHANGES)]] {
            check(&[(row_wise(), facts.clone())], &news, &[&format!("full load: {reason}")]);
        }
        check(&[(row_wise(), facts)], &[("t", RELOAD)], &["full load: `t`: a new full load"]);
    }
}

#[test]
fn one_rebuilt_table_takes_those_with_changes_along() {
    check(
        &[(row_wise(), missing()), (grouped(), there()), (append(), there())],
        &[("t", CHANGES)],
        &[
            "full load: the table does not exist",
            "full load: other tables of the job are exchanged in the same step",
            "untouched: nothing that it reads has changed",
        ],
    );
    check(
        &[(row_wise(), there()), (keyless(), there()), (append(), written_with(None))],
        &[("t", CHANGES)],
        &[
            "full load: other tables of the job are exchanged in the same step",
            "full load: other tables of the job are exchanged in the same step",
            "full load: the model is new",
        ],
    );
}

#[test]
fn a_table_that_cannot_be_exchanged_is_changed_in_place_and_all_others_with_it() {
    check(
        &[(row_wise(), fixed())],
        &[("t", RELOAD)],
        &["replay: `t`: a new full load; in place, since it has a trigger"],
    );
    check(
        &[(keyless(), fixed()), (append(), there())],
        &[("d", RELOAD)],
        &[
            "replace: `d`: a new full load; in place, since it has a trigger",
            "replace: `d`: a new full load; in place, since it has a trigger",
        ],
    );
    // The obstacle of a table that only has changes counts too: all tables are written in one step.
    check(
        &[(grouped(), written_with(None)), (row_wise(), fixed())],
        &[("t", CHANGES)],
        &[
            "replay: the model is new; in place, since it has a trigger",
            "row-wise: as its SQL says",
        ],
    );
    check(
        &[(grouped(), there()), (append(), fixed())],
        &[("t", LATE), ("log", CHANGES)],
        &["replay: as its SQL says", "append: as its SQL says"],
    );
}

#[test]
fn the_obstacle_of_an_untouched_table_is_none() {
    check(
        &[(grouped(), there()), (append(), fixed())],
        &[("t", RELOAD)],
        &["full load: `t`: a new full load", "untouched: nothing that it reads has changed"],
    );
    check(&[(append(), fixed())], &[], &["untouched: nothing that it reads has changed"]);
}

#[test]
fn a_model_without_key_is_replaced_where_others_are_compared() {
    for (facts, news) in [(there(), CHANGES), (there(), LATE), (fixed(), RELOAD)] {
        let decisions = decide(&[keyless()], &news_of(&[("t", news)]), &BTreeSet::new(), &[facts]);
        assert_eq!(decisions[0].step, Step::Replace, "{news:?}");
    }
}

#[test]
fn a_model_without_sources_is_written_once() {
    let constant = || output("one", Way::Replay, &[], &[]);
    check(&[(constant(), written_with(None))], &[], &["full load: the model is new"]);
    check(
        &[(constant(), there())],
        &[("t", CHANGES)],
        &["untouched: nothing that it reads has changed"],
    );
}

#[test]
fn a_table_that_gets_columns_is_filled_anew_or_replayed_where_it_is() {
    let news = BTreeMap::from([("t".to_owned(), CHANGES)]);
    let lacks = || TableFacts { lacks: vec![0], ..there() };
    let [decision] = decide(&[row_wise()], &news, &BTreeSet::new(), &[lacks()]).try_into().unwrap();
    assert_eq!((decision.step, decision.adds), (Step::Rebuild, vec![0]));
    assert_eq!(decision.reason, "the table gets columns that it lacks: id");
    let obstacle = Some("it has a trigger".to_owned());
    let facts = TableFacts { swap_obstacle: obstacle, ..lacks() };
    let [decision] = decide(&[row_wise()], &news, &BTreeSet::new(), &[facts]).try_into().unwrap();
    assert_eq!((decision.step, decision.adds), (Step::Replay, vec![0]));
}
