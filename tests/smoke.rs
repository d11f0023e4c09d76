//! The suite's own footing: every server answers, and the binary can be run.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use libtest_mimic::Trial;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt};

use crate::support::{MySqlServer, Runner, S3Server, Servers, Shared, trials};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    trials![servers;
        mysql_answers_with_its_version_9,
        mariadb_answers_with_its_version_10_11,
        ordinary_user_streams_rows_into_each_database,
        ordinary_user_sees_no_other_database,
        query_returns_the_text_of_every_value,
        s3_lists_what_was_put,
        s3_tells_tags_in_listings_and_heeds_them_in_reads,
        s3_refuses_a_wrong_secret,
        fresh_names_are_never_given_twice,
        binary_runs_with_a_clean_environment,
        binary_can_be_killed,
    ]
}

fn version(server: &MySqlServer) -> String {
    let rows = server.query("mysql", "SELECT VERSION()");
    rows[0][0].clone().unwrap()
}

fn mysql_answers_with_its_version_9(servers: &Servers) {
    let version = version(&servers.mysql);
    assert!(version.starts_with("9."), "{version}");
}

fn mariadb_answers_with_its_version_10_11(servers: &Servers) {
    let version = version(&servers.mariadb);
    assert!(version.starts_with("10.11.") && version.contains("MariaDB"), "{version}");
}

fn ordinary_user_streams_rows_into_each_database(servers: &Servers) {
    for server in servers.databases() {
        let database = server.fresh_database();
        let loaded = servers.block_on(async {
            let mut conn = Conn::new(Opts::from_url(&server.url(&database)).unwrap()).await?;
            conn.query_drop("CREATE TABLE t (id INT PRIMARY KEY, name TEXT)").await?;
            let rows = Bytes::from_static("1\tgrün\n2\t\\N\n".as_bytes());
            conn.set_infile_handler(async { Ok(futures::stream::iter([Ok(rows)]).boxed()) });
            conn.query_drop("LOAD DATA LOCAL INFILE 'rows' INTO TABLE t CHARACTER SET utf8mb4")
                .await?;
            conn.disconnect().await
        });
        loaded.unwrap_or_else(|error| panic!("{}: {error}", server.flavour()));

        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            server.query(&database, "SELECT * FROM t ORDER BY id"),
            [[some("1"), some("grün")], [some("2"), None]],
            "{}",
            server.flavour()
        );
    }
}

fn ordinary_user_sees_no_other_database(servers: &Servers) {
    for server in servers.databases() {
        let refused = servers.block_on(async {
            Conn::new(Opts::from_url(&server.url("mysql")).unwrap()).await.err()
        });
        let message = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("Access denied"), "{}: {message}", server.flavour());
    }
}

fn query_returns_the_text_of_every_value(servers: &Servers) {
    let expected = ["-7", "1.50", "2026-07-01 12:00:00.000001", "0xff00", ""].map(str::to_owned);
    for server in servers.databases() {
        let database = server.fresh_database();
        server.execute(
            &database,
            "CREATE TABLE t AS SELECT -7 AS a, CAST(1.5 AS DECIMAL(5,2)) AS b, \
             CAST('2026-07-01 12:00:00.000001' AS DATETIME(6)) AS c, X'FF00' AS d, '' AS e, \
             CAST(NULL AS CHAR) AS f",
        );
        let rows = server.query(&database, "SELECT * FROM t");
        let expected: Vec<_> = expected.clone().into_iter().map(Some).chain([None]).collect();
        assert_eq!(rows, [expected], "{}", server.flavour());
    }
}

fn store(server: &S3Server, bucket: &str, secret: &str) -> Arc<dyn ObjectStore> {
    let store = AmazonS3Builder::new()
        .with_endpoint(&server.endpoint)
        .with_allow_http(true)
        .with_region("eu-central-1")
        .with_bucket_name(bucket)
        .with_access_key_id(&server.access_key)
        .with_secret_access_key(secret)
        .build();
    Arc::new(store.unwrap())
}

fn s3_lists_what_was_put(servers: &Servers) {
    let bucket = servers.s3.fresh_bucket();
    let store = store(&servers.s3, &bucket, &servers.s3.secret_key);
    let listed: Vec<(String, u64)> = servers
        .block_on(async {
            for key in ["shop/sales/LOAD00000002.csv", "shop/sales/LOAD00000001.csv", "other.csv"] {
                store.put(&Path::from(key), Bytes::from_static(b"I,1\n").into()).await.unwrap();
            }
            let objects = store.list(Some(&Path::from("shop")));
            objects.map_ok(|object| (object.location.to_string(), object.size)).try_collect().await
        })
        .unwrap();
    assert_eq!(
        listed,
        [
            ("shop/sales/LOAD00000001.csv".to_owned(), 4),
            ("shop/sales/LOAD00000002.csv".to_owned(), 4)
        ]
    );
    let file = servers.s3.root().join(bucket).join("other.csv");
    assert_eq!(std::fs::read(file).unwrap(), b"I,1\n");
}

/// As AWS does.
fn s3_tells_tags_in_listings_and_heeds_them_in_reads(servers: &Servers) {
    let bucket = servers.s3.fresh_bucket();
    let store = store(&servers.s3, &bucket, &servers.s3.secret_key);
    // As DMS does, and as a test does.
    let path = Path::from("put.csv");
    let put = store.put(&path, Bytes::from_static(b"I,1\n").into());
    let put = servers.block_on(put).unwrap();
    std::fs::write(servers.s3.root().join(&bucket).join("written.csv"), b"I,1\n").unwrap();
    let listed = servers.block_on(store.list(None).try_collect::<Vec<_>>()).unwrap();
    let tags: Vec<_> = listed.iter().map(|object| object.e_tag.clone()).collect();
    assert_eq!(tags, [put.e_tag.clone(), put.e_tag.clone()]);
    assert!(put.e_tag.is_some());
    let read = |tag: Option<&str>| {
        let if_match = tag.map(str::to_owned);
        let options = GetOptions { if_match, range: Some((0..1).into()), ..GetOptions::default() };
        servers.block_on(store.get_opts(&Path::from("written.csv"), options))
    };
    read(None).unwrap();
    read(put.e_tag.as_deref()).unwrap();
    let refused = read(Some("\"another\"")).unwrap_err();
    assert!(matches!(refused, object_store::Error::Precondition { .. }), "{refused}");
}

fn s3_refuses_a_wrong_secret(servers: &Servers) {
    let store = store(&servers.s3, &servers.s3.fresh_bucket(), "wrong");
    let refused = servers.block_on(store.head(&Path::from("any"))).unwrap_err();
    assert!(refused.to_string().contains("403"), "{refused}");
}

fn fresh_names_are_never_given_twice(servers: &Servers) {
    let names: BTreeSet<String> = (0..20)
        .map(|_| servers.s3.fresh_bucket())
        .chain((0..5).map(|_| servers.mysql.fresh_database()))
        .collect();
    assert_eq!(names.len(), 25);
}

fn binary_runs_with_a_clean_environment(servers: &Servers) {
    let folder = tempfile::tempdir().unwrap();
    let output = Runner::new()
        .args(["--version"])
        .env("RUST_LOG", "debug")
        .envs(servers.s3.env())
        .current_dir(folder.path())
        .run();
    assert_eq!(output.status, Some(0), "{}{}", output.stdout, output.stderr);
}

fn binary_can_be_killed(_: &Servers) {
    let output = Runner::new().args(["--version"]).spawn().kill();
    assert!(output.status.is_none_or(|status| status == 0), "{output:?}");
}
