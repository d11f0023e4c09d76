//! The whole path on one machine: the stack as the template deploys it, the function with the environment that the stack gives it,
//! the command that it starts a task with, and that command run with the environment of the task definition.

use std::path::PathBuf;

use libtest_mimic::Trial;
use mysql_async::Opts;
use serde_json::{Value, json};

use super::stack::{Stack, file};
use super::watched::{emitted, watched};
use crate::support::function::{Answer, Function};
use crate::support::{Moto, Output, Runner, Servers, Shared, emf, trials};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    trials![servers;
        an_event_of_each_shape_brings_its_object_into_the_table,
        a_task_that_is_refused_says_so_in_its_metrics,
        without_routes_events_come_again_and_are_counted,
        alarms_and_dashboard_ask_for_nothing_that_nobody_emits,
    ]
}

/// What the events of the function's tests tell of.
const TOLD_BUCKET: &str = "acme-staging";
const TOLD_KEY: &str = "shop/public/orders/20260327-081500000.csv";

/// The events; in those of S3 itself keys are encoded.
const EVENTS: [(&str, &str, bool); 7] = [
    ("S3", include_str!("../../lambda/tests/events/s3_put.json"), true),
    ("SQS", include_str!("../../lambda/tests/events/sqs_s3.json"), true),
    ("SNS", include_str!("../../lambda/tests/events/sns_s3.json"), true),
    ("SNS in SQS", include_str!("../../lambda/tests/events/sqs_sns_s3.json"), true),
    ("raw SNS in SQS", include_str!("../../lambda/tests/events/sqs_sns_raw.json"), true),
    ("EventBridge", include_str!("../../lambda/tests/events/eventbridge_created.json"), false),
    ("EventBridge in SQS", include_str!("../../lambda/tests/events/sqs_eventbridge.json"), false),
];

const JOB: &str = "orders";
/// DMS takes the names of tables as they are.
const FOLDER: &str = "staging/shop/my orders";
const SOURCES: &str =
    "CREATE EXTERNAL TABLE staged (id INT PRIMARY KEY, city VARCHAR(20), amount INT)
    STORED AS DMS LOCATION '${STAGING}/shop/my orders/'";
const ORDERS: &str = "SELECT id, city, amount FROM staged";
const CITIES: &str = "SELECT city, sum(amount) AS amount FROM staged GROUP BY city";

const CREATE_SECRET: &str = "
import boto3, json, sys
secret = boto3.client('secretsmanager').create_secret(Name='target', SecretString=sys.argv[1])
print(json.dumps(secret['ARN']))
";

/// A deployed stack with all that stands around it.
struct Deployed<'a> {
    servers: &'a Servers,
    moto: Moto,
    stack: Stack,
    bucket: String,
    database: String,
}

impl<'a> Deployed<'a> {
    fn new(servers: &'a Servers) -> Self {
        let moto = servers.fresh_moto();
        let (bucket, database) = (servers.s3.fresh_bucket(), servers.mysql.fresh_database());
        let opts = Opts::from_url(&servers.mysql.url(&database)).unwrap();
        // As RDS writes it.
        let secret = json!({
            "engine": "mysql",
            "host": opts.ip_or_hostname(),
            "port": opts.tcp_port(),
            "username": opts.user(),
            "password": opts.pass(),
            "dbname": database,
        });
        let secret = moto.script(CREATE_SECRET, &[&secret.to_string()]);
        let secret = secret.as_str().unwrap();
        let stack = Stack::deploy(&moto, &[("TargetSecretArn", secret), ("BucketName", &bucket)]);
        let deployed = Self { servers, moto, stack, bucket, database };
        for (name, text) in [
            ("sources.sql", SOURCES),
            ("orders.sql", ORDERS),
            ("cities.sql", CITIES),
            ("job.toml", "target = \"${TARGET}\"\n"),
        ] {
            deployed.put(&format!("jobs/{JOB}/{name}"), text);
        }
        let folder = format!("s3://{}/{FOLDER}/", deployed.bucket);
        deployed.put("routes.json", &json!({ folder: JOB }).to_string());
        deployed
    }

    fn file(&self, key: &str) -> PathBuf {
        self.servers.s3.root().join(&self.bucket).join(key)
    }

    fn put(&self, key: &str, content: &str) {
        let file = self.file(key);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
    }

    /// What Lambda gives it besides what the template sets: its role's credentials, its region.
    fn function(&self) -> Function {
        let mut environment = self.servers.s3.env();
        environment.push(("AWS_ENDPOINT_URL_ECS".to_owned(), self.moto.endpoint.clone()));
        environment.extend(self.stack.function_environment());
        Function::start(environment)
    }

    /// The tasks that were started since this was asked before.
    fn started(&self) -> Vec<Value> {
        let cluster = self.stack.output("ClusterName");
        let tasks = self.moto.script(include_str!("tasks.py"), &[cluster]);
        tasks.as_array().unwrap().clone()
    }

    /// Runs a task as ECS does: the command of its override with the environment of its definition, and of its override.
    fn run(&self, task: &Value) -> Output {
        let changed = &task["overrides"]["containerOverrides"][0];
        assert_eq!(changed["name"], self.stack.container()["name"]);
        let command = changed["command"].as_array().unwrap();
        let command = command.iter().map(|word| word.as_str().unwrap().to_owned());
        let mut environment = self.servers.s3.env();
        let secrets = "AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned();
        environment.push((secrets, self.moto.endpoint.clone()));
        environment.extend(self.stack.container_environment());
        environment.extend(super::stack::variables(&changed["environment"]));
        Runner::new().args(command).envs(environment).run()
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        let rows = self.servers.mysql.query(&self.database, sql);
        let text = |row: Vec<Option<String>>| row.into_iter().flatten().collect::<Vec<_>>();
        rows.into_iter().map(|row| text(row).join("|")).collect()
    }
}

fn an_event_of_each_shape_brings_its_object_into_the_table(servers: &Servers) {
    let deployed = Deployed::new(servers);
    deployed.put(&format!("{FOLDER}/LOAD00000001.csv"), "1,Ulm,10\n2,Graz,20\n");
    let function = deployed.function();
    let mut expected = vec!["1|Ulm|10".to_owned(), "2|Graz|20".to_owned()];
    for (index, (name, event, is_encoded)) in EVENTS.into_iter().enumerate() {
        let key = format!("{FOLDER}/20260327-08150{index}000.csv");
        let id = index + 10;
        deployed.put(&key, &format!("I,{id},Bern,{id}\n"));
        let told = if is_encoded { key.replace(' ', "+") } else { key.clone() };
        let event = event.replace(TOLD_BUCKET, &deployed.bucket).replace(TOLD_KEY, &told);
        let event: Value = serde_json::from_str(&event).unwrap();
        let answer = function.invoke(&format!("request-{index}"), &event);
        let Answer::Done(answer) = answer else { panic!("{name}: {answer:?}") };
        if event["Records"][0]["eventSource"] == "aws:sqs" {
            assert_eq!(answer, json!({ "batchItemFailures": [] }), "{name}");
        }

        let tasks = deployed.started();
        let [task] = tasks.as_slice() else { panic!("{name}: {tasks:?}") };
        assert_eq!(task["startedBy"], format!("unglue/{JOB}"));
        let command =
            json!(["run", "--job", JOB, "--object", format!("s3://{}/{key}", deployed.bucket)]);
        assert_eq!(task["overrides"]["containerOverrides"][0]["command"], command, "{name}");

        let output = deployed.run(task);
        assert_eq!(output.status, Some(0), "{name}: {}", output.stderr);
        check_metrics(&output, if index == 0 { 3 } else { 1 });
        expected.push(format!("{id}|Bern|{id}"));
        let found = deployed.rows("SELECT id, city, amount FROM orders ORDER BY id");
        assert_eq!(found, expected, "{name}");
    }
    let bern: usize = (10..10 + EVENTS.len()).sum();
    let cities = deployed.rows("SELECT city, amount FROM cities ORDER BY city");
    assert_eq!(cities, [format!("Bern|{bern}"), "Graz|20".to_owned(), "Ulm|10".to_owned()]);

    let told = function.kill().stdout;
    let started: u64 =
        emf::lines(&told).iter().filter_map(|line| line["TasksStarted"].as_u64()).sum();
    assert_eq!(started, u64::try_from(EVENTS.len()).unwrap(), "{told}");
}

/// One line of metrics, with the numbers of the run; nothing but JSON beside it.
fn check_metrics(output: &Output, rows_read: u64) {
    let lines = emf::lines(&output.stderr);
    let [metrics] = lines.as_slice() else { panic!("{}", output.stderr) };
    assert_eq!(metrics["RowsRead"], rows_read);
    assert_eq!((&metrics["Runs"], &metrics["RunsFailed"]), (&json!(1), &json!(0)));
    assert_eq!(metrics["Job"], JOB);
    // One vCPU and 2 GB for a minute, beside two DPU for a minute.
    let cost = metrics["CostEstimate"].as_f64().unwrap();
    assert!((cost - (0.04048 + 2.0 * 0.004_445) / 60.0).abs() < 1e-6, "{cost}");
    let glue = metrics["GlueCost"].as_f64().unwrap();
    assert!((glue - 2.0 * 0.44 / 60.0).abs() < 1e-6, "{glue}");
    for line in output.stderr.lines().chain(output.stdout.lines()) {
        let parsed: Result<Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|value| value.is_object()), "{line}");
    }
}

fn a_task_that_is_refused_says_so_in_its_metrics(servers: &Servers) {
    let deployed = Deployed::new(servers);
    deployed.put(&format!("{FOLDER}/LOAD00000001.csv"), "1,Ulm,10\n2,Graz,many\n");
    let function = deployed.function();
    let answer = function.invoke("request", &json!({ "jobs": "all" }));
    let Answer::Done(answer) = answer else { panic!("{answer:?}") };
    assert_eq!(answer["started"], json!([JOB]));
    let tasks = deployed.started();
    let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
    let output = deployed.run(task);
    assert_eq!(output.status, Some(4), "{}", output.stderr);
    let lines = emf::lines(&output.stderr);
    let [metrics] = lines.as_slice() else { panic!("{}", output.stderr) };
    assert_eq!((&metrics["Runs"], &metrics["RunsFailed"]), (&json!(1), &json!(1)));
    assert_eq!(metrics["status"], 4);
    assert!(!output.stderr.contains("many"), "a value of a row: {}", output.stderr);
    assert!(metrics["Lag"].as_u64().is_some(), "a change waits: {metrics}");
}

/// What the function says of tasks that ended: one that is started again, and one that is not.
const ENDED: [&str; 2] = [
    include_str!("../../lambda/tests/events/task_exit_137.json"),
    include_str!("../../lambda/tests/events/task_exit_4.json"),
];

fn alarms_and_dashboard_ask_for_nothing_that_nobody_emits(servers: &Servers) {
    let deployed = Deployed::new(servers);
    let key = format!("{FOLDER}/20260327-081500000.csv");
    deployed.put(&key, "I,1,Ulm,10\n");
    let function = deployed.function();
    let (_, event, _) = EVENTS[1];
    let event = event.replace(TOLD_BUCKET, &deployed.bucket);
    let event = event.replace(TOLD_KEY, &key.replace(' ', "+"));
    let ended = ENDED.map(|event| event.replace("load_sales", JOB));
    let mut lines = Vec::new();
    for (index, event) in [event].into_iter().chain(ended).enumerate() {
        let event: Value = serde_json::from_str(&event).unwrap();
        let answer = function.invoke(&format!("request-{index}"), &event);
        assert!(matches!(answer, Answer::Done(_)), "{index}: {answer:?}");
        for task in deployed.started() {
            lines.extend(emf::lines(&deployed.run(&task).stderr));
        }
    }
    lines.extend(emf::lines(&function.kill().stdout));

    let template = std::fs::read_to_string(file("cloudformation.yaml")).unwrap();
    let namespace = deployed.stack.function_variable("UNGLUE_METRICS_NAMESPACE").unwrap();
    let (watched, emitted) = (watched(&template), emitted(&lines, namespace));
    assert!(watched.len() > 15, "{watched:?}");
    let missing: Vec<_> = watched.difference(&emitted).collect();
    assert_eq!(missing, Vec::<&String>::new(), "emitted are {emitted:?}");
}

fn without_routes_events_come_again_and_are_counted(servers: &Servers) {
    let deployed = Deployed::new(servers);
    std::fs::remove_file(deployed.file("routes.json")).unwrap();
    let function = deployed.function();
    let event: Value = serde_json::from_str(EVENTS[1].1).unwrap();
    let Answer::Done(answer) = function.invoke("request", &event) else { panic!("no answer") };
    let failures = answer["batchItemFailures"].as_array().unwrap();
    assert_eq!(
        failures.len(),
        2,
        "the third message is S3's test, which needs no routes: {answer}"
    );
    let output = function.kill();
    let counted: Vec<u64> = emf::lines(&output.stdout)
        .iter()
        .filter_map(|line| line["StartFailures"].as_u64())
        .collect();
    assert_eq!(counted, [1], "{}", output.stdout);
    assert!(output.stderr.contains("routes.json cannot be read"), "{}", output.stderr);
}
