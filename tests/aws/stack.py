#!/usr/bin/env python3
"""Puts infra/template.yaml on an emulator of AWS, and does there what an operator would do with the command line of AWS.

It is run by the test in tests/tests/it/aws, with the Python of ministack's virtual environment. Where the emulator is, and
as whom it is asked, it takes from the environment (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).
What it prints on standard output is one JSON document.

  stack.py deploy STACK PREFIX PACKAGES DATABASE_URL   create the stack; its queues and buckets
  stack.py variable FUNCTION NAME VALUE                set a variable of a function (empty: take it away)
  stack.py forbid FUNCTION ACTION                      take a right from a function's role (no ACTION: give it back)
  stack.py intrude QUEUE_URL BUCKET                    what others are told who send to the queue, or put into the bucket
  stack.py fire                                        invoke the target of each schedule as the schedule would
  stack.py logs                                        the last lines that each function has logged
"""
import io
import json
import os
import re
import sys
import time
import zipfile
from pathlib import Path

import boto3
import yaml
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
PROFILE = ROOT / "infra" / "profiles" / "small.yaml"
# What a function's package is called in the template; `sam deploy` replaces it in the same way.
CODE = re.compile(r"^(\s+CodeUri: )\.\./target/lambda/([a-z-]+)/$", re.MULTILINE)
CODE_BUCKET = "code"
# What else is replaced, for an emulator that looks at policies as AWS does, but for this.
REPLACED = {
    # Nothing on loopback has TLS: what is refused without it would be refused altogether.
    '"aws:SecureTransport": "false"': '"aws:SecureTransport": "never"',
    # On AWS these name the batches too; ministack 1.5.33 knows batches as actions of their own.
    'Action: "sqs:SendMessage"': 'Action: ["sqs:SendMessage", "sqs:SendMessageBatch"]',
    '"sqs:ChangeMessageVisibility"': '"sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"',
}
FORBIDDEN = "forbidden"
# How long the stack may take to come up.
WAIT_SECONDS = 60
# Lines of each log that are shown.
LINES = 40


def client(service, **account):
    return boto3.client(service, region_name=os.environ["AWS_REGION"], **account)


def packed(bootstrap):
    """A package as Lambda takes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.write(bootstrap, "bootstrap")
    return out.getvalue()


def upload(packages):
    """Puts all packages into a bucket of their own; gives the template that names them there."""
    s3 = client("s3")
    s3.create_bucket(Bucket=CODE_BUCKET)
    template = TEMPLATE.read_text()
    functions = [name for _, name in CODE.findall(template)]
    if not functions:
        sys.exit(f"{TEMPLATE} names no package")
    for name in functions:
        s3.put_object(Bucket=CODE_BUCKET, Key=f"{name}.zip", Body=packed(packages / name / "bootstrap"))
    # It is longer than what a call takes: CloudFormation reads it from a bucket, as `sam deploy` has it do.
    template = CODE.sub(rf"\1s3://{CODE_BUCKET}/\2.zip", template)
    for ours, theirs in REPLACED.items():
        template = template.replace(ours, theirs)
    s3.put_object(Bucket=CODE_BUCKET, Key="template.yaml", Body=template.encode())
    return f"{os.environ['AWS_ENDPOINT_URL']}/{CODE_BUCKET}/template.yaml"


def parameters(prefix, database_url):
    secret = client("secretsmanager").create_secret(Name="database", SecretString=json.dumps({"url": database_url}))
    values = {
        **yaml.safe_load(PROFILE.read_text()),
        "BucketPrefix": prefix,
        "DatabaseSecretArn": secret["ARN"],
        "EmulatorUrl": os.environ["AWS_ENDPOINT_URL"],
        "Architecture": "x86_64",
        "AutoCreateCustomer": "true",
    }
    return [{"ParameterKey": name, "ParameterValue": str(value)} for name, value in values.items()]


def create(stack, url, values):
    cloudformation = client("cloudformation")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloudformation.create_stack(StackName=stack, TemplateURL=url, Capabilities=capabilities, Parameters=values)
    begun = time.monotonic()
    while True:
        state = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if state["StackStatus"] == "CREATE_COMPLETE":
            return
        if not state["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() - begun > WAIT_SECONDS:
            break
        time.sleep(0.1)
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in events
        if "FAILED" in event["ResourceStatus"]
    ]
    sys.exit("\n".join([f"{state['StackStatus']}: {state.get('StackStatusReason')}", *failed]))


def get_round_the_emulator(landing):
    """The faults of ministack 1.5.33 that keep this template from running there (infra/README.md)."""
    functions = client("lambda")
    # A number that came by a parameter stays a text, and the poller compares it with numbers.
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        most = int(mapping["ScalingConfig"]["MaximumConcurrency"])
        functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": most})
    # A read that names a version and a range is answered with the whole version.
    client("s3").put_bucket_versioning(Bucket=landing, VersioningConfiguration={"Status": "Suspended"})


def deploy(stack, prefix, packages, database_url):
    create(stack, upload(Path(packages)), parameters(prefix, database_url))
    get_round_the_emulator(f"{prefix}-landing")
    urls = client("sqs").list_queues()["QueueUrls"]
    functions = [function["FunctionName"] for function in client("lambda").list_functions()["Functions"]]
    return {
        "landing": f"{prefix}-landing",
        "queues": {url.rsplit("/", 1)[1].removeprefix(f"{stack}-"): url for url in sorted(urls)},
        "functions": sorted(name.removeprefix(f"{stack}-") for name in functions),
    }


def variable(function, name, value):
    functions = client("lambda")
    variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    variables.pop(name, None)
    if value:
        variables[name] = value
    functions.update_function_configuration(FunctionName=function, Environment={"Variables": variables})
    return {"variables": sorted(variables)}


def forbid(function, action):
    role = client("lambda").get_function_configuration(FunctionName=function)["Role"].rsplit("/", 1)[1]
    roles = client("iam")
    if action:
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        roles.put_role_policy(RoleName=role, PolicyName=FORBIDDEN, PolicyDocument=policy)
    else:
        roles.delete_role_policy(RoleName=role, PolicyName=FORBIDDEN)
    return {"role": role}


def refusal(call, **arguments):
    """The code of the error that a call ends with; none if it succeeds."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def intrude(queue_url, bucket):
    sqs, s3 = client("sqs"), client("s3")
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="stranger")
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    # Credentials of another account, and some that nobody gave out.
    other, unknown = ({"aws_access_key_id": key, "aws_secret_access_key": "none"} for key in ("111111111111", "none"))
    message, put = {"QueueUrl": queue_url, "MessageBody": "{}"}, {"Bucket": bucket, "Key": "dumps/a.tgz", "Body": b""}
    notify = s3.put_bucket_notification_configuration
    return {
        "another bucket notifies": refusal(notify, Bucket="stranger", NotificationConfiguration=told),
        "another account sends": refusal(client("sqs", **other).send_message, **message),
        "another account puts": refusal(client("s3", **other).put_object, **put),
        "unknown credentials send": refusal(client("sqs", **unknown).send_message, **message),
        "unknown credentials put": refusal(client("s3", **unknown).put_object, **put),
    }


def fire():
    """One invocation for each schedule, with the input that stands in the schedule."""
    scheduler, functions = client("scheduler"), client("lambda")
    fired = []
    for listed in scheduler.list_schedules()["Schedules"]:
        schedule = scheduler.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
        target = schedule["Target"]
        answer = functions.invoke(FunctionName=target["Arn"], Payload=target.get("Input", "{}").encode())
        fired.append(
            {
                "schedule": schedule["Name"],
                "state": schedule["State"],
                "function": target["Arn"].rsplit(":", 1)[1],
                "error": answer.get("FunctionError"),
                "answer": json.loads(answer["Payload"].read()),
            }
        )
    return fired


def logs():
    service = client("logs")
    told = {}
    for group in service.describe_log_groups()["logGroups"]:
        name, lines = group["logGroupName"], []
        for stream in service.describe_log_streams(logGroupName=name)["logStreams"]:
            events = service.get_log_events(logGroupName=name, logStreamName=stream["logStreamName"])["events"]
            lines += [(event["timestamp"], event["message"].rstrip()) for event in events]
        told[name] = [line for _, line in sorted(lines)][-LINES:]
    return told


COMMANDS = {"deploy": deploy, "variable": variable, "forbid": forbid, "intrude": intrude, "fire": fire, "logs": logs}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    json.dump(COMMANDS[sys.argv[1]](*sys.argv[2:]), sys.stdout)


if __name__ == "__main__":
    main()
