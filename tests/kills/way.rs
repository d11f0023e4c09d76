//! What the runs do that are killed.

use super::world::World;
use crate::scenarios::site::Site;

/// A run and what was before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) name: &'static str,
    /// Applied before; nothing for a first run.
    pub(super) before: Option<fn(&mut World, &Site<'_>)>,
    /// Staged then.
    pub(super) news: fn(&mut World, &Site<'_>),
    /// Options of the run.
    pub(super) options: &'static [&'static str],
    /// Done to the tables before the run.
    pub(super) table_sql: Option<&'static str>,
    /// Where the run fails for what was done to the tables: the statement after which it does not.
    pub(super) mend_sql: Option<&'static str>,
    /// How the tables are written: plays, songs, totals.
    pub(super) written: [&'static str; 3],
    /// The runs before were killed here, one after the other: the run is a recovery.
    pub(super) interrupted_at: &'static [&'static str],
}

const REBUILD: [&str; 3] = ["full load"; 3];
const CHANGES: [&str; 3] = ["append", "row-wise", "replay"];

const SMALL: Way = Way {
    name: "small_changes",
    before: Some(load_few),
    news: |world, site| world.change(site, 20, 5),
    options: &[],
    table_sql: None,
    mend_sql: None,
    written: CHANGES,
    interrupted_at: &[],
};
const RELOAD: Way = Way { name: "reload", news: reload, written: REBUILD, ..SMALL };

const LARGE: Way = Way {
    name: "large_changes",
    before: Some(|world, site| world.load(site, 4_000, 100)),
    news: |world, site| world.change(site, 8_000, 3_000),
    ..SMALL
};
/// With a second unique index old rows must go before new ones come.
const UNIQUE: Option<&str> = Some("CREATE UNIQUE INDEX of_songs ON songs (title, id)");
/// Rows with the same title cannot be written, which is found in the middle of it.
const FAILING: Way = Way {
    name: "failing_changes",
    before: Some(|world, site| world.load(site, 1, 1)),
    table_sql: Some("CREATE UNIQUE INDEX of_songs ON songs (title)"),
    ..SMALL
};

/// The table of songs gets a column.
const WIDENING: Way = Way {
    name: "widening",
    before: Some(|world, site| {
        World::take_columns(site);
        load_few(world, site);
    }),
    news: |world, site| {
        world.widen();
        world.change(site, 20, 5);
    },
    written: REBUILD,
    ..SMALL
};

/// Ways that every database has.
const EVERYWHERE: [Way; 12] = [
    SMALL,
    LARGE,
    Way { name: "small_changes_of_unique", table_sql: UNIQUE, ..SMALL },
    Way { name: "large_changes_of_unique", table_sql: UNIQUE, ..LARGE },
    Way {
        name: "first_run",
        before: None,
        news: |world, site| {
            world.load(site, 500, 6_000);
            world.change(site, 50, 10);
        },
        written: REBUILD,
        ..SMALL
    },
    RELOAD,
    Way { name: "full_refresh", options: &["--full-refresh"], written: REBUILD, ..SMALL },
    Way {
        name: "bad_rows",
        before: Some(|world, site| {
            World::set_aside(site);
            load_few(world, site);
        }),
        news: |world, site| {
            world.change(site, 20, 5);
            world.spoil(site);
        },
        ..SMALL
    },
    // Files of rejects are written again, and one of each source goes.
    Way {
        name: "retry_of_bad_rows",
        before: Some(|world, site| {
            World::set_aside(site);
            load_few(world, site);
            world.spoil(site);
            world.change(site, 20, 5);
            world.spoil(site);
        }),
        news: |world, site| world.mend(1, site),
        options: &["--retry-rejected"],
        written: REBUILD,
        ..SMALL
    },
    WIDENING,
    Way {
        name: "late_object",
        before: Some(|world, site| {
            world.load(site, 40, 10);
            world.leave_out();
            world.change(site, 30, 3);
        }),
        news: |world, site| world.change_at(1, site, 30, 5),
        ..SMALL
    },
    Way {
        name: "vanished_object",
        before: Some(|world, site| {
            load_few(world, site);
            world.change(site, 20, 5);
        }),
        news: |world, site| {
            world.vanish(1, site);
            world.change(site, 10, 3);
        },
        options: &["--vanished", "accept"],
        written: REBUILD,
        ..SMALL
    },
];

/// What makes a table one that cannot be exchanged.
const TRIGGER: Option<&str> =
    Some("CREATE TRIGGER of_songs BEFORE INSERT ON songs FOR EACH ROW SET @seen = 1");

const SERVERS: [Way; 10] = [
    Way { mend_sql: Some("DROP INDEX of_songs ON songs"), ..FAILING },
    Way {
        name: "failing_reload",
        news: reload,
        mend_sql: Some("DROP INDEX of_songs ON songs"),
        written: REBUILD,
        ..FAILING
    },
    Way {
        name: "reload_in_place",
        table_sql: TRIGGER,
        written: ["replace", "replay", "replay"],
        ..RELOAD
    },
    Way {
        name: "widening_in_place",
        table_sql: TRIGGER,
        written: ["append", "replay", "replay"],
        ..WIDENING
    },
    Way { name: "recovery_of_a_change", interrupted_at: &["mysql.commit.before"], ..SMALL },
    Way { name: "recovery_of_a_fill", interrupted_at: &["mysql.rebuild.filled"], ..RELOAD },
    Way { name: "recovery_of_a_mark", interrupted_at: &["mysql.rebuild.marked"], ..RELOAD },
    Way {
        name: "recovery_of_an_undo",
        interrupted_at: &["mysql.rebuild.marked", "mysql.drop.after"],
        ..RELOAD
    },
    Way { name: "recovery_of_a_rename", interrupted_at: &["mysql.rename.after"], ..RELOAD },
    Way { name: "recovery_of_a_drop", interrupted_at: &["mysql.finish.before_drop"], ..RELOAD },
];

const SQLITE: [Way; 4] = [
    Way { mend_sql: Some("DROP INDEX of_songs"), ..FAILING },
    Way {
        name: "failing_reload",
        news: reload,
        mend_sql: Some("DROP INDEX of_songs"),
        written: REBUILD,
        ..FAILING
    },
    Way { name: "recovery_of_a_change", interrupted_at: &["sqlite.commit.before"], ..SMALL },
    Way { name: "recovery_of_a_reload", interrupted_at: &["sqlite.commit.before"], ..RELOAD },
];

/// All ways of a kind of database.
pub(super) fn ways(is_server: bool) -> Vec<Way> {
    let own: &[Way] = if is_server { &SERVERS } else { &SQLITE };
    EVERYWHERE.iter().chain(own).copied().collect()
}

fn load_few(world: &mut World, site: &Site<'_>) {
    world.load(site, 40, 10);
    world.change(site, 10, 3);
}

fn reload(world: &mut World, site: &Site<'_>) {
    world.load(site, 300, 4_000);
    world.change(site, 30, 5);
}
