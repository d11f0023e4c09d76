"""The tasks of a cluster as JSON, the newest last: python tasks.py CLUSTER. Those that run are stopped once they are told. Against moto."""

import json
import sys

import boto3

ecs = boto3.client("ecs")
cluster = sys.argv[1]
arns = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
for task in tasks:
    ecs.stop_task(cluster=cluster, task=task["taskArn"])
print(json.dumps(tasks, default=str))
