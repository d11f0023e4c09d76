//! What the generated jobs are made of.

use super::history::SOURCES;
use super::model::Model;
use super::source::{Format, Source};
use super::template::Template;
use super::value::{KeyKind, Kind};

/// The sources `a`, `b` and `e`; the first two numbers pick the types of the keys of `a` and `b`.
pub(super) fn sources(
    key: u8,
    other_key: u8,
    turned: [u8; SOURCES],
    formats: [Format; SOURCES],
) -> [Source; SOURCES] {
    let kind = KeyKind::ALL[usize::from(key) % KeyKind::ALL.len()];
    let is_odd = usize::from(key) / KeyKind::ALL.len() % 4 == 3;
    let names: &[&str] = match (kind.kinds().len(), is_odd) {
        (1, false) => &["k"],
        (1, true) => &["K 1"],
        (_, false) => &["k1", "k2"],
        (_, true) => &["the.K", "Größe"],
    };
    let values = [
        ("ref", Kind::Small),
        ("grp", Kind::Small),
        ("n", Kind::Int),
        ("big", Kind::BigInt),
        ("s", Kind::Text),
        ("d", Kind::Decimal),
        ("f", Kind::Double),
        ("dt", Kind::Date),
        ("ts", Kind::Timestamp),
        ("ok", Kind::Boolean),
        ("bin", Kind::Binary),
        ("t", Kind::Time),
        ("u", Kind::Unsigned),
        ("fl", Kind::Float),
        ("ch", Kind::Char),
        ("wide", Kind::Wide),
    ];
    let a = Source::new("a", (names, kind), &values, turned[0], formats[0]);
    let (names, kind): (&[&str], _) = match other_key % 6 {
        4 => (&["id", "lang"], KeyKind::IntAndText),
        5 => (&["code"], KeyKind::Text),
        _ => (&["id"], KeyKind::Small),
    };
    let values = [
        ("name", Kind::Text),
        ("rate", Kind::Decimal),
        ("parent", Kind::Small),
        ("since", Kind::Timestamp),
    ];
    let b = Source::new("b", (names, kind), &values, turned[1], formats[1]);
    let values = [
        ("x", Kind::Int),
        ("ref", Kind::Small),
        ("s", Kind::Text),
        ("d", Kind::Decimal),
        ("ts", Kind::Timestamp),
    ];
    let e = Source::new("e", (&[], kind), &values, turned[2], formats[2]);
    [a, b, e]
}

/// The models of the picked templates; none twice.
pub(super) fn pick(mut templates: Vec<Template>, picks: &[u8]) -> Vec<Model> {
    let mut models = Vec::new();
    for pick in picks {
        let index = usize::from(*pick) % templates.len();
        models.extend(templates.swap_remove(index));
    }
    models
}
