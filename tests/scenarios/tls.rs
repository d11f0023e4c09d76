//! TLS to the database: who answers is checked, unless the URL says otherwise.

use libtest_mimic::Trial;

use crate::scenarios::site::{MARIADB, MYSQL, Site, scenarios};
use crate::scenarios::troubles::assert_told;
use crate::support::Shared;
use crate::support::mysql::{BUNDLE, OTHER, TRUSTED};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        a_server_is_trusted_by_its_authority_and_its_name,
        each_ssl_mode_does_what_its_name_says,
    ]
    .collect()
}

/// A job on a target whose user may not log in without TLS: the URL without parameters.
fn prepare(site: &Site<'_>) -> String {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs'",
        ),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage("songs/LOAD00000001.csv", "1\n");
    let database = site.rows("SELECT DATABASE()").concat();
    let user = format!("tls_{database}");
    site.execute(&format!("CREATE USER {user}@'%' IDENTIFIED BY 'secret' REQUIRE SSL"));
    site.execute(&format!("GRANT ALL ON {database}.* TO {user}@'%'"));
    site.target().replace("//unglue:", &format!("//{user}:"))
}

fn a_server_is_trusted_by_its_authority_and_its_name(site: &Site<'_>) {
    let url = prepare(site);
    let elsewhere = url.replace("@127.0.0.1:", "@localhost:");
    let run = |url: &str, authority: &str| {
        let target =
            format!("{url}?ssl-mode=VERIFY_IDENTITY&ssl-ca={}", site.server().0.file(authority));
        site.command(["run", "--job", "shop", "--target", &target]).run()
    };
    for authority in [TRUSTED, BUNDLE] {
        let output = run(&url, authority);
        assert_eq!(output.status, Some(0), "{authority}: {}", output.stderr);
    }
    assert_told(&run(&url, OTHER), 2, &["no trusted TLS connection", "127.0.0.1", "ssl-ca"]);
    assert_told(&run(&elsewhere, TRUSTED), 2, &["no trusted TLS connection", "localhost"]);
    assert_told(&run(&url, "no-such-file.pem"), 2, &["ssl-ca", "no-such-file.pem"]);
    // No authority that the world knows has signed it.
    let target = format!("{url}?ssl-mode=VERIFY_IDENTITY");
    let output = site.command(["run", "--job", "shop", "--target", &target]).run();
    assert_told(&output, 2, &["no trusted TLS connection", "ssl-ca"]);
}

fn each_ssl_mode_does_what_its_name_says(site: &Site<'_>) {
    let url = prepare(site);
    let run = |query: &str| {
        let target = format!("{url}{query}");
        site.command(["run", "--job", "shop", "--target", &target]).run()
    };
    let output = run("?ssl-mode=REQUIRED");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    // The user may log in only through TLS; this machine's own addresses are reached without it.
    for query in ["", "?ssl-mode=DISABLED"] {
        assert_told(&run(query), 2, &["refused the login"]);
    }
}
