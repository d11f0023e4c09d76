//! No secret is ever printed, logged or kept, whatever fails: each one here has the same word in it.

use libtest_mimic::Trial;

use crate::scenarios::site::{MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::scripted_http::ScriptedHttp;
use crate::support::{Runner, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL.with_s3(), MARIADB];
        no_command_tells_a_password,
    ]
    .chain(scenarios![servers, [SQLITE];
        no_error_in_a_job_tells_a_variable,
        no_result_of_a_rule_tells_a_variable,
        no_wrong_option_tells_what_was_typed,
        no_answer_of_a_store_is_told,
    ])
    .chain(scenarios![servers, [SQLITE.with_s3()];
        no_request_tells_a_key_of_aws,
    ])
    .collect()
}

/// The word; in any case, since some things are folded.
const WORD: &str = "zebra";

/// Runs a command as loud as it can be, and then as any library in it can be.
pub(super) fn assert_silent(
    site: &Site<'_>,
    what: &str,
    status: &[i32],
    command: impl Fn() -> Runner,
) {
    for (option, filter, format) in
        [("-vvv", "", "auto"), ("-vv", "trace", "auto"), ("-vv", "trace", "json")]
    {
        let command = command().args([option]);
        let command = command.env("UNGLUE_LOG_FORMAT", format).env("UNGLUE_METRICS", "emf");
        let command = if filter.is_empty() { command } else { command.env("RUST_LOG", filter) };
        let output = command.run();
        let found = output.status.unwrap();
        assert!(status.contains(&found), "{what}: {found}: {}", output.stderr);
        for text in [&output.stdout, &output.stderr] {
            if let Some(at) = text.to_lowercase().find(WORD) {
                let begin = text.floor_char_boundary(at.saturating_sub(300));
                let end = text.ceil_char_boundary((at + 100).min(text.len()));
                panic!(
                    "{what} with {option}, {format} and RUST_LOG={filter:?} tells: …{}…",
                    &text[begin..end]
                );
            }
        }
    }
    assert!(!site.dump().to_lowercase().contains(WORD), "{what} keeps it in the target");
}

fn prepare(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(9), PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs'",
        ),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage("songs/LOAD00000001.csv", "1,one\n");
}

fn no_command_tells_a_password(site: &Site<'_>) {
    prepare(site);
    let database = site.rows("SELECT DATABASE()").concat();
    let user = format!("kept_{database}");
    site.execute(&format!("CREATE USER {user}@'%' IDENTIFIED BY 'p/Zebra#7@?%'"));
    site.execute(&format!("GRANT ALL ON {database}.* TO {user}@'%'"));
    let server = site.target().split_once('@').unwrap().1.to_owned();
    let right = format!("mysql://{user}:p%2FZebra%237%40%3F%25@{server}");
    let on = |target: &str, args: &[&str]| {
        let command = site.command(args).args(["--job", "shop", "--target", target]);
        command.env("DATABASE_URL", target)
    };
    let all: [&[&str]; 5] = [
        &["plan"],
        &["run"],
        &["status", "--output", "json"],
        &["run", "--output", "json"],
        &["sql", "-c", "SELECT * FROM target.songs"],
    ];
    for args in all {
        assert_silent(site, &args.join(" "), &[0], || on(&right, args));
    }
    // A row that is refused, through the search for it.
    site.execute("ALTER TABLE songs ADD CHECK (id < 9)");
    site.stage("songs/20260101-000000000.csv", "I,10,ten\n");
    assert_silent(site, "a refused row", &[4], || on(&right, &["run"]));
    for wrong in wrong_urls(&user, &server, &database) {
        assert_silent(site, &wrong, &[1, 2, 3], || on(&wrong, &["run"]));
    }
    for command in ["plan", "status"] {
        let wrong = format!("mysql://{user}:Zebra@{server}");
        assert_silent(site, command, &[2], || on(&wrong, &[command]));
    }
    // In the job's own file, which a parser may quote.
    for (toml, status) in [
        (format!("target = '{right}'\n"), 4),
        (format!("target = mysql://{user}:Zebra@{server}\n"), 2),
        (format!("targt = 'mysql://{user}:Zebra@{server}'\n"), 2),
        (format!("target = ['mysql://{user}:Zebra@{server}']\n"), 2),
        (format!("target = 'mysql://{user}:Zebra@{server}\n"), 2),
    ] {
        site.job(&[("job.toml", &toml)]);
        assert_silent(site, &toml, &[status], || site.command(["run", "--job", "shop"]));
    }
    let toml = site.folder().join("sql/shop/job.toml");
    std::fs::remove_file(toml).unwrap();
    for file in site.files() {
        assert!(!file.to_lowercase().contains(WORD), "{file}");
        if let Ok(text) = std::fs::read(&file) {
            let text = String::from_utf8_lossy(&text).to_lowercase();
            assert!(!text.contains(WORD), "{file} holds it");
        }
    }
}

/// URLs that lead nowhere or are none, most of them since the password is not percent-encoded.
fn wrong_urls(user: &str, server: &str, database: &str) -> Vec<String> {
    let port = server.split_once('/').unwrap().0.rsplit_once(':').unwrap().1;
    vec![
        format!("mysql://{user}:Zebra@{server}"),
        format!("mysql://{user}:Zebra@{server}_nowhere"),
        format!("mysql://{user}:Zebra@127.0.0.1:1/{database}"),
        format!("mysql://{user}:Zebra@{server}?ssl-mode=VERIFY_IDENTITY"),
        format!("mysql://{user}:Zebra@{server}?ssl-mode=VERIFY_IDENTITY&ssl-ca=/no/such.pem"),
        format!("mysql://{user}:p/Zebra@{server}"),
        format!("mysql://{user}:1/Zebra@{server}"),
        format!("mysql://{user}:p@Zebra/x@{server}"),
        format!("mysql://{user}:p@Zebra/x@127.0.0.1"),
        format!("mysql://{user}:p@127.0.0.1:{port}/Zebra@127.0.0.1"),
        format!("mysql://{user}:p#Zebra@{server}"),
        format!("mysql://{user}:1#Zebra@{server}"),
        format!("mysql://{user}:p@{server}#Zebra"),
        format!("mysql://{user}:p?Zebra@{server}"),
        format!("mysql://{user}:1?Zebra@{server}"),
        format!("mysql://{user}:p@127.0.0.1/x?Zebra@{server}"),
        format!("mysql://{user}:p@127.0.0.1/x?ssl-mode=Zebra@{server}"),
        format!("mysql://{user}:%ZZebra@{server}"),
        format!("mysql://{user}:Zebra@"),
        format!("mysql://:Zebra@{server}"),
        format!("mysql:{user}:Zebra@{server}"),
        format!("{user}:Zebra@{server}"),
        format!("postgres://{user}:Zebra@{server}"),
        format!("sqlite://{user}:Zebra@{server}"),
    ]
}

fn no_error_in_a_job_tells_a_variable(site: &Site<'_>) {
    prepare(site);
    site.run();
    for (file, text) in [
        ("songs.sql", "SELECT ${TOKEN} FROM staged"),
        ("songs.sql", "SELECT * FROM ${TOKEN}"),
        ("songs.sql", "SELECT * FROM staged ${TOKEN} ${TOKEN}"),
        ("songs.sql", "SELECT '${TOKEN}' + FROM staged"),
        ("songs.sql", "SELECT CAST('${TOKEN}' AS INT) AS id FROM staged"),
        ("songs.sql", "SELECT ${TOKEN}(id) AS id FROM staged"),
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT) STORED AS DMS LOCATION 'x' OPTIONS ('CsvDelimiter' '${TOKEN}')",
        ),
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT) STORED AS DMS LOCATION 'x' OPTIONS ('${TOKEN}' 'x')",
        ),
        ("sources.sql", "CREATE EXTERNAL TABLE staged (id ${TOKEN}) STORED AS DMS LOCATION 'x'"),
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT) STORED AS DMS LOCATION 's3a://AKIA:${TOKEN}@bucket/x'",
        ),
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT) STORED AS DMS LOCATION 'gs://${TOKEN}@bucket/x'",
        ),
        ("job.toml", "target = '${TOKEN}'"),
        ("job.toml", "[model.songs]\ntable = '${TOKEN}.a.b'"),
    ] {
        let path = site.folder().join("sql/shop").join(file);
        let before = std::fs::read_to_string(&path).ok();
        site.job(&[(file, text)]);
        assert_silent(site, text, &[1, 2, 4], || {
            site.command(["run", "--job", "shop"]).env("TOKEN", "tokenZebra9")
        });
        match before {
            Some(before) => site.job(&[(file, &before)]),
            None => std::fs::remove_file(path).unwrap(),
        }
    }
}

fn no_result_of_a_rule_tells_a_variable(site: &Site<'_>) {
    prepare(site);
    for (rule, refused) in [
        ("CustomSql \"SELECT count(*) FROM primary WHERE title = '${TOKEN}'\" = 7", 4),
        ("ColumnValues \"title\" = \"${TOKEN}\" labels=[\"${TOKEN}\"=\"${TOKEN}\"]", 4),
        ("ColumnExists \"${TOKEN}\"", 4),
        ("IsComplete \"${TOKEN}\"", 2),
        ("${TOKEN} > 0", 2),
    ] {
        site.job(&[("songs.dqdl", &format!("Rules = [ {rule} ]")), ("job.toml", "")]);
        let on = |args: &[&str]| {
            let command = site.command(args).args(["--job", "shop"]);
            command.env("TOKEN", "tokenZebra9")
        };
        assert_silent(site, rule, &[refused], || on(&["run"]));
        site.job(&[("job.toml", "[quality]\non_failure = 'report'")]);
        let status = if refused == 4 { 0 } else { 2 };
        assert_silent(site, rule, &[status], || on(&["run", "--dry-run", "--output", "json"]));
        assert_silent(site, rule, &[status], || on(&["plan"]));
    }
}

fn no_wrong_option_tells_what_was_typed(site: &Site<'_>) {
    prepare(site);
    site.run();
    let url = "mysql://me:Zebra@127.0.0.1/db";
    let misspelt = format!("--targt={url}");
    for args in [
        &["run", url][..],
        &[url],
        &["run", "--job", "shop", misspelt.as_str()],
        &["run", "--job", "shop", "--targt", url],
        &["run", "--job", "shop", "--lock-wait", url],
        &["run", "--job", "shop", "--output", url],
        &["run", "--job", "shop", "--vars", "TOKEN=Zebra"],
        &["run", "--job", "shop", "--token", "Zebra"],
        &["run", "--job", "shop", "--token=Zebra", "--TempDir", "Zebra"],
        &["run", "--job", "shop", "--job-bookmark-option", "Zebra"],
        &["run", "--job", "shop", "TOKEN=Zebra"],
        &["run", "--job", "shop", "--var", "TO KEN=Zebra"],
        &["run", "--job", url],
        &["run", "--job", "shop", "--jobs", url],
    ] {
        assert_silent(site, &args.join(" "), &[2], || site.command(args));
    }
}

fn no_request_tells_a_key_of_aws(site: &Site<'_>) {
    prepare(site);
    site.run();
    let jobs = format!("{}/jobs", site.staging_url());
    for (name, value) in [
        ("AWS_SECRET_ACCESS_KEY", "wrong+Zebra/key"),
        ("AWS_SESSION_TOKEN", "tokenZebra"),
        ("AWS_REGION", "nowhere"),
    ] {
        let on = |args: &[&str]| {
            let command = site.command(args).args(["--job", "shop"]);
            command.env("AWS_SESSION_TOKEN", "tokenZebra").env(name, value)
        };
        assert_silent(site, name, &[0, 2, 3], || on(&["run"]));
        assert_silent(site, name, &[0, 2, 3], || on(&["plan", "--jobs", &jobs]));
    }
}

/// Listings are answered as `listing` says, everything else as `other`; both are a status and a body.
fn store_that_answers(listing: (u16, &'static str), other: (u16, &'static str)) -> ScriptedHttp {
    ScriptedHttp::start(move |request, _| {
        let (status, body) = if request.line.contains("list-type=2") { listing } else { other };
        (status, body.to_owned())
    })
}

/// As AWS answers.
const ANSWERS: [(&str, (u16, &str)); 4] = [
    (
        "ExpiredToken",
        (
            400,
            "<Error><Code>ExpiredToken</Code><Message>The provided token has expired: Zebra</Message><Token-0>IQoZebra/token==</Token-0></Error>",
        ),
    ),
    (
        "InvalidAccessKeyId",
        (
            403,
            "<Error><Code>InvalidAccessKeyId</Code><Message>No such key</Message><AWSAccessKeyId>AKIAZEBRA</AWSAccessKeyId></Error>",
        ),
    ),
    (
        "SignatureDoesNotMatch",
        (
            403,
            "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIAZEBRA</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256 zebra</StringToSign><CanonicalRequest>GET\n/\nx-amz-security-token:IQoZebra/token==\n</CanonicalRequest></Error>",
        ),
    ),
    ("cannot be understood", (200, "<ListBucketResult><Contents><Token-0>IQoZebra/token==")),
];

/// One object, which is then asked for.
const LISTING: (u16, &str) = (
    200,
    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>songs/LOAD00000001.csv</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"1\"</ETag><Size>6</Size></Contents></ListBucketResult>",
);

fn no_answer_of_a_store_is_told(site: &Site<'_>) {
    prepare(site);
    site.run();
    let on = |endpoint: &str, args: &[&str]| {
        let command = site.command(args).args(["--job", "shop"]).env("STAGING", "s3://bucket");
        aws(command, endpoint)
    };
    let all: [&[&str]; 5] = [
        &["run"],
        &["plan"],
        &["status", "--output", "json"],
        &["doctor"],
        &["sql", "-c", "SELECT * FROM staged"],
    ];
    for (code, bad) in ANSWERS {
        let denied = store_that_answers(bad, bad);
        for args in all {
            assert_silent(site, &format!("{code}: {args:?}"), &[1, 2, 3, 4], || {
                on(denied.endpoint(), args)
            });
        }
        let output = on(denied.endpoint(), &["run"]).run();
        assert!(output.stderr.contains(code), "{}", output.stderr);
        assert_silent(site, code, &[1, 2, 3], || {
            on(denied.endpoint(), &["run", "--jobs", "s3://bucket/jobs"])
        });
        // The listing is given, the object is not.
        let unread = store_that_answers(LISTING, bad);
        for args in [&["run"][..], &["doctor"], &["sql", "-c", "SELECT * FROM staged"]] {
            assert_silent(site, &format!("{code}, read: {args:?}"), &[1, 2, 3, 4], || {
                on(unread.endpoint(), args)
            });
        }
    }
    // A place for rejects that cannot be written.
    let store = store_that_answers(ANSWERS[0].1, ANSWERS[0].1);
    let config = "target = '${TARGET}'\nrejected_rows = 5\nrejects = 's3://bucket/rejects'\n";
    site.job(&[("job.toml", config)]);
    site.stage("songs/20260101-000000000.csv", "I,x,ten\n");
    let run = || aws(site.command(["run", "--job", "shop"]), store.endpoint());
    assert_silent(site, "rejects", &[2], run);
    let output = run().run();
    assert!(output.stderr.contains("cannot be written"), "{}", output.stderr);
    assert!(output.stderr.contains("400 Bad Request, ExpiredToken"), "{}", output.stderr);
}

fn aws(command: Runner, endpoint: &str) -> Runner {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "AKIAZEBRA"),
        ("AWS_SECRET_ACCESS_KEY", "secret+Zebra/key"),
        ("AWS_SESSION_TOKEN", "IQoZebra/token=="),
        ("AWS_REGION", "eu-central-1"),
    ]
    .into_iter()
    .fold(command, |command, (name, value)| command.env(name, value))
}
