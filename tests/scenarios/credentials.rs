//! Where the target's login comes from: a secret, a token of IAM, a variable; and who asks AWS for it.

mod tokens;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::secrets::assert_silent;
use crate::scenarios::site::{MARIADB, MYSQL, Report, Site, scenarios};
use crate::support::proxy::{Fault, Moment};
use crate::support::scripted_http::{Answer, Request, ScriptedHttp};
use crate::support::{Output, Runner, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        a_secret_is_the_login,
        a_password_is_rotated_before_a_run_connects,
        a_password_is_rotated_in_the_middle_of_a_run,
        a_password_in_a_variable_may_be_anything,
    ]
    .chain(scenarios![servers, [MYSQL];
        a_busy_aws_is_asked_again,
        what_aws_refuses_is_told_by_its_code,
        no_message_tells_a_secret,
        a_secret_that_lacks_the_server_is_completed,
        credentials_come_from_the_container_and_the_instance,
    ])
    .chain(tokens::trials(servers))
    .collect()
}

/// What URLs, shells and JSON give a meaning to.
const NASTY: &str = "p@:/%#?&=+%40 $${X}'\"\\é";

fn prepare(site: &Site<'_>) {
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged (id INT, PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs'",
        ),
        ("songs.sql", "SELECT * FROM staged"),
    ]);
    site.stage("songs/LOAD00000001.csv", "1\n");
}

/// A user of the database with a password; `'` and `\` in it are escaped.
fn user(site: &Site<'_>, password: &str) -> String {
    let database = site.rows("SELECT DATABASE()").concat();
    let user = format!("kept_{database}");
    let password = password.replace('\\', "\\\\").replace('\'', "\\'");
    site.execute(&format!("CREATE USER {user}@'%' IDENTIFIED BY '{password}'"));
    site.execute(&format!("GRANT ALL ON {database}.* TO {user}@'%'"));
    user
}

/// The port of the server and the name of the database.
fn place(site: &Site<'_>) -> (u16, String) {
    let target = site.target();
    let (server, database) = target.rsplit_once('/').unwrap();
    (server.rsplit_once(':').unwrap().1.parse().unwrap(), database.to_owned())
}

/// A secret as RDS writes it.
fn secret(site: &Site<'_>, user: &str, password: &str) -> String {
    let (port, database) = place(site);
    json!({
        "engine": "mysql", "host": "127.0.0.1", "port": port, "username": user, "password": password,
        "dbname": database, "dbInstanceIdentifier": "shop",
    })
    .to_string()
}

/// As AWS answers `GetSecretValue`.
fn given(secret: &str) -> Answer {
    let body = json!({
        "ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/login-AbCdEf", "Name": "shop/login",
        "SecretString": secret, "VersionId": "1", "VersionStages": ["AWSCURRENT"], "CreatedDate": 1.7e9,
    });
    (200, body.to_string())
}

fn refused(status: u16, code: &str) -> Answer {
    (status, json!({ "__type": code, "Message": "Zebra is what it says" }).to_string())
}

/// A command on a secret, with keys of AWS.
fn on_secret(site: &Site<'_>, aws: &ScriptedHttp, target: &str, args: &[&str]) -> Runner {
    site.command(args)
        .args(["--job", "shop"])
        .env("TARGET", target)
        .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.endpoint())
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "Zebra/key")
        .env("AWS_REGION", "eu-central-1")
}

fn run(site: &Site<'_>, aws: &ScriptedHttp) -> Runner {
    on_secret(site, aws, "secretsmanager://shop/login", &["run", "--output", "json"])
}

/// Asserts that a command ended so, and said all of this.
fn assert_said(output: &Output, status: i32, said: &[&str]) {
    assert_eq!(output.status, Some(status), "{}", output.stderr);
    assert!(output.stderr.contains("\n  next: "), "{}", output.stderr);
    for said in said {
        assert!(output.stderr.contains(said), "`{said}` is not said: {}", output.stderr);
    }
}

/// Asserts that a request is signed by a key, and gives its body.
fn signed(request: &Request, key: &str) -> Value {
    assert_eq!(request.line, "POST /");
    assert_eq!(request.header("x-amz-target"), "secretsmanager.GetSecretValue");
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.1");
    let authorization = request.header("authorization");
    let date = request.header("x-amz-date");
    let mut begin = format!("AWS4-HMAC-SHA256 Credential={key}/{}/", date.get(..8).unwrap());
    begin.push_str(
        "eu-central-1/secretsmanager/aws4_request, SignedHeaders=content-type;host;x-amz-date;",
    );
    if !request.header("x-amz-security-token").is_empty() {
        begin.push_str("x-amz-security-token;");
    }
    write!(begin, "x-amz-target, Signature=").unwrap();
    assert!(authorization.starts_with(&begin), "{authorization} is not {begin}");
    serde_json::from_str(&request.body).unwrap()
}

fn a_secret_is_the_login(site: &Site<'_>) {
    prepare(site);
    let (user, (port, database)) = (user(site, NASTY), place(site));
    let text = secret(site, &user, NASTY);
    let aws = ScriptedHttp::start(move |_, _| given(&text));
    let output = run(site, &aws).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let report = Report::read(&output);
    assert_eq!(report.0["target"], format!("mysql://{user}@127.0.0.1:{port}/{database}"));
    let seen = aws.seen();
    assert_eq!(seen.len(), 1, "the secret is read once: {seen:?}");
    let asked = signed(&seen[0], "AKIAEXAMPLE");
    assert_eq!(asked, json!({ "SecretId": "shop/login", "VersionStage": "AWSCURRENT" }));
    assert_eq!(site.rows("SELECT id FROM songs"), ["1"]);
    // By its ARN, which tells the region; and the doctor says where the login is from.
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/login-AbCdEf";
    let target = format!("secretsmanager://{arn}?ssl-mode=REQUIRED");
    let output = on_secret(site, &aws, &target, &["doctor"]).env("AWS_REGION", "us-east-1").run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(signed(&aws.seen()[1], "AKIAEXAMPLE")["SecretId"], arn);
    assert!(output.stdout.contains("target.login"), "{}", output.stdout);
    assert!(
        output.stdout.contains(&format!("secret `{arn}` in eu-central-1")),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("encrypted, "), "{}", output.stdout);
}

fn a_password_is_rotated_before_a_run_connects(site: &Site<'_>) {
    prepare(site);
    let user = user(site, "after");
    let secrets = ["before", "before", "after"].map(|password| secret(site, &user, password));
    let aws = ScriptedHttp::start(move |_, before| given(&secrets[before.min(2)]));
    let output = run(site, &aws).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(aws.seen().len(), 3, "read until it has changed");
    // One that does not change.
    let wrong = secret(site, &user, "before");
    let aws = ScriptedHttp::start(move |_, _| given(&wrong));
    let output = run(site, &aws).run();
    let said = ["refused the login", "the secret, which was just read again", "check the secret"];
    assert_said(&output, 3, &said);
    // A user that changes too, as when two take turns.
    let database = place(site).1;
    site.execute(&format!("CREATE USER {user}_b@'%' IDENTIFIED BY 'b'"));
    site.execute(&format!("GRANT ALL ON {database}.* TO {user}_b@'%'"));
    let secrets = [secret(site, &user, "before"), secret(site, &format!("{user}_b"), "b")];
    let aws = ScriptedHttp::start(move |_, before| given(&secrets[before.min(1)]));
    let output = run(site, &aws).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    // It is one login more, and not one for each version that comes.
    let secrets: Vec<_> = (0..9).map(|n| secret(site, &user, &format!("wrong {n}"))).collect();
    let aws = ScriptedHttp::start(move |_, before| given(&secrets[before]));
    assert_said(&run(site, &aws).run(), 3, &["refused the login", "check the secret"]);
    assert_eq!(aws.seen().len(), 2);
}

fn a_password_is_rotated_in_the_middle_of_a_run(site: &Site<'_>) {
    prepare(site);
    let user = user(site, "before");
    let proxy =
        site.server().0.proxy(Moment::Statement("SELECT GET_LOCK", 1), Fault::HoldThenSend, 1);
    let direct = format!(":{}/", place(site).0);
    let through = proxy.url(&direct).trim_matches([':', '/']).to_owned();
    let of = |password: &str| secret(site, &user, password);
    let current = Arc::new(Mutex::new(of("before")));
    let kept = Arc::clone(&current);
    let aws = ScriptedHttp::start(move |_, _| given(&kept.lock().unwrap()));
    let target = format!("secretsmanager://shop/login?port={through}");
    let running = on_secret(site, &aws, &target, &["run"]).spawn();
    proxy.await_moment();
    site.execute(&format!("ALTER USER {user}@'%' IDENTIFIED BY 'after'"));
    *current.lock().unwrap() = of("after");
    proxy.release();
    let output = running.wait();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(aws.seen().len(), 2, "at the start, and after the login was refused");
    assert_eq!(site.rows("SELECT id FROM songs"), ["1"]);
}

fn a_password_in_a_variable_may_be_anything(site: &Site<'_>) {
    prepare(site);
    let (user, (port, database)) = (user(site, NASTY), place(site));
    let target = format!("mysql://{user}@127.0.0.1:{port}/{database}?password-env=DB_PASSWORD");
    let command = || site.command(["run", "--job", "shop"]);
    for password in [NASTY, " ", "%", "a b ", "%zz", "mysql://", "\u{1F3B5}\t;--", "${DB_PASSWORD}"]
    {
        let quoted = password.replace('\\', "\\\\").replace('\'', "\\'");
        site.execute(&format!("ALTER USER {user}@'%' IDENTIFIED BY '{quoted}'"));
        let by_variable = command().env("TARGET", &target).env("DB_PASSWORD", password);
        let output = by_variable.run();
        assert_eq!(output.status, Some(0), "{password}: {}", output.stderr);
        site.job(&[("job.toml", &format!("target = '{target}'"))]);
        let output = command().env("DB_PASSWORD", password).run();
        assert_eq!(output.status, Some(0), "{password}: {}", output.stderr);
        site.job(&[("job.toml", "")]);
    }
    let output = command().env("TARGET", &target).env("DB_PASSWORD", "other").run();
    assert_said(&output, 2, &["refused the login"]);
    assert_said(&command().env("TARGET", &target).run(), 2, &["no variable `DB_PASSWORD`"]);
}

fn a_busy_aws_is_asked_again(site: &Site<'_>) {
    prepare(site);
    let text = secret(site, &user(site, "p"), "p");
    let aws = ScriptedHttp::start(move |_, before| match before {
        0 => refused(400, "ThrottlingException"),
        1 => (503, "busy".to_owned()),
        _ => given(&text),
    });
    let output = run(site, &aws).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(aws.seen().len(), 3);
    let aws = ScriptedHttp::start(|_, _| refused(400, "ThrottlingException"));
    assert_said(&run(site, &aws).run(), 3, &["answered 400, ThrottlingException", "run again"]);
    assert_eq!(aws.seen().len(), 4, "the tries have a bound");
    let nobody = run(site, &aws).env("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1");
    assert_said(&nobody.run(), 3, &["cannot be connected to", "VPC endpoint"]);
}

fn what_aws_refuses_is_told_by_its_code(site: &Site<'_>) {
    prepare(site);
    for (code, next) in [
        ("AccessDeniedException", "secretsmanager:GetSecretValue"),
        ("com.amazonaws.secretsmanager#ResourceNotFoundException", "AWS_REGION"),
        ("DecryptionFailure", "kms:Decrypt"),
        ("ExpiredTokenException", "renew"),
    ] {
        let aws = ScriptedHttp::start(move |_, _| refused(400, code));
        let code = code.rsplit('#').next().unwrap();
        assert_said(&run(site, &aws).run(), 2, &["`shop/login` in eu-central-1", code, next]);
        assert_eq!(aws.seen().len(), 1, "{code} does not pass");
    }
    let aws = ScriptedHttp::start(|_, _| given("{}"));
    let nowhere = run(site, &aws).env("AWS_REGION", "");
    assert_said(&nowhere.run(), 2, &["region is not known", "AWS_REGION"]);
    assert_eq!(aws.seen().len(), 0);
}

fn no_message_tells_a_secret(site: &Site<'_>) {
    prepare(site);
    let user = user(site, "p/Zebra#7@?%");
    let right = secret(site, &user, "p/Zebra#7@?%");
    let url = "secretsmanager://shop/login";
    let silent = |what: &str, status: i32, answer: Answer| {
        let aws = ScriptedHttp::start(move |_, _| answer.clone());
        for args in [&["run"][..], &["plan"], &["status"]] {
            assert_silent(site, what, &[status], || on_secret(site, &aws, url, args));
        }
    };
    silent("the right login", 0, given(&right));
    silent("a wrong engine", 2, given(&right.replace("\"mysql\"", "\"Zebra\"")));
    silent("no JSON", 2, given("Zebra"));
    silent("broken JSON", 2, given(&right.replace('}', "")));
    silent("a broken URL", 2, given(&format!("mysql://{user}:p/Zebra@h/d")));
    silent("a wrong field", 2, given(&right.replace("\"port\"", "\"port\": \"Zebra\", \"x\"")));
    silent("no answer of AWS", 1, (200, "Zebra".to_owned()));
    silent("a refusal", 2, refused(400, "AccessDeniedException"));
    silent("no code", 2, refused(403, "Zebra is it"));
    silent("another server's error", 3, (500, "Zebra".to_owned()));
}

fn a_secret_that_lacks_the_server_is_completed(site: &Site<'_>) {
    prepare(site);
    let (user, (port, database)) = (user(site, "p"), place(site));
    let text = json!({ "username": user, "password": "p" }).to_string();
    let aws = ScriptedHttp::start(move |_, _| given(&text));
    let url = "secretsmanager://rds!db-1f2e";
    let whole = format!("{url}?host=127.0.0.1&port={port}&database={database}");
    let output = on_secret(site, &aws, &whole, &["run"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let output = on_secret(site, &aws, url, &["run"]).run();
    assert_said(&output, 2, &["`rds!db-1f2e`: it holds no host", "?host="]);
}

fn credentials_come_from_the_container_and_the_instance(site: &Site<'_>) {
    prepare(site);
    let text = secret(site, &user(site, "p"), "p");
    let aws = ScriptedHttp::start(move |_, _| given(&text));
    let source = ScriptedHttp::start(|request, _| match request.line.as_str() {
        "PUT /latest/api/token" => (200, "imds-token".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/" => (200, "role".to_owned()),
        _ => {
            let role = json!({
                "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "key", "Token": "session", "Code": "Success",
                "Expiration": "2099-01-01T00:00:00Z", "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC",
            });
            (200, role.to_string())
        }
    });
    let token = site.folder().join("pod-token");
    std::fs::write(&token, "pod").unwrap();
    let command = || {
        site.command(["run", "--job", "shop"])
            .env("TARGET", "secretsmanager://shop/login")
            .env("AWS_ENDPOINT_URL", aws.endpoint())
            .env("AWS_DEFAULT_REGION", "eu-central-1")
    };
    let container = |endpoint: &str| {
        command()
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{endpoint}/v1/credentials"))
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token)
    };
    let output = container(source.endpoint()).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let asked = source.seen();
    assert_eq!(asked[0].line, "GET /v1/credentials");
    assert_eq!(asked[0].header("authorization"), "pod");
    let output = command().env("AWS_METADATA_ENDPOINT", source.endpoint()).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let last = source.seen().pop().unwrap();
    assert_eq!(last.line, "GET /latest/meta-data/iam/security-credentials/role");
    assert_eq!(last.header("x-aws-ec2-metadata-token"), "imds-token");
    let seen = aws.seen();
    assert_eq!(seen.len(), 2);
    for request in seen {
        assert_eq!(request.header("x-amz-security-token"), "session");
        signed(&request, "ASIAEXAMPLE");
    }
    // A source that refuses, and one that is not there.
    let refuses = ScriptedHttp::start(|_, _| (403, "Zebra".to_owned()));
    let output = container(refuses.endpoint()).run();
    assert_said(&output, 2, &["credentials of AWS cannot be had", "403", "role"]);
    assert!(!output.stderr.contains("Zebra"), "{}", output.stderr);
    let output = container("http://127.0.0.1:1").run();
    assert_said(&output, 3, &["credentials of AWS cannot be had", "role"]);
}
