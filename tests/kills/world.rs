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

/// How a job sets bad rows aside.
const REJECTS: &str = "rejected_rows = 20\nrejects = \"${STAGING}/rejects\"\n";
/// How a job takes columns that were added at the source.
const WIDEN: &str = "drift = \"widen\"\n";

/// Stands in a row for a digit: the row is bad.
const BAD: &str = "?";
const MENDED: &str = "1";
/// Keys of bad rows, which no other row has.
const BAD_FROM: u64 = 1_000_000;

/// A row of the table `songs`.
#[derive(Debug, Clone, Copy)]
struct Song {
    title: u64,
    sales: u64,
    /// In a column that was added at the source.
    colour: Option<u64>,
}

/// Rows of the two objects of a number as they will be when they are mended.
#[derive(Debug, Default)]
struct Bad {
    songs: Vec<(u64, Option<Song>)>,
    plays: Vec<u64>,
}

/// What is staged, by the number of the object; 0 is the load.
pub(super) struct World {
    chance: Chance,
    songs: BTreeMap<u64, Vec<(u64, Option<Song>)>>,
    plays: BTreeMap<u64, Vec<u64>>,
    /// What is set aside: it counts when it is mended.
    bad: BTreeMap<u64, Bad>,
    objects: u64,
    is_wide: bool,
}

impl World {
    pub(super) fn new(site: &Site<'_>, chance: Chance) -> Self {
        site.job(&JOB);
        let (songs, plays, bad) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { chance, songs, plays, bad, objects: 0, is_wide: false }
    }

    /// A full load, in two objects each: so many rows of each source.
    pub(super) fn load(&mut self, site: &Site<'_>, songs: u64, plays: u64) {
        self.songs.clear();
        let rows = (0..songs).map(|_| (self.chance.below(songs * 2), Some(self.song(songs))));
        let rows = rows.collect();
        self.songs.insert(0, rows);
        self.plays.clear();
        self.plays.insert(0, (0..plays).map(|_| self.chance.below(1_000_000)).collect());
        let lines: Vec<String> = self.songs_before(1).iter().map(song_line).collect();
        stage_load(site, "songs", &lines);
        let lines: Vec<String> = self.plays[&0].iter().map(play_line).collect();
        stage_load(site, "plays", &lines);
    }

    /// A change object for each source: so many changes, about half of them of rows that are there.
    pub(super) fn change(&mut self, site: &Site<'_>, songs: u64, plays: u64) {
        self.objects += 1;
        self.change_at(self.objects, site, songs, plays);
    }

    /// Leaves a number out, for an object that comes late.
    pub(super) fn leave_out(&mut self) {
        self.objects += 1;
    }

    /// The objects of a number that was left out.
    pub(super) fn change_at(&mut self, number: u64, site: &Site<'_>, songs: u64, plays: u64) {
        let (mut text, mut rows) = (String::new(), Vec::new());
        let mut there = self.songs_before(number);
        for _ in 0..songs {
            let id = self.chance.below(songs.max(there.len() as u64) * 2);
            let is_there = there.contains_key(&id);
            if is_there && self.chance.below(2) == 0 {
                there.remove(&id);
                rows.push((id, None));
                writeln!(text, "D,{id},,{}", if self.is_wide { "," } else { "" }).unwrap();
                continue;
            }
            let song = self.song(songs);
            writeln!(text, "{},{}", if is_there { "U" } else { "I" }, song_line((&id, &song)))
                .unwrap();
            there.insert(id, song);
            rows.push((id, Some(song)));
        }
        self.songs.insert(number, rows);
        let (mut played, mut rows) = (String::new(), Vec::new());
        for _ in 0..plays {
            let play = self.chance.below(1_000_000);
            writeln!(played, "I,{}", play_line(&play)).unwrap();
            rows.push(play);
        }
        self.plays.insert(number, rows);
        for (key, text) in keys(number).iter().zip([text, played]) {
            site.stage(key, text);
        }
    }

    /// From now on bad rows are set aside.
    pub(super) fn set_aside(site: &Site<'_>) {
        site.job(&[("job.toml", REJECTS)]);
    }

    /// Adds bad rows to the newest objects, before they are applied.
    pub(super) fn spoil(&mut self, site: &Site<'_>) {
        let number = self.objects;
        let mut rows = Bad::default();
        let mut texts = keys(number).map(|key| std::fs::read_to_string(site.object(&key)).unwrap());
        for bad in 0..3 {
            let (id, title) = (BAD_FROM + 10 * number + bad, self.chance.below(9));
            writeln!(texts[0], "I,{id},title {title},{BAD}{bad}").unwrap();
            rows.songs.push((id, Some(Song { title, sales: 10 + bad, colour: None })));
            let play = BAD_FROM + bad;
            writeln!(texts[1], "I,{}", play_line(&play).replacen(MENDED, BAD, 1)).unwrap();
            rows.plays.push(play);
        }
        for (key, text) in keys(number).iter().zip(texts) {
            site.stage(key, text);
        }
        self.bad.insert(number, rows);
    }

    /// Puts the objects of a number right, in a way that only `--retry-rejected` sees.
    pub(super) fn mend(&mut self, number: u64, site: &Site<'_>) {
        for key in keys(number) {
            let text = std::fs::read_to_string(site.object(&key)).unwrap();
            site.restage(&key, text.replace(BAD, MENDED));
        }
        let Bad { songs, plays } = self.bad.remove(&number).unwrap();
        self.songs.get_mut(&number).unwrap().extend(songs);
        self.plays.get_mut(&number).unwrap().extend(plays);
    }

    /// From now on columns that come are taken, by the model of `songs`.
    pub(super) fn take_columns(site: &Site<'_>) {
        site.job(&[("job.toml", WIDEN), ("songs.sql", "SELECT * FROM staged")]);
    }

    /// A column is added at the source.
    pub(super) fn widen(&mut self) {
        self.is_wide = true;
    }

    /// The objects of a number go.
    pub(super) fn vanish(&mut self, number: u64, site: &Site<'_>) {
        keys(number).iter().for_each(|key| site.unstage(key));
        self.songs.remove(&number);
        self.plays.remove(&number);
    }

    /// What the tables must hold now.
    pub(super) fn tables(&self) -> Tables {
        let songs = self.songs_before(u64::MAX);
        let mut totals: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for Song { title, sales, .. } in songs.values() {
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
            lines(&mut self.plays.values().flatten().map(play_line), "|"),
            lines(&mut songs.iter().map(song_line), "|"),
            lines(&mut totals.into_iter(), "|"),
        ]
    }

    /// The songs as the objects before this number leave them.
    fn songs_before(&self, number: u64) -> BTreeMap<u64, Song> {
        let mut songs = BTreeMap::new();
        for (id, song) in self.songs.range(..number).flat_map(|(_, rows)| rows) {
            match song {
                Some(song) => songs.insert(*id, *song),
                None => songs.remove(id),
            };
        }
        songs
    }

    fn song(&mut self, titles: u64) -> Song {
        let (title, sales) = (self.chance.below(titles.max(1)), self.chance.below(1000));
        Song { title, sales, colour: self.is_wide.then(|| self.chance.below(9)) }
    }
}

/// The keys of the change objects of a number, of songs and of plays.
fn keys(number: u64) -> [String; 2] {
    ["songs", "plays"].map(|folder| format!("{folder}/20260101-{number:09}.csv"))
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
            // Where DDL commits by itself, a new column is there before the transaction, and empty.
            for row in &mut rows {
                row.truncate(row.trim_end_matches("|NULL").len());
            }
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

fn song_line((id, song): (&u64, &Song)) -> String {
    let Song { title, sales, colour } = song;
    let colour = colour.map(|colour| format!(",colour {colour}"));
    format!("{id},title {title},{sales}{}", colour.unwrap_or_default())
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
