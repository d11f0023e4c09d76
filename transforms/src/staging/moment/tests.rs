use proptest::prelude::*;

use super::*;
use crate::scan::FrozenTable;
use crate::staging::{Applied, Gone, Listed, Naming, Vanished, View, assess, sort_listing};
use crate::testing::Staging;

fn at(text: &str) -> DateTime<Utc> {
    time(text).unwrap()
}

fn listed(key: &str, modified: &str) -> Listed {
    Listed { key: key.to_owned(), beside: false, size: 9, modified: at(modified), e_tag: None }
}

/// A source of objects with their times of writing, as nothing of it was applied.
fn state(objects: &[(&str, &str)], naming: Naming) -> SourceState {
    let listing = objects.iter().map(|(key, modified)| listed(key, modified)).collect();
    let (staged, foreign) = sort_listing(listing, naming).unwrap();
    assert_eq!(foreign, []);
    let vanished = Vanished::Refuse;
    let view = View { refresh: false, moved: false, times_are_the_stores: true, vanished };
    assess(staged, &[], view).unwrap()
}

/// Sources by name, and the places of their objects.
struct World(Vec<(&'static str, SourceState, Vec<String>)>);

impl World {
    fn new(sources: Vec<(&'static str, SourceState)>) -> Self {
        let with_labels = |(name, state): (&'static str, SourceState)| {
            let keys = state.objects.iter().map(|object| &object.listed.key);
            let labels = keys.map(|key| format!("s3://bucket/shop/{name}/{key}")).collect();
            (name, state, labels)
        };
        Self(sources.into_iter().map(with_labels).collect())
    }

    fn lines(&self) -> Timelines<'_> {
        Timelines::new(
            self.0
                .iter()
                .map(|(source, state, labels)| Timeline {
                    source,
                    state,
                    labels: labels.iter().map(String::as_str).collect(),
                })
                .collect(),
        )
    }

    /// How many objects of each source a moment takes in, or why there are none.
    fn cuts(&self, moment: &str) -> String {
        let lines = self.lines();
        let point = match lines.point(&Moment::of(moment)) {
            Ok(point) => point.unwrap(),
            Err(error) => return told(&error),
        };
        let cut = |(source, ..): &(&str, SourceState, Vec<String>)| match lines.cut(&point, source)
        {
            Ok(cut) => {
                assert_eq!(cut, (0..cut.len()).collect::<Vec<_>>());
                cut.len().to_string()
            }
            Err(error) => told(&error),
        };
        self.0.iter().map(cut).collect::<Vec<_>>().join(" ")
    }
}

fn told(error: &NoPast) -> String {
    match error {
        NoPast::UnknownObject { near: Some(near), .. } => format!("{error} (near {near})"),
        NoPast::BeforeAll { oldest: Some(oldest) } => format!("{error}: {}", utc(*oldest)),
        error => error.to_string(),
    }
}

fn check(world: &World, cases: &[(&str, &str)]) {
    let case = |(moment, expected): &(&str, &str)| {
        ((*moment).to_owned(), world.cuts(moment), (*expected).to_owned())
    };
    crate::testing::assert_all(cases.iter().map(case));
}

/// Two sources as DMS writes them, each object soon after its name's time.
fn shop() -> World {
    let orders = [
        ("LOAD00000001.csv", "2026-03-10 05:00:00"),
        ("LOAD00000002.csv", "2026-03-10 05:01:00"),
        ("20260310-060118000.csv", "2026-03-10 06:01:20"),
        ("20260310-0601180005.csv", "2026-03-10 06:01:20"),
        ("2026/03/10/20260310-070000000.csv.gz", "2026-03-10 07:00:05"),
        ("20260310-080000000.parquet", "2026-03-10 08:00:05"),
    ];
    let lines = [
        ("LOAD00000001.csv", "2026-03-10 06:30:00"),
        ("20260310-070000000.csv", "2026-03-10 07:00:05"),
        ("20260310-073000000.csv", "2026-03-10 07:30:05"),
    ];
    let naming = Naming::default();
    World::new(vec![("orders", state(&orders, naming)), ("lines", state(&lines, naming))])
}

#[test]
fn a_text_is_an_object_a_time_or_what_the_ledger_knows() {
    let object = |name: &str| Moment::Object(name.to_owned());
    for (text, expected) in [
        ("2026-03-10 06:00:00", Moment::Time(at("2026-03-10 06:00:00"))),
        ("2026-03-10T06:00:00.5Z", Moment::Time(at("2026-03-10 06:00:00.5"))),
        (" 2026-03-10 06:00 ", Moment::Time(at("2026-03-10 06:00:00"))),
        ("2026-03-10", Moment::Time(at("2026-03-10 00:00:00"))),
        ("2026-03-10 06:00:00 UTC", Moment::Time(at("2026-03-10 06:00:00"))),
        ("2026-03-10 06:00:00 +02:00", Moment::Time(at("2026-03-10 04:00:00"))),
        ("2026-03-10T06:00:00-01", Moment::Time(at("2026-03-10 07:00:00"))),
        ("2026-03-10 06:00+02", Moment::Time(at("2026-03-10 04:00:00"))),
        ("Applied", Moment::Applied),
        ("last-run", Moment::Applied),
        ("run:nightly 1", Moment::Run("nightly 1".to_owned())),
        ("20260310-060118000.csv", object("20260310-060118000.csv")),
        ("2026/03/10/20260310-060118000.csv", object("2026/03/10/20260310-060118000.csv")),
        ("2026-13-10", object("2026-13-10")),
        ("", object("")),
    ] {
        assert_eq!(Moment::of(text), expected, "{text}");
    }
}

#[test]
fn an_object_is_named_by_its_place_its_key_or_the_end_of_either() {
    check(
        &shop(),
        &[
            (
                "20260310-060118000.csv",
                "3 source `lines` begins later: its full load was written at 2026-03-10 06:30:00 UTC",
            ),
            ("20260310-073000000.csv", "5 3"),
            ("s3://bucket/shop/orders/20260310-080000000.parquet", "6 3"),
            ("shop/orders/20260310-080000000", "6 3"),
            // One name in both sources, and not one key.
            ("20260310-070000000", "5 2"),
            ("lines/20260310-070000000.csv", "5 2"),
            ("2026/03/10/20260310-070000000.csv.gz", "5 2"),
            ("LOAD00000001.csv", "1 1"),
            (
                "LOAD00000002.csv",
                "2 source `lines` begins later: its full load was written at 2026-03-10 06:30:00 UTC",
            ),
            ("lines/LOAD00000001.csv", "4 1"),
            (
                "20260310-060118001.csv",
                "no staged object is named `20260310-060118001.csv`, and it is no time (near 20260310-060118000.csv)",
            ),
            (
                "10-080000000.parquet",
                "no staged object is named `10-080000000.parquet`, and it is no time (near 20260310-080000000.parquet)",
            ),
            ("?", "no staged object is named `?`, and it is no time"),
        ],
    );
}

#[test]
fn a_time_takes_in_what_is_named_by_it_or_an_earlier_one() {
    check(
        &shop(),
        &[
            (
                "2026-03-10 05:00:59",
                "nothing that is staged is as old as that: 2026-03-10 05:01:00 UTC",
            ),
            (
                "2026-03-10 05:01:00",
                "2 source `lines` begins later: its full load was written at 2026-03-10 06:30:00 UTC",
            ),
            ("2026-03-10 06:30:00", "4 1"),
            ("2026-03-10 07:59:59.999999", "5 3"),
            ("2026-03-10 09:00:00 +01:00", "6 3"),
            ("2030-01-01", "6 3"),
        ],
    );
    let orders =
        World::new(shop().0.into_iter().take(1).map(|(name, state, _)| (name, state)).collect());
    check(
        &orders,
        &[
            ("2026-03-10 06:01:17.999999", "2"),
            ("2026-03-10 06:01:18", "3"),
            // A finer name, written out.
            ("2026-03-10 06:01:18.000499", "3"),
            ("2026-03-10 06:01:18.0005", "4"),
        ],
    );
}

#[test]
fn names_in_a_zone_are_reckoned_with() {
    let naming = Naming { time_zone: Some(chrono_tz::Europe::Berlin), ..Naming::default() };
    let objects = [
        ("LOAD00000001.csv", "2026-03-10 05:00:00"),
        ("20260310-070000000.csv", "2026-03-10 06:00:05"),
    ];
    let world = World::new(vec![("orders", state(&objects, naming))]);
    check(&world, &[("2026-03-10 05:59:59", "1"), ("2026-03-10 06:00:00", "2")]);
}

#[test]
fn the_full_load_of_a_copy_is_there_before_all_changes() {
    let copied = "2026-11-28 01:00:00";
    let orders = [("LOAD00000001.csv", copied), ("20260310-060000000.csv", copied)];
    let world = World::new(vec![
        ("orders", state(&orders, Naming::default())),
        ("cities", state(&[("LOAD00000001.csv", copied)], Naming::default())),
        ("empty", state(&[], Naming::default())),
    ]);
    check(
        &world,
        &[
            (
                "2026-03-10 05:59:59",
                "nothing that is staged is as old as that: 2026-03-10 06:00:00 UTC",
            ),
            ("2026-03-10 06:00:00", "2 1 0"),
            ("orders/LOAD00000001.csv", "1 1 0"),
            ("20260310-060000000.csv", "2 1 0"),
        ],
    );
}

#[test]
fn what_a_source_was_is_not_told_without_an_object_that_was_part_of_it() {
    let mut world = shop();
    let position = world.0[0].1.objects[3].position();
    world.0[0].1.gone =
        vec![Gone { key: "20260310-0601180005.csv".to_owned(), position, is_news: false }];
    let _gone = world.0[0].1.objects.remove(3);
    let _label = world.0[0].2.remove(3);
    let gone = "`20260310-0601180005.csv` of source `orders` was applied by then and is not staged any more";
    check(
        &world,
        &[
            ("2026-03-10 06:30:00", &format!("{gone} 1")),
            ("20260310-080000000.parquet", &format!("{gone} 3")),
            (
                "orders/LOAD00000002.csv",
                "2 source `lines` begins later: its full load was written at 2026-03-10 06:30:00 UTC",
            ),
        ],
    );
    assert_eq!(world.lines().range("lines"), Some(("LOAD00000001.csv", "20260310-073000000.csv")));
    assert_eq!(world.lines().range("nothing"), None);
}

#[test]
fn what_was_applied_need_not_be_the_beginning() {
    let mut world = shop();
    world.0[0].1.pending = vec![3, 5];
    let lines = world.lines();
    let cut = |keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let point = Point::Applied(BTreeMap::from([("orders".to_owned(), keys)]));
        lines.cut(&point, "orders").map_err(|error| told(&error))
    };
    // A late object was not there yet.
    let keys = ["LOAD00000001.csv", "LOAD00000002.csv", "2026/03/10/20260310-070000000.csv.gz"];
    assert_eq!(cut(&keys), Ok(vec![0, 1, 4]));
    assert_eq!(cut(&[]), Ok(vec![]));
    assert_eq!(
        cut(&["20260310-090000000.csv"]).unwrap_err(),
        "`20260310-090000000.csv` of source `orders` was applied by then and is not staged any more"
    );
    assert_eq!(
        cut(&["20260310-080000000.parquet"]).unwrap_err(),
        "`20260310-080000000.parquet` of source `orders` was applied by then and has been written again since"
    );
    assert_eq!(lines.point(&Moment::Applied), Ok(None));
    assert_eq!(lines.point(&Moment::Run("r".to_owned())), Ok(None));
}

#[test]
fn one_name_in_two_folders_of_a_source_is_not_guessed() {
    let objects = [
        ("p1/LOAD00000001.csv", "2026-03-10 05:00:00"),
        ("p2/LOAD00000001.csv", "2026-03-10 05:00:00"),
    ];
    let world = World::new(vec![("orders", state(&objects, Naming::default()))]);
    check(
        &world,
        &[
            ("LOAD00000001.csv", "several objects of source `orders` are named `LOAD00000001.csv`"),
            ("p2/LOAD00000001.csv", "2"),
        ],
    );
}

#[test]
fn objects_of_older_generations_are_no_moments() {
    let old = Applied {
        key: "20260309-060000000.csv".to_owned(),
        fingerprint: "-/9/0".to_owned(),
        generation: 1,
        position: "1-change/20260309-060000000".to_owned(),
        gone: false,
        superseded: false,
    };
    let listing = vec![
        listed("LOAD00000001.csv", "2026-03-10 05:00:00"),
        listed("20260309-060000000.csv", "2026-03-09 06:00:01"),
        listed("20260310-060000000.csv", "2026-03-10 06:00:01"),
    ];
    let (staged, _) = sort_listing(listing, Naming::default()).unwrap();
    let vanished = Vanished::Refuse;
    let view = View { refresh: false, moved: false, times_are_the_stores: true, vanished };
    let world = World::new(vec![("orders", assess(staged, &[old], view).unwrap())]);
    check(
        &world,
        &[
            (
                "20260309-060000000.csv",
                "no staged object is named `20260309-060000000.csv`, and it is no time (near 20260310-060000000.csv)",
            ),
            ("20260310-060000000.csv", "2"),
        ],
    );
}

/// A source of random changes: for each object its key, and rows of op, id and n.
type Stream = Vec<(String, Vec<(bool, u8, u16)>)>;

fn stream() -> impl Strategy<Value = Stream> {
    let rows = prop::collection::vec((any::<bool>(), 0..4_u8, 0..9_u16), 1..4);
    prop::collection::btree_map(0..40_u32, rows, 1..6).prop_map(|objects| {
        let key = |second: u32| format!("20260310-0600{second:02}000.csv");
        objects.into_iter().map(|(second, rows)| (key(second), rows)).collect()
    })
}

fn text(rows: &[(bool, u8, u16)]) -> String {
    let row = |(is_delete, id, n): &(bool, u8, u16)| match is_delete {
        true => format!("D,{id},\n"),
        false => format!("U,{id},{n}\n"),
    };
    rows.iter().map(row).collect()
}

/// What a map makes of the first objects, summed by whether ids are odd.
fn summed<'a>(objects: impl Iterator<Item = &'a (String, Vec<(bool, u8, u16)>)>) -> Vec<String> {
    let mut table = BTreeMap::from([(0, 100)]);
    for (is_delete, id, n) in objects.flat_map(|(_, rows)| rows) {
        let _before = match is_delete {
            true => table.remove(id),
            false => table.insert(*id, *n),
        };
    }
    let mut sums = BTreeMap::<u8, u32>::new();
    for (id, n) in table {
        *sums.entry(id % 2).or_default() += u32::from(n);
    }
    sums.iter().map(|(odd, sum)| format!("{odd}|{sum}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.min(32)))]

    /// Of two sources, whatever object or time is named, and wherever the other one's objects lie.
    #[test]
    fn both_sources_go_as_far_as_the_moment(
        a in prop::collection::btree_set(0..40_u32, 1..6),
        b in prop::collection::btree_set(0..40_u32, 0..6),
        time in 0..40_u32,
    ) {
        let key = |second: &u32| format!("20260310-0600{second:02}000.csv");
        let source = |seconds: &BTreeSet<u32>| {
            let keys: Vec<String> = seconds.iter().map(key).collect();
            let changes = keys.iter().map(|key| (key.as_str(), "2026-03-10 06:00:59"));
            let load = ("LOAD00000001.csv", "2026-03-10 05:00:00");
            state(&std::iter::once(load).chain(changes).collect::<Vec<_>>(), Naming::default())
        };
        let world = World::new(vec![("a", source(&a)), ("b", source(&b))]);
        let until = |second: u32| {
            let of = |seconds: &BTreeSet<u32>| 1 + seconds.range(..=second).count();
            format!("{} {}", of(&a), of(&b))
        };
        for second in a.union(&b) {
            prop_assert_eq!(world.cuts(&key(second)), until(*second));
        }
        prop_assert_eq!(world.cuts(&format!("2026-03-10 06:00:{time:02}")), until(time));
        prop_assert_eq!(world.cuts("LOAD00000001.csv"), "1 1");
    }

    /// The SQL as of each object and each time between is the SQL over a replay of that much.
    #[test]
    fn a_model_as_of_a_moment_is_its_sql_over_a_replay_until_then(
        stream in stream(),
        time in 0..40_u32,
    ) {
        const T: &str = "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 't'";
        const SQL: &str = "SELECT id % 2 AS odd, sum(n) AS n FROM t GROUP BY id % 2";
        let load = ("LOAD00000001.csv".to_owned(), "2026-03-10 05:00:00".to_owned());
        let written = stream.iter().map(|(key, _)| (key.clone(), "2026-03-10 06:00:59".to_owned()));
        let written: Vec<_> = std::iter::once(load).chain(written).collect();
        let written: Vec<_> = written.iter().map(|(k, m)| (k.as_str(), m.as_str())).collect();
        let world = World::new(vec![("t", state(&written, Naming::default()))]);
        let texts: Vec<String> = stream.iter().map(|(_, rows)| text(rows)).collect();
        let changes = stream.iter().zip(&texts).map(|((key, _), text)| (key.as_str(), text.as_bytes()));
        let objects: Vec<(&str, &[u8])> =
            std::iter::once(("LOAD00000001.csv", "0,100\n".as_bytes())).chain(changes).collect();
        let stamp = format!("20260310-0600{time:02}000.csv");
        let is_by_then = |(key, _): &&(String, Vec<_>)| *key <= stamp;
        let mut cases: Vec<(String, Vec<String>)> = (0..stream.len())
            .map(|k| (stream[k].0.clone(), summed(stream.iter().take(k + 1))))
            .collect();
        cases.push(("LOAD00000001.csv".to_owned(), summed(std::iter::empty())));
        cases.push((
            format!("2026-03-10 06:00:{time:02}"),
            summed(stream.iter().filter(is_by_then)),
        ));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found: Vec<Vec<String>> = runtime.block_on(async {
            let staging = Staging::new();
            let source = staging.sources(T).await.remove(0);
            let whole: FrozenTable = staging.freeze(&source, &objects).await;
            let lines = world.lines();
            let mut found = Vec::new();
            for (moment, _) in &cases {
                let point = lines.point(&Moment::of(moment)).unwrap().unwrap();
                let cut = lines.cut(&point, "t").unwrap();
                let objects = cut.iter().map(|index| whole.objects[*index].clone()).collect();
                found.push(staging.select(SQL, &[whole.with_objects(objects)]).await);
            }
            found
        });
        let expected: Vec<Vec<String>> = cases.into_iter().map(|(_, rows)| rows).collect();
        prop_assert_eq!(found, expected);
    }
}
