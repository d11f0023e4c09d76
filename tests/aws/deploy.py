"""Deploys a template: python deploy.py TEMPLATE PARAMETERS. Prints as JSON what came of it. Run with boto3, against moto."""

import ast
import io
import json
import sys
import zipfile

import boto3

ec2, s3, iam = boto3.client("ec2"), boto3.client("s3"), boto3.client("iam")
network = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]


def group(name):
    return ec2.create_security_group(GroupName=name, Description=name, VpcId=network)["GroupId"]


code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("bootstrap", "")
s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
s3.put_object(Bucket="code", Key="lambda.zip", Body=code.getvalue())

parameters = {
    "ImageTag": "1",
    "CodeBucket": "code",
    "CodeKey": "lambda.zip",
    "VpcId": network,
    "SubnetIds": ",".join(subnets),
    "DatabaseSecurityGroupId": group("database"),
}
for name, value in json.loads(sys.argv[2]).items():
    if value == "NEW-GROUP":
        value = group(name)
    elif value == "MAIN-TABLE":
        value = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
    parameters[name] = value

cloudformation = boto3.client("cloudformation")
cloudformation.create_stack(
    StackName="unglue",
    TemplateBody=open(sys.argv[1]).read(),
    Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    Capabilities=["CAPABILITY_IAM"],
)
stack = cloudformation.describe_stacks(StackName="unglue")["Stacks"][0]
outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def statements(document):
    # moto gives some documents as the text of a Python value, and leaves a hole where AWS::NoValue is.
    document = document if isinstance(document, dict) else ast.literal_eval(document)
    return {**document, "Statement": [statement for statement in document["Statement"] if statement]}


def role(name):
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    found = [iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in policies]
    return {
        "arn": iam.get_role(RoleName=name)["Role"]["Arn"],
        "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        "policies": [statements(document) for document in found],
    }


function = boto3.client("lambda").get_function_configuration(FunctionName=outputs["FunctionName"])
task = boto3.client("ecs").describe_task_definition(taskDefinition=outputs["TaskDefinitionArn"])["taskDefinition"]
resources = cloudformation.list_stack_resources(StackName="unglue")["StackResourceSummaries"]
roles = {
    resource["LogicalResourceId"].removesuffix("Role"): role(resource["PhysicalResourceId"])
    for resource in resources
    if resource.get("ResourceType") == "AWS::IAM::Role"
}
print(
    json.dumps(
        {
            "status": stack["StackStatus"],
            "outputs": outputs,
            "resources": [resource.get("ResourceType", "") for resource in resources],
            "roles": roles,
            "function": function["Environment"]["Variables"],
            "container": task["containerDefinitions"][0],
        }
    )
)
