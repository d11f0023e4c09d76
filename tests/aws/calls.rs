//! What the programs call, for each role: the deployed policies must allow that, and nothing of the second list.
//!
//! `{bucket}`, `{secret}`, `{task}` and `{execution}` (roles) stand for what a deployment made.

/// A call of AWS's API.
#[derive(Debug)]
pub(crate) struct Call {
    /// Whose: `Task`, `Execution`, `Function`, `DmsSource` or `DmsTarget`.
    pub(crate) role: &'static str,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    /// What IAM learns beside it.
    pub(crate) context: &'static [(&'static str, &'static str)],
}

const fn call(
    role: &'static str,
    action: &'static str,
    resource: &'static str,
    context: &'static [(&'static str, &'static str)],
) -> Call {
    Call { role, action, resource, context }
}

macro_rules! arn {
    ($service:literal, $rest:literal) => {
        concat!("arn:aws:", $service, ":eu-central-1:123456789012:", $rest)
    };
}

const CLUSTER: &[(&str, &str)] = &[("ecs:cluster", arn!("ecs", "cluster/unglue"))];
const OTHER_CLUSTER: &[(&str, &str)] = &[("ecs:cluster", arn!("ecs", "cluster/other"))];
const TO_ECS: &[(&str, &str)] = &[("iam:PassedToService", "ecs-tasks.amazonaws.com")];
const TO_LAMBDA: &[(&str, &str)] = &[("iam:PassedToService", "lambda.amazonaws.com")];
const FAMILY: &str = arn!("ecs", "task-definition/unglue-runner:7");
const TASK: &str = arn!("ecs", "task/unglue/0123456789abcdef");
const STREAM: &str = arn!("logs", "log-group:/unglue/unglue/tasks:log-stream:task/runner/0");
const SOURCE_SECRET: &str = arn!("secretsmanager", "secret:source-AbCdEf");
const STAGED: &str = "arn:aws:s3:::{bucket}/staging/public/a/LOAD00000001.csv";
const FUNCTION_STREAM: &str = arn!("logs", "log-group:/unglue/unglue/function:log-stream:0");

/// What each deployment's programs call.
pub(crate) const CALLED: &[Call] = &[
    call("Task", "s3:ListBucket", "arn:aws:s3:::{bucket}", &[("s3:prefix", "staging/public/a/")]),
    call("Task", "s3:ListBucket", "arn:aws:s3:::{bucket}", &[("s3:prefix", "jobs/load_sales/")]),
    // What S3 asks when the object of a GET is not there: without it the answer is 403, not 404.
    call("Task", "s3:ListBucket", "arn:aws:s3:::{bucket}", &[]),
    call("Task", "s3:GetObject", STAGED, &[]),
    call("Task", "s3:GetObject", "arn:aws:s3:::{bucket}/jobs/load_sales/job.toml", &[]),
    call("Task", "secretsmanager:GetSecretValue", "{secret}", &[]),
    call("Execution", "ecr:GetAuthorizationToken", "*", &[]),
    call("Execution", "ecr:BatchGetImage", arn!("ecr", "repository/unglue/runner"), &[]),
    call("Execution", "ecr:GetDownloadUrlForLayer", arn!("ecr", "repository/unglue/runner"), &[]),
    call(
        "Execution",
        "ecr:BatchCheckLayerAvailability",
        arn!("ecr", "repository/unglue/runner"),
        &[],
    ),
    call("Execution", "logs:CreateLogStream", STREAM, &[]),
    call("Execution", "logs:PutLogEvents", STREAM, &[]),
    call("Function", "ecs:RunTask", FAMILY, CLUSTER),
    call("Function", "ecs:ListTasks", "*", CLUSTER),
    call("Function", "ecs:DescribeTasks", TASK, CLUSTER),
    call("Function", "iam:PassRole", "{task}", TO_ECS),
    call("Function", "iam:PassRole", "{execution}", TO_ECS),
    call("Function", "sqs:ReceiveMessage", arn!("sqs", "unglue-events"), &[]),
    call("Function", "sqs:DeleteMessage", arn!("sqs", "unglue-events"), &[]),
    call("Function", "sqs:GetQueueAttributes", arn!("sqs", "unglue-events"), &[]),
    call("Function", "sqs:ReceiveMessage", arn!("sqs", "unglue-stopped"), &[]),
    call("Function", "sqs:DeleteMessage", arn!("sqs", "unglue-stopped"), &[]),
    call("Function", "sqs:GetQueueAttributes", arn!("sqs", "unglue-stopped"), &[]),
    call("Function", "logs:CreateLogStream", FUNCTION_STREAM, &[]),
    call("Function", "logs:PutLogEvents", FUNCTION_STREAM, &[]),
    call("Function", "s3:GetObject", "arn:aws:s3:::{bucket}/routes.json", &[]),
];

/// What they call only where a parameter asks for it, see `EVERYTHING` in `template.rs`.
pub(crate) const CALLED_IF_ASKED: &[Call] = &[
    call("Task", "s3:PutObject", "arn:aws:s3:::{bucket}/rejects/load_sales/a/1/a.jsonl", &[]),
    call("Task", "s3:DeleteObject", "arn:aws:s3:::{bucket}/rejects/load_sales/a/1/a.jsonl", &[]),
    call("Task", "rds-db:connect", arn!("rds-db", "dbuser:db-A1/unglue"), &[]),
    call("Task", "kms:Decrypt", arn!("kms", "key/bucket"), &[]),
    call("Task", "kms:GenerateDataKey", arn!("kms", "key/bucket"), &[]),
    call("Task", "kms:Decrypt", arn!("kms", "key/secret"), &[]),
    call("Function", "kms:Decrypt", arn!("kms", "key/bucket"), &[]),
    // What DMS asks of the roles that it is given: "Using secrets to access AWS Database Migration Service endpoints", and
    // "Prerequisites for using Amazon S3 as a target".
    call("DmsSource", "secretsmanager:GetSecretValue", SOURCE_SECRET, &[]),
    call("DmsSource", "kms:Decrypt", arn!("kms", "key/source"), &[]),
    call("DmsSource", "kms:DescribeKey", arn!("kms", "key/source"), &[]),
    call("DmsTarget", "s3:ListBucket", "arn:aws:s3:::{bucket}", &[]),
    call("DmsTarget", "s3:PutObject", STAGED, &[]),
    call("DmsTarget", "s3:DeleteObject", STAGED, &[]),
    call("DmsTarget", "s3:PutObjectTagging", STAGED, &[]),
    call("DmsTarget", "kms:Decrypt", arn!("kms", "key/bucket"), &[]),
    call("DmsTarget", "kms:GenerateDataKey", arn!("kms", "key/bucket"), &[]),
];

/// What no deployment may allow.
pub(crate) const NOT_CALLED: &[Call] = &[
    call("Task", "s3:ListBucket", "arn:aws:s3:::{bucket}", &[("s3:prefix", "")]),
    call("Task", "s3:ListBucket", "arn:aws:s3:::{bucket}", &[("s3:prefix", "payroll/")]),
    call("Task", "s3:ListBucket", "arn:aws:s3:::other", &[("s3:prefix", "staging/")]),
    call("Task", "s3:GetObject", "arn:aws:s3:::{bucket}/payroll/a.csv", &[]),
    call("Task", "s3:GetObject", "arn:aws:s3:::other/staging/a.csv", &[]),
    call("Task", "s3:PutObject", STAGED, &[]),
    call("Task", "s3:DeleteObject", STAGED, &[]),
    call("Task", "s3:PutObject", "arn:aws:s3:::{bucket}/jobs/load_sales/job.toml", &[]),
    call("Task", "s3:PutBucketPolicy", "arn:aws:s3:::{bucket}", &[]),
    call(
        "Task",
        "secretsmanager:GetSecretValue",
        arn!("secretsmanager", "secret:other-AbCdEf"),
        &[],
    ),
    call("Task", "secretsmanager:PutSecretValue", "{secret}", &[]),
    call("Task", "rds-db:connect", arn!("rds-db", "dbuser:db-A1/admin"), &[]),
    call("Task", "kms:Decrypt", arn!("kms", "key/other"), &[]),
    call("Task", "ecs:RunTask", FAMILY, CLUSTER),
    call("Task", "iam:PassRole", "{task}", TO_ECS),
    call("Task", "sts:AssumeRole", "{execution}", &[]),
    call("Task", "logs:PutLogEvents", STREAM, &[]),
    call("Execution", "secretsmanager:GetSecretValue", "{secret}", &[]),
    call("Execution", "s3:GetObject", STAGED, &[]),
    call("Execution", "ecr:BatchGetImage", arn!("ecr", "repository/other"), &[]),
    call("Execution", "ecr:PutImage", arn!("ecr", "repository/unglue/runner"), &[]),
    call("Execution", "logs:PutLogEvents", FUNCTION_STREAM, &[]),
    call("Function", "ecs:RunTask", arn!("ecs", "task-definition/other:1"), CLUSTER),
    call("Function", "ecs:RunTask", arn!("ecs", "task-definition/unglue-runner-other:1"), CLUSTER),
    call("Function", "ecs:RunTask", FAMILY, OTHER_CLUSTER),
    call("Function", "ecs:RunTask", FAMILY, &[]),
    call("Function", "ecs:ListTasks", "*", OTHER_CLUSTER),
    call("Function", "ecs:DescribeTasks", arn!("ecs", "task/other/0123"), OTHER_CLUSTER),
    call("Function", "ecs:StopTask", TASK, CLUSTER),
    call("Function", "ecs:ExecuteCommand", TASK, CLUSTER),
    call("Function", "ecs:RegisterTaskDefinition", "*", &[]),
    call("Function", "iam:PassRole", "{task}", TO_LAMBDA),
    call("Function", "iam:PassRole", "arn:aws:iam::123456789012:role/admin", TO_ECS),
    call("Function", "sqs:SendMessage", arn!("sqs", "unglue-events"), &[]),
    call("Function", "sqs:PurgeQueue", arn!("sqs", "unglue-events"), &[]),
    call("Function", "sqs:ReceiveMessage", arn!("sqs", "other"), &[]),
    call("Function", "s3:GetObject", STAGED, &[]),
    call("Function", "s3:PutObject", "arn:aws:s3:::{bucket}/routes.json", &[]),
    call("Function", "secretsmanager:GetSecretValue", "{secret}", &[]),
    call("Function", "logs:PutLogEvents", STREAM, &[]),
    call("DmsSource", "secretsmanager:GetSecretValue", "{secret}", &[]),
    call("DmsSource", "kms:Decrypt", arn!("kms", "key/secret"), &[]),
    call("DmsSource", "s3:PutObject", STAGED, &[]),
    call("DmsTarget", "s3:PutObject", "arn:aws:s3:::{bucket}/jobs/load_sales/job.toml", &[]),
    call("DmsTarget", "s3:DeleteObject", "arn:aws:s3:::{bucket}/routes.json", &[]),
    call("DmsTarget", "secretsmanager:GetSecretValue", SOURCE_SECRET, &[]),
];
