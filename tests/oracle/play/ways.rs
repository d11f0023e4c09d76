//! The way that a run must take with each model.

use std::collections::BTreeMap;

use super::Player;
use crate::oracle::model::Way;
use crate::oracle::world::{Look, News};

impl Player<'_> {
    /// The way that each written model must take, by its name.
    pub(super) fn ways(&self, looks: &[Look]) -> BTreeMap<String, &'static str> {
        let news = |source: &&str| {
            let place = self.tables.iter().position(|table| table.source.name == *source).unwrap();
            looks[place].news
        };
        let is_changed = |source: &&&'static str| news(source) == News::Changes;
        let mut ways = BTreeMap::new();
        for (index, model) in self.models.iter().enumerate() {
            let is_new = self.written.get(&model.name) != Some(&self.meaning(index));
            let is_loaded = model.reads.iter().any(|source| news(source) == News::Rebuild);
            let changed: Vec<&&str> = model.reads.iter().filter(is_changed).collect();
            let way = match (changed.as_slice(), model.way) {
                _ if model.is_helper() => continue,
                _ if is_new || is_loaded => "full load",
                ([], _) => continue,
                ([source], Way::Append(driver)) if **source == driver => "append",
                ([source], Way::RowWise(driver)) if self.has_key(index) && **source == driver => {
                    "row-wise"
                }
                _ => self.whole(index),
            };
            ways.insert(model.name.clone(), way);
        }
        if !ways.values().any(|way| *way == "full load") {
            return ways;
        }
        let in_place = ways.keys().any(|model| self.obstructed.contains(model));
        for (index, model) in self.models.iter().enumerate() {
            match ways.get_mut(&model.name) {
                Some(way) if !in_place => *way = "full load",
                Some(way) if *way == "full load" => *way = self.whole(index),
                _ => {}
            }
        }
        ways
    }

    /// Whether a model needs objects that are gone.
    pub(super) fn lacks_objects(&self, looks: &[Look]) -> bool {
        let ways = self.ways(looks);
        self.models.iter().filter_map(|model| Some((model, *ways.get(&model.name)?))).any(
            |(model, way)| {
                self.tables.iter().zip(looks).any(|(table, look)| {
                    let is_driver = match model.way {
                        Way::RowWise(driver) | Way::Append(driver) => driver == table.source.name,
                        Way::Replay => false,
                    };
                    model.reads.contains(&table.source.name)
                        && match way {
                            "append" if is_driver => false,
                            way => table.lacks(look, is_driver && way == "row-wise"),
                        }
                })
            },
        )
    }

    /// How a whole result is written in place.
    pub(super) fn whole(&self, index: usize) -> &'static str {
        if self.has_key(index) { "replay" } else { "replace" }
    }

    pub(super) fn has_key(&self, index: usize) -> bool {
        self.models[index].has_key && !self.keyless.contains(&index)
    }
}
