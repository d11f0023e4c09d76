//! `deploy/cloudformation.yaml`: right for the linter, deployed, its roles asked, and read for what is open.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use super::calls::{CALLED, CALLED_IF_ASKED, Call, NOT_CALLED};
use super::policy::{Request, allows};
use super::reasons::without_reason;
use super::stack::{Stack, file};
use crate::support::{Servers, Shared, trials};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    trials![servers;
        the_template_passes_the_linter,
        the_template_deploys,
        the_template_deploys_with_everything_and_with_what_exists,
        each_role_may_do_what_its_code_calls_and_nothing_of_a_list_of_others,
        a_role_gets_more_only_where_a_parameter_asks_for_it,
        nothing_is_public_or_a_star_without_a_written_reason,
        the_programs_know_each_variable_that_the_template_sets,
        the_documentation_says_what_to_do_about_each_alarm,
    ]
}

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-AbCdEf";
const USUAL: [(&str, &str); 1] = [("TargetSecretArn", SECRET)];

/// Each parameter that makes something.
const EVERYTHING: [(&str, &str); 20] = [
    ("TargetSecretArn", SECRET),
    ("TargetParameters", "host=db.example.com&database=shop"),
    ("TargetSecretKeyArn", "arn:aws:kms:eu-central-1:123456789012:key/secret"),
    ("TargetConnectArn", "arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-A1/unglue"),
    ("BucketKeyArn", "arn:aws:kms:eu-central-1:123456789012:key/bucket"),
    ("RejectsPrefix", "rejects"),
    ("ExpireStagedAfterDays", "90"),
    ("JobsFrom", "image"),
    ("Routes", r#"{"s3://bucket/staging/public/a/": "load_sales"}"#),
    ("CreateEndpoints", "true"),
    ("EndpointClientCidr", "172.31.0.0/16"),
    ("RouteTableIds", "MAIN-TABLE"),
    ("S3PrefixListId", "pl-1234abcd"),
    ("Architecture", "arm64"),
    ("CapacityProvider", "FARGATE_SPOT"),
    ("AlarmEmail", "someone@example.com"),
    ("CreateDms", "true"),
    ("DmsSourceSecurityGroupId", "NEW-GROUP"),
    ("DmsSourceSecretArn", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:source-AbCdEf"),
    ("DmsSourceSecretKeyArn", "arn:aws:kms:eu-central-1:123456789012:key/source"),
];

fn the_template_passes_the_linter(servers: &Servers) {
    let output = Command::new(servers.programs().join("aws/cfn-lint"))
        .args(["--regions", "us-east-1", "eu-central-1", "--template"])
        .arg(file("cloudformation.yaml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

fn the_template_deploys(servers: &Servers) {
    let stack = Stack::deploy(&servers.fresh_moto(), &USUAL);
    let bucket = stack.output("BucketName");
    assert_eq!(bucket, "unglue-staging-123456789012-eu-central-1");
    let routes = format!("s3://{bucket}/routes.json");
    assert_eq!(stack.function_variable("UNGLUE_ROUTES"), Some(routes.as_str()));
    assert_eq!(stack.function_variable("UNGLUE_CLUSTER"), Some(stack.output("ClusterName")));
    let definition = stack.output("TaskDefinitionArn");
    assert_eq!(stack.function_variable("UNGLUE_TASK_DEFINITION"), Some(definition));
    let name = stack.container()["name"].as_str();
    assert_eq!(stack.function_variable("UNGLUE_CONTAINER"), name);
    let jobs = format!("s3://{bucket}/jobs");
    assert_eq!(stack.container_variable("UNGLUE_JOBS"), Some(jobs.as_str()));
    let target = format!("secretsmanager://{SECRET}");
    assert_eq!(stack.container_variable("TARGET"), Some(target.as_str()));
    assert_eq!(stack.container()["readonlyRootFilesystem"], true);
    assert_eq!(stack.container()["user"], "65532:65532");
    assert!(!stack.has("AWS::EC2::VPCEndpoint"), "endpoints cost, and nobody asked for them");
}

fn the_template_deploys_with_everything_and_with_what_exists(servers: &Servers) {
    let stack = Stack::deploy(&servers.fresh_moto(), &EVERYTHING);
    assert!(stack.has("AWS::EC2::VPCEndpoint"));
    assert_eq!(stack.container_variable("UNGLUE_JOBS"), Some("/sql"));
    let target = format!("secretsmanager://{SECRET}?host=db.example.com&database=shop");
    assert_eq!(stack.container_variable("TARGET"), Some(target.as_str()));
    assert_eq!(stack.function_variable("UNGLUE_CAPACITY_PROVIDER"), Some("FARGATE_SPOT"));

    let existing = [
        ("TargetUrl", "mysql://unglue@db.example.com:3306/shop?iam=true"),
        ("ExistingBucket", "mine"),
        ("ExistingCluster", "ours"),
        ("ExistingRepository", "tools/runner"),
        ("AlarmTopicArn", "arn:aws:sns:eu-central-1:123456789012:alarms"),
    ];
    let stack = Stack::deploy(&servers.fresh_moto(), &existing);
    for made in ["AWS::S3::Bucket", "AWS::ECS::Cluster", "AWS::ECR::Repository", "AWS::SNS::Topic"]
    {
        assert!(!stack.has(made), "{made}");
    }
    assert_eq!(stack.output("BucketName"), "mine");
    assert_eq!(stack.function_variable("UNGLUE_CLUSTER"), Some("ours"));
    assert_eq!(stack.container_variable("TARGET"), Some(existing[0].1));
    let image = stack.container()["image"].as_str().unwrap();
    assert!(image.ends_with("/tools/runner:1"), "{image}");
}

fn each_role_may_do_what_its_code_calls_and_nothing_of_a_list_of_others(servers: &Servers) {
    let stack = Stack::deploy(&servers.fresh_moto(), &USUAL);
    assert_eq!(wrong(&stack, CALLED, true), Vec::<String>::new(), "is not allowed");
    assert_eq!(wrong(&stack, CALLED_IF_ASKED, false), Vec::<String>::new(), "is allowed");
    assert_eq!(wrong(&stack, NOT_CALLED, false), Vec::<String>::new(), "is allowed");
}

fn a_role_gets_more_only_where_a_parameter_asks_for_it(servers: &Servers) {
    let stack = Stack::deploy(&servers.fresh_moto(), &EVERYTHING);
    for call in CALLED.iter().chain(CALLED_IF_ASKED).chain(NOT_CALLED) {
        assert!(stack.has_role(call.role), "{call:?}");
    }
    assert_eq!(wrong(&stack, CALLED, true), Vec::<String>::new(), "is not allowed");
    assert_eq!(wrong(&stack, CALLED_IF_ASKED, true), Vec::<String>::new(), "is not allowed");
    assert_eq!(wrong(&stack, NOT_CALLED, false), Vec::<String>::new(), "is allowed");
}

/// Returns the calls of which the stack's policies say something else.
fn wrong(stack: &Stack, calls: &[Call], expected: bool) -> Vec<String> {
    let differs = |call: &&Call| {
        let resource = call
            .resource
            .replace("{bucket}", stack.output("BucketName"))
            .replace("{secret}", SECRET)
            .replace("{task}", stack.role("Task"))
            .replace("{execution}", stack.role("Execution"));
        let request = Request { action: call.action, resource: &resource, context: call.context };
        allows(stack.policies(call.role), request) != expected
    };
    calls.iter().filter(differs).map(|call| format!("{call:?}")).collect()
}

fn nothing_is_public_or_a_star_without_a_written_reason(_: &Servers) {
    let template = std::fs::read_to_string(file("cloudformation.yaml")).unwrap();
    assert_eq!(without_reason(&template), Vec::<String>::new());
    // What is looked for is found: the same template without its reasons, and without one of them.
    let silent = template.replace("# Reason: ", "# ");
    assert!(without_reason(&silent).len() > 20, "{:?}", without_reason(&silent));
    let reason = "# Reason: ListTasks has no resource";
    assert_eq!(
        without_reason(&template.replace(reason, "#")),
        ["Resource: '*'"].map(|line| {
            let at = template.lines().position(|text| text.contains(reason)).unwrap();
            format!("{}: {line}", at + 2)
        })
    );
}

/// Returns the words of a text that begin with `UNGLUE_`.
fn variables(text: &str) -> BTreeSet<&str> {
    let is_other = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
    text.split(is_other).filter(|word| word.starts_with("UNGLUE_")).collect()
}

fn the_programs_know_each_variable_that_the_template_sets(_: &Servers) {
    let mut sources = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<_> =
        ["runner/src", "lambda/src", "emf/src"].map(|one| root.join(one)).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let template = std::fs::read_to_string(file("cloudformation.yaml")).unwrap();
    let (set, known) = (variables(&template), variables(&sources));
    assert!(set.len() > 10, "{set:?}");
    assert_eq!(set.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new());
}

fn the_documentation_says_what_to_do_about_each_alarm(_: &Servers) {
    let template = std::fs::read_to_string(file("cloudformation.yaml")).unwrap();
    let operations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let operations = std::fs::read_to_string(operations).unwrap();
    // The first cells of the table's rows.
    let rows = operations.lines().skip_while(|line| !line.starts_with("| alarm |")).skip(2);
    let rows = rows.map_while(|line| line.strip_prefix("| ")?.split(" |").next());
    let told: BTreeSet<&str> = rows.flat_map(|cell| cell.split(", ")).collect();
    let alarms = template.lines().filter_map(|line| line.trim_start().strip_prefix("AlarmName: "));
    let alarms: BTreeSet<String> =
        alarms.map(|name| name.replace("!Sub '${Name}-", "`").replace('\'', "`")).collect();
    assert!(alarms.len() > 10, "{alarms:?}");
    assert_eq!(alarms.iter().map(String::as_str).collect::<BTreeSet<_>>(), told);
}
