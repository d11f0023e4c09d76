//! Servers, databases, buckets and locks that cannot be had.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use runner::environment::Environment;
use runner::target::url;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::scenarios::troubles::{assert_told, prepare};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE];
        a_target_of_another_kind_is_told,
        a_target_file_that_cannot_be_is_told,
    ]
    .chain(scenarios![servers, [MYSQL, MARIADB];
        a_wrong_mysql_url_is_told_without_its_password,
        a_server_that_does_not_answer_is_temporary,
        a_password_is_not_told_at_any_level,
    ])
    .chain(scenarios![servers, [SQLITE.with_s3(), MYSQL.with_s3()];
        a_bucket_that_cannot_be_read_is_told,
    ])
    .chain(scenarios![servers, EACH;
        a_lock_held_by_another_run_is_waited_for_and_then_temporary,
        a_run_that_waits_can_be_terminated,
    ])
    .collect()
}

fn run_on(site: &Site<'_>, target: &str) -> Output {
    site.command(["run", "--job", "shop", "--target", target]).run()
}

fn a_target_of_another_kind_is_told(site: &Site<'_>) {
    prepare(site);
    let (before, files) = (site.dump(), site.files());
    for (target, said) in [
        ("postgres://me:secret@localhost/shop", "`postgres`"),
        ("mariadb://me:secret@localhost/shop", "`mariadb`"),
        ("target.db", "no scheme"),
        ("", "no scheme"),
        ("me:secret@localhost/shop", "the target URL"),
        ("sqlite://target.db", "`//`"),
        ("sqlite:", "sqlite"),
        ("sqlite::memory:", "memory"),
    ] {
        assert_told(&run_on(site, target), 2, &[said, "sqlite:"]);
        assert_eq!(site.files(), files, "{target}");
    }
    assert_eq!(site.dump(), before);
}

fn a_target_file_that_cannot_be_is_told(site: &Site<'_>) {
    prepare(site);
    let told = |target: &str, said: &[&str]| {
        let output = run_on(site, target);
        let status = output.status.unwrap();
        assert!([1, 2, 4].contains(&status), "{}", output.stderr);
        assert_told(&output, status, said);
    };
    told("sqlite:no/such/folder/target.db", &["no/such/folder"]);
    told("sqlite:sql", &["sql"]);
    std::fs::write(site.folder().join("text.db"), "this is a text\n".repeat(100)).unwrap();
    told("sqlite:text.db", &["text.db"]);
    let text = std::fs::read_to_string(site.folder().join("text.db")).unwrap();
    assert!(text.starts_with("this is a text\n"));
}

fn a_wrong_mysql_url_is_told_without_its_password(site: &Site<'_>) {
    prepare(site);
    let before = site.dump();
    let right = site.target();
    let server = right.rsplit_once('/').unwrap().0;
    let database = right.rsplit_once('/').unwrap().1;
    let with = |from: &str, to: &str| {
        assert!(right.contains(from));
        right.replace(from, to)
    };
    let wrong: [(String, &[&str]); 12] = [
        (with(":secret@", ":confidential@"), &["unglue", "password"]),
        (with(":secret@", "@"), &["password"]),
        (with("unglue:secret@", "nobody:secret@"), &["nobody"]),
        (with("unglue:secret@", ""), &["no user"]),
        (format!("{server}/unglue_nowhere"), &["unglue_nowhere"]),
        (format!("{server}/mysql"), &["mysql"]),
        (format!("{server}/"), &["no database"]),
        (server.to_owned(), &["no database"]),
        (with("127.0.0.1", ""), &["URL"]),
        (format!("mysql://unglue:secret@127.0.0.1:99999/{database}"), &["URL"]),
        (format!("mysql://unglue:sec/secret@127.0.0.1/{database}"), &["URL"]),
        (format!("{right}?ssl-mod=DISABLED"), &["`ssl-mod`", "ssl-mode"]),
    ];
    for (target, said) in &wrong {
        assert_told(&run_on(site, target), 2, said);
    }
    assert_eq!(site.dump(), before);
}

fn a_server_that_does_not_answer_is_temporary(site: &Site<'_>) {
    prepare(site);
    // Nothing listens on a port that was given up a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = format!("mysql://unglue:secret@127.0.0.1:{port}/unglue_x");
    let begun = Instant::now();
    assert_told(&run_on(site, &target), 3, &[&format!("127.0.0.1:{port}")]);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    let target = "mysql://unglue:secret@no-such-host.invalid/unglue_x";
    let output = run_on(site, target);
    assert!(matches!(output.status, Some(2 | 3)), "{}", output.stderr);
    assert_told(&output, output.status.unwrap(), &["no-such-host.invalid"]);
    // Who answers, but is no MySQL server.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        while let Ok((mut socket, _)) = other.accept() {
            let bytes = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            if std::io::Write::write_all(&mut socket, bytes).is_err() {
                break;
            }
        }
    });
    let output = run_on(site, &format!("mysql://unglue:secret@127.0.0.1:{port}/unglue_x"));
    assert!(matches!(output.status, Some(1..=3)), "{}", output.stderr);
    assert!(!output.stderr.contains("secret"), "{}", output.stderr);
    drop(answering);
}

fn a_password_is_not_told_at_any_level(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260101-000000000.csv", "U,1,confidential,1.00,2026-01-01\n");
    for args in [&["plan"][..], &["status"], &["run"], &["run"]] {
        let output = site.command(args).args(["--job", "shop", "-vv"]).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        let shown = format!("{}{}", output.stdout, output.stderr);
        assert!(!shown.contains("secret"), "{shown}");
        // A plan shows rows, nothing else does.
        assert!(args == ["plan"] || !shown.contains("confidential"), "{shown}");
        assert!(!output.stderr.contains("confidential"), "{}", output.stderr);
    }
    let output = run_on(site, &site.target().replace(":secret@", ":confidential@"));
    assert_told(&output, 2, &[]);
}

fn a_bucket_that_cannot_be_read_is_told(site: &Site<'_>) {
    prepare(site);
    let before = site.dump();
    let run =
        |name: &str, value: &str| site.command(["run", "--job", "shop"]).env(name, value).run();
    assert_told(
        &run("STAGING", "s3://no-such-bucket"),
        2,
        &["s3://no-such-bucket/songs/", "bucket"],
    );
    assert_told(&run("STAGING", "s3://"), 2, &["no bucket"]);
    assert_told(
        &run("STAGING", "gs://bucket"),
        2,
        &["sources.sql:9:10", "this scheme is not known", "s3://"],
    );
    let place = format!("{}/songs/", site.staging_url());
    assert_told(&run("AWS_SECRET_ACCESS_KEY", "wrong"), 2, &[&place, "credentials"]);
    assert_told(&run("AWS_ACCESS_KEY_ID", "nobody"), 2, &[&place, "credentials"]);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let begun = Instant::now();
    let output = run("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{port}"));
    assert_told(&output, 3, &[&place, "AWS_ENDPOINT_URL"]);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_eq!(site.dump(), before);
}

/// Holds the job's lock, as another run does.
fn with_lock(site: &Site<'_>, then: impl FnOnce()) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // SQLite's target is named relative to the site's folder.
    let target = match site.target().strip_prefix("sqlite:") {
        Some(path) => format!("sqlite:{}", site.folder().join(path).display()),
        None => site.target(),
    };
    let held = runtime.block_on(async {
        let target = url::open(&target, &Environment::default()).await.unwrap();
        let lock = target.lock("shop", Duration::ZERO).await.unwrap();
        (target, lock)
    });
    then();
    drop(held);
}

fn a_lock_held_by_another_run_is_waited_for_and_then_temporary(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260101-000000000.csv", "U,1,uno,1.00,2026-01-01\n");
    let before = site.dump();
    with_lock(site, || {
        let begun = Instant::now();
        let output = site.command(["run", "--job", "shop", "--lock-wait", "1"]).run();
        assert_told(&output, 3, &["another run", "shop"]);
        let waited = begun.elapsed();
        assert!(
            (Duration::from_millis(900)..Duration::from_secs(20)).contains(&waited),
            "{waited:?}"
        );
        assert_eq!(site.dump(), before);
        // Looking takes no lock.
        for command in ["plan", "status"] {
            let output = site.command([command, "--job", "shop"]).run();
            assert_eq!(output.status, Some(0), "{}", output.stderr);
        }
    });
    let waiting = |release: Duration| {
        let mut running = None;
        with_lock(site, || {
            let args = ["run", "--job", "shop", "--lock-wait", "60"];
            running = Some(site.command(args).spawn());
            std::thread::sleep(release);
        });
        running.unwrap().wait()
    };
    let output = waiting(Duration::from_millis(700));
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(site.rows("SELECT title FROM songs WHERE id = 1"), ["uno"]);
}

fn a_run_that_waits_can_be_terminated(site: &Site<'_>) {
    prepare(site);
    site.stage("songs/20260101-000000000.csv", "U,1,uno,1.00,2026-01-01\n");
    let before = site.dump();
    with_lock(site, || {
        let running = site.command(["run", "--job", "shop", "--lock-wait", "60"]).spawn();
        // Signals are heard from the beginning of the work on.
        std::thread::sleep(Duration::from_millis(1500));
        let begun = Instant::now();
        let output = running.terminate();
        assert_eq!(output.status, Some(143), "{}", output.stderr);
        assert!(output.stderr.contains("run again"), "{}", output.stderr);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!(site.dump(), before);
    });
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
}
