"""Runs two SCIM conformance testers that nobody here wrote against a fresh Usher and prints their scores.

    python conformance.py PATH/TO/usher [--gate yes|no]

With `--gate yes`, anything but a full score is a failure; otherwise only an Usher that does not start is.
"""

import argparse
import json
import os
import re
import selectors
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(sys.executable).parent
PATIENCE_SECONDS = 120


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("usher")
    arguments.add_argument("--gate", choices=["yes", "no"], default="no")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "usher.log")
        usher, ready = start(arguments.usher, folder, log)
        try:
            scores = [scim2_tester(**ready["scim"]), scim_sanity(**ready["scim"])]
        finally:
            usher.terminate()
            usher.wait(timeout=PATIENCE_SECONDS)
        full = all(scores)
        if not full and arguments.gate == "yes":
            print(f"--- usher said last:\n{tail(log)}")
            return 1
    if not full:
        print("Not a full score. It is only reported so far.")
    return 0


def start(program, folder, log):
    command = [program, "serve", "--json", "--no-demo", "--port", "0", "--data", str(Path(folder, "data"))]
    with log.open("w") as output:
        usher = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output, text=True)
    with selectors.DefaultSelector() as selector:
        selector.register(usher.stdout, selectors.EVENT_READ)
        line = usher.stdout.readline() if selector.select(PATIENCE_SECONDS) else ""
    if not line:
        usher.kill()
        sys.exit(f"usher did not get ready:\n{tail(log)}")
    return usher, json.loads(line)


def scim2_tester(base_url, token):
    """Its command line prints one line per check, then perhaps an indented reason."""
    done = run(
        [TOOLS / "scim2", "--url", base_url, "test"],
        # The token goes by the environment: arguments can be read by every user of the machine.
        {"SCIM_CLI_HEADERS": f"Authorization: Bearer {token}"},
    )
    checks = re.findall(r"^([A-Z_]+) (\w+)\n((?:  .*\n)*)", done.stdout + "\n", re.MULTILINE)
    passed = [check for check in checks if check[0] == "SUCCESS"]
    if not checks:
        print(done.stdout, done.stderr)
    for status, name, reason in checks:
        if status != "SUCCESS":
            print(f"  {status} {name}: {' '.join(reason.split())}")
    print(f"scim2-tester: {len(passed)} of {len(checks)} checks are a SUCCESS")
    return bool(checks) and len(passed) == len(checks) and done.returncode == 0


def scim_sanity(base_url, token):
    done = run(
        [TOOLS / "scim-sanity", "probe", base_url, "--token", token, "--strict", "--json-output", "--user-domain"]
        + ["example.com", "--i-accept-side-effects"],
    )
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        print(f"scim-sanity gave no report:\n{done.stdout}{done.stderr}")
        return False
    for result in report["results"]:
        if result["status"] not in ("pass", "skip"):
            print(f"  {result['status']} {result['name']}: {result.get('message', '')}")
    summary = report["summary"]
    # Skipped are the resource types of a draft that Usher does not announce.
    print(f"scim-sanity, strict: {summary['passed']} of {summary['total'] - summary['skipped']} checks pass")
    return done.returncode == 0 and summary["passed"] == summary["total"] - summary["skipped"]


def run(command, environment=None):
    environment = {**os.environ, "NO_COLOR": "1", **(environment or {})}
    return subprocess.run(
        [str(part) for part in command],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def tail(log):
    return "\n".join(log.read_text(errors="replace").splitlines()[-100:])


if __name__ == "__main__":
    sys.exit(main())
