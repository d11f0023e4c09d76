//! A job, a staging folder with random rows, and what the tables must hold, known without the product.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::scenarios::site::Site;

/// The job: one table for each way of finding a delta.
const JOB: [(&str, &str); 4] = [
    (
        "sources.sql",
        "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT, PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs';
CREATE EXTERNAL TABLE heard (n INT, note VARCHAR(120)) STORED AS DMS LOCATION '${STAGING}/plays';
",
    ),
    ("songs.sql", "SELECT id, title, sales FROM staged"),
    (
        "totals.sql",
        "SELECT title, sum(sales) AS sales, count(*) AS songs FROM staged GROUP BY title",
    ),
    ("plays.sql", "SELECT n, note FROM heard"),
];

/// The tables, in the order of reports.
pub(super) const TABLES: [&str; 3] = ["plays", "songs", "totals"];

/// Rows of each of [`TABLES`] as sorted lines; none where there is no table.
pub(super) type Tables = [Option<Vec<String>>; 3];

/// What the sources hold.
pub(super) struct World {
    chance: Chance,
    songs: BTreeMap<u64, (u64, u64)>,
    plays: Vec<u64>,
    objects: u64,
}

impl World {
    pub(super) fn new(site: &Site<'_>, chance: Chance) -> Self {
        site.job(&JOB);
        Self { chance, songs: BTreeMap::new(), plays: Vec::new(), objects: 0 }
    }

    /// A full load, in two objects each: so many rows of each source.
    pub(super) fn load(&mut self, site: &Site<'_>, songs: u64, plays: u64) {
        self.songs.clear();
        for _ in 0..songs {
            let id = self.chance.below(songs * 2);
            let song = self.song(songs);
            self.songs.insert(id, song);
        }
        self.plays = (0..plays).map(|_| self.chance.below(1_000_000)).collect();
        let lines: Vec<String> = self.songs.iter().map(song_line).collect();
        stage_load(site, "songs", &lines);
        let lines: Vec<String> = self.plays.iter().map(play_line).collect();
        stage_load(site, "plays", &lines);
    }

    /// A change object for each source: so many changes, about half of them of rows that are there.
    pub(super) fn change(&mut self, site: &Site<'_>, songs: u64, plays: u64) {
        let mut text = String::new();
        for _ in 0..songs {
            let id = self.chance.below(songs.max(self.songs.len() as u64) * 2);
            let is_there = self.songs.contains_key(&id);
            if is_there && self.chance.below(2) == 0 {
                self.songs.remove(&id);
                writeln!(text, "D,{id},,").unwrap();
                continue;
            }
            let song = self.song(songs);
            writeln!(text, "{},{}", if is_there { "U" } else { "I" }, song_line((&id, &song)))
                .unwrap();
            self.songs.insert(id, song);
        }
        let mut played = String::new();
        for _ in 0..plays {
            let play = self.chance.below(1_000_000);
            writeln!(played, "I,{}", play_line(&play)).unwrap();
            self.plays.push(play);
        }
        self.objects += 1;
        let object = format!("20260101-{:09}.csv", self.objects);
        site.stage(&format!("songs/{object}"), text);
        site.stage(&format!("plays/{object}"), played);
    }

    /// What the tables must hold now.
    pub(super) fn tables(&self) -> Tables {
        let mut totals: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for (title, sales) in self.songs.values() {
            let (sum, count) = totals.entry(*title).or_default();
            *sum += sales;
            *count += 1;
        }
        let totals =
            totals.iter().map(|(title, (sum, count))| format!("title {title}|{sum}|{count}"));
        let lines = |lines: &mut dyn Iterator<Item = String>, separator: &str| {
            let mut lines: Vec<String> = lines.map(|line| line.replace(',', separator)).collect();
            lines.sort();
            Some(lines)
        };
        [
            lines(&mut self.plays.iter().map(play_line), "|"),
            lines(&mut self.songs.iter().map(song_line), "|"),
            lines(&mut totals.into_iter(), "|"),
        ]
    }

    fn song(&mut self, titles: u64) -> (u64, u64) {
        (self.chance.below(titles.max(1)), self.chance.below(1000))
    }
}

/// What the tables of a place hold. The last statement of a killed run may still be executing in the server, so two looks must
/// agree.
pub(super) fn look(site: &Site<'_>) -> Tables {
    let mut seen = look_once(site);
    loop {
        let again = look_once(site);
        if again == seen {
            return seen;
        }
        seen = again;
    }
}

fn look_once(site: &Site<'_>) -> Tables {
    let present = site.table_names();
    TABLES.map(|table| {
        present.iter().any(|name| name == table).then(|| {
            let mut rows = site.rows(&format!("SELECT * FROM {table}"));
            rows.sort();
            rows
        })
    })
}

fn stage_load(site: &Site<'_>, folder: &str, lines: &[String]) {
    let (first, second) = lines.split_at(lines.len() / 2);
    for (object, lines) in [("LOAD00000001", first), ("LOAD00000002", second)] {
        site.stage(&format!("{folder}/{object}.csv"), lines.join("\n") + "\n");
    }
}

fn song_line((id, (title, sales)): (&u64, &(u64, u64))) -> String {
    format!("{id},title {title},{sales}")
}

/// Long, so that a load has many packets.
fn play_line(play: &u64) -> String {
    format!("{play},{}", format!("note {play:06} ").repeat(8).trim_end())
}

/// Random numbers of a seed: splitmix64.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ hash)
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap();
            items.swap(last, other);
        }
    }
}
