//! IAM authentication of RDS: tokens instead of passwords, which nobody else may see.

use libtest_mimic::Trial;

use super::{given, on_secret, place, prepare, secret};
use crate::scenarios::site::{MARIADB, MYSQL, Site, scenarios};
use crate::scenarios::troubles::assert_told;
use crate::support::clear_text::ClearText;
use crate::support::mysql::{OTHER, TRUSTED};
use crate::support::scripted_http::ScriptedHttp;
use crate::support::{Runner, Shared};

pub(super) fn trials(servers: &Shared) -> impl Iterator<Item = Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        each_connection_gets_a_token,
        a_token_is_not_sent_to_anyone_else,
    ]
    .chain(scenarios![servers, [MYSQL]; a_password_is_not_sent_as_it_is])
}

/// A user who needs no password behind the door.
fn user(site: &Site<'_>) -> String {
    let database = place(site).1;
    let user = format!("iam_{database}");
    site.execute(&format!("CREATE USER {user}@'%' IDENTIFIED BY ''"));
    site.execute(&format!("GRANT ALL ON {database}.* TO {user}@'%'"));
    user
}

fn command(site: &Site<'_>, args: &[&str], target: &str) -> Runner {
    site.command(args)
        .args(["--job", "shop"])
        .env("TARGET", target)
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "key")
        .env("AWS_SESSION_TOKEN", "session/token==")
        .env("AWS_REGION", "eu-central-1")
}

/// The URL of a door, for a user.
fn url(site: &Site<'_>, door: &ClearText, user: &str, query: &str) -> String {
    format!("mysql://{user}@127.0.0.1:{}/{}?{query}", door.port(), place(site).1)
}

fn each_connection_gets_a_token(site: &Site<'_>) {
    prepare(site);
    let (server, user) = (site.server().0, user(site));
    let door = server.clear_text(true);
    let trusted = format!("iam=true&ssl-ca={}", server.file(TRUSTED));
    let target = url(site, &door, &user, &trusted);
    let output = command(site, &["run"], &target).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(site.rows("SELECT id FROM songs"), ["1"]);
    let output = command(site, &["doctor"], &target).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains("a token of IAM in eu-central-1"), "{}", output.stdout);
    let tokens = door.passwords();
    assert!(tokens.len() > 2, "a load and the doctor have several connections: {tokens:?}");
    assert_eq!(tokens.len(), door.connections());
    for token in tokens {
        let begin = format!("127.0.0.1:{}/?Action=connect&DBUser={user}&", door.port());
        assert!(token.starts_with(&begin), "{token}");
        for part in [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&",
            "X-Amz-Credential=AKIAEXAMPLE%2F",
            "%2Feu-central-1%2Frds-db%2Faws4_request&",
            "X-Amz-Expires=900&",
            "X-Amz-Security-Token=session%2Ftoken%3D%3D",
            "X-Amz-Signature=",
        ] {
            assert!(token.contains(part), "{part}: {token}");
        }
    }
    assert!(!door.open().contains("X-Amz"), "{}", door.open());
    // Host and user from a secret; the password in it is not used.
    let text = secret(site, &user, "not used");
    let aws = ScriptedHttp::start(move |_, _| given(&text));
    let target = format!("secretsmanager://shop/login?{trusted}&port={}", door.port());
    let before = door.passwords().len();
    let output = on_secret(site, &aws, &target, &["run"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let tokens = door.passwords().split_off(before);
    assert!(!tokens.is_empty() && tokens.iter().all(|token| token.contains("X-Amz-Signature=")));
}

fn a_token_is_not_sent_to_anyone_else(site: &Site<'_>) {
    prepare(site);
    let (server, user) = (site.server().0, user(site));
    let door = server.clear_text(true);
    let run = |door: &ClearText, query: &str| {
        command(site, &["run"], &url(site, door, &user, query)).run()
    };
    for query in ["iam=true&ssl-mode=DISABLED", "iam=true&ssl-mode=REQUIRED"] {
        assert_told(&run(&door, query), 2, &["iam=true", "VERIFY_IDENTITY"]);
    }
    assert_eq!(door.connections(), 0);
    // Not to a server that another authority has vouched for, or none.
    let other = format!("iam=true&ssl-ca={}", server.file(OTHER));
    for query in [other.as_str(), "iam=true"] {
        assert_told(&run(&door, query), 2, &["no trusted TLS connection"]);
    }
    assert_eq!(door.passwords(), [""; 0]);
    assert!(!door.open().contains("X-Amz"));
    // Nor to one that offers no TLS.
    let plain = server.clear_text(false);
    let trusted = format!("iam=true&ssl-ca={}", server.file(TRUSTED));
    assert_told(&run(&plain, &trusted), 2, &["offers no TLS"]);
    assert!(plain.connections() > 0);
    assert!(!plain.open().contains("X-Amz"), "{}", plain.open());
    let with_password = url(site, &door, &format!("{user}:p"), &trusted);
    assert_told(&command(site, &["run"], &with_password).run(), 2, &["a password and iam=true"]);
}

fn a_password_is_not_sent_as_it_is(site: &Site<'_>) {
    prepare(site);
    let (server, user) = (site.server().0, format!("{}:Zebra", user(site)));
    for (encrypted, query) in [
        (true, format!("ssl-ca={}", server.file(TRUSTED))),
        (false, "ssl-mode=DISABLED".to_owned()),
    ] {
        let door = server.clear_text(encrypted);
        let output = command(site, &["run"], &url(site, &door, &user, &query)).run();
        assert_told(&output, 2, &["asks for the password as it is", "iam=true"]);
        assert_eq!(door.passwords(), [""; 0]);
        assert!(!door.open().contains("Zebra"));
    }
}
