"""Deploys template.yaml to ministack by CloudFormation, with the programs that cargo built, and keeps it until its input ends.

    ministack_stack.py <folder of programs> <port> <parameter=value>...

When the stack is there, one line says how it is reached. What ministack does not do is in docs/ARCHITECTURE.md.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "programs"
STACK = "usher"
# A debug build that was stripped takes seconds to unpack.
PATIENCE = 300


def main() -> None:
    programs, port = Path(sys.argv[1]), int(sys.argv[2])
    parameters = dict(argument.split("=", 1) for argument in sys.argv[3:])
    endpoint = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        # What it runs functions with.
        "AWS_ENDPOINT_URL": endpoint,
        "LOG_LEVEL": "WARNING",
        # Nothing of this machine's own AWS settings.
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    os.environ.update(environment)
    server = subprocess.Popen([sys.executable, ROOT / "tests/python/ministack_with_extensions.py"], env=environment, stdout=sys.stderr)
    try:
        until(lambda: answers(f"{endpoint}/_ministack/health"), "ministack should start")
        told = deploy(endpoint, programs, parameters)
        print(json.dumps(told | {"endpoint": endpoint}), flush=True)
        sys.stdin.read()
    finally:
        server.terminate()
        server.wait()


def deploy(endpoint: str, programs: Path, parameters: dict[str, str]) -> dict[str, str]:
    template = (ROOT / "template.yaml").read_text()
    s3 = boto3.client("s3", endpoint_url=endpoint)
    s3.create_bucket(Bucket=BUCKET)
    # `aws cloudformation package` does the same: a folder of code becomes an archive in a bucket.
    code = re.compile(r"(Binary: ([\w-]+) .*?\n      CodeUri: )\S+", re.DOTALL)
    for _, name in code.findall(template):
        s3.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=archive(programs / name))
    template = code.sub(rf"\1s3://{BUCKET}/\2.zip", template)
    # Alarms of several metrics together are not known to ministack.
    alarm = re.compile(r"\n  \w+:\n    Type: AWS::CloudWatch::Alarm\n(?:    .*\n|\n(?!  \w))*")
    template = alarm.sub(lambda found: "\n" if "\n      Metrics:" in found[0] else found[0], template)
    # It compares parameters, which are text, with numbers.
    template = template.replace("MaximumConcurrency: !Ref ConnectorConcurrency", "MaximumConcurrency: 2")
    # Longer than what fits the request itself.
    s3.put_object(Bucket=BUCKET, Key="template.yaml", Body=template.encode())
    formation = boto3.client("cloudformation", endpoint_url=endpoint)
    change = formation.create_change_set(
        StackName=STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=f"{endpoint}/{BUCKET}/template.yaml",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    until(
        lambda: formation.describe_change_set(ChangeSetName=change["Id"])["Status"] == "CREATE_COMPLETE",
        "the change set should be made",
    )
    formation.execute_change_set(ChangeSetName=change["Id"])
    until(lambda: stack(formation)["StackStatus"].endswith("_COMPLETE"), "the stack should be made")
    made = stack(formation)
    if made["StackStatus"] != "CREATE_COMPLETE":
        events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
        raise SystemExit(f"{made['StackStatus']}: {[it.get('ResourceStatusReason') for it in events]}")
    # It says of a mapping that was made disabled that it is enabled, until it is told again.
    mappings = boto3.client("lambda", endpoint_url=endpoint)
    for it in formation.describe_stack_resources(StackName=STACK)["StackResources"]:
        if it["ResourceType"] == "AWS::Lambda::EventSourceMapping" and not it["LogicalResourceId"].startswith("Planner"):
            mappings.update_event_source_mapping(UUID=it["PhysicalResourceId"], Enabled=False)
    api = next(
        it["PhysicalResourceId"]
        for it in formation.describe_stack_resources(StackName=STACK)["StackResources"]
        if it["ResourceType"] == "AWS::ApiGatewayV2::Api"
    )
    outputs = {it["OutputKey"]: it["OutputValue"] for it in made["Outputs"]}
    return {"gateway": f"{endpoint}/_aws/execute-api/{api}/$default", "table": outputs["TableName"]}


def stack(formation) -> dict:
    return formation.describe_stacks(StackName=STACK)["Stacks"][0]


def archive(program: Path) -> bytes:
    """The program as Lambda wants it, without what only a debugger reads."""
    with tempfile.TemporaryDirectory() as folder:
        bootstrap, packed = Path(folder, "bootstrap"), Path(folder, "packed.zip")
        subprocess.run(["strip", "-o", bootstrap, program], check=True)
        bootstrap.chmod(0o755)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            target.write(bootstrap, "bootstrap")
        return packed.read_bytes()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def until(condition, what: str) -> None:
    """Waits until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{what}; it did not within {PATIENCE} seconds")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
