"""Checks a fresh Usher with `usher check` and with two SCIM conformance testers that nobody here wrote.

    python conformance.py PATH/TO/usher

Three connections are checked: one as it is made; one with schemas and resource types of its own
(`tests/fixtures/registered.json`) and cursors announced; and for scim-sanity, which adds a member that no server has and wants
it taken, one that leaves out members who are no users. Anything but a full score is a failure.

The registered schemas have what scim2-tester can fill: it makes up no dateTime and no decimal that its own client accepts, and
takes a list in an extension for one that `add` replaces. Those are tested in `tests/e2e/scim/registered.rs`.
"""

import argparse
import json
import os
import re
import selectors
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

TOOLS = Path(sys.executable).parent
REGISTERED = Path(__file__).parent.parent / "fixtures" / "registered.json"
PATIENCE_SECONDS = 300


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("usher")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "usher.log")
        usher, ready = start(arguments.usher, folder, log)
        try:
            full = all(scores(arguments.usher, ready))
        finally:
            usher.terminate()
            usher.wait(timeout=PATIENCE_SECONDS)
        if not full:
            print(f"Not a full score.\n--- what usher warned of:\n{warnings(log)}")
    return 0 if full else 1


def scores(usher, ready):
    plain, whole, lenient = ready["scim"], whole_connection(**ready["api"]), lenient_connection(**ready["api"])
    # The checks make what they need, and the first tester counts the users of the directory: it goes first.
    return [
        scim2_tester("as it is made", **plain),
        usher_check(usher, "as it is made", **plain),
        scim2_tester("with everything", **whole),
        usher_check(usher, "with everything", **whole),
        scim_sanity("that leaves out unknown members", **lenient),
    ]


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


def whole_connection(base_url, token):
    settings = {"name": "Whole", "slug": "whole", "announces_cursors": True}
    made = api(base_url, token, "POST", "/connections", settings)
    path = f"/connections/{made['connection']['id']}/schemas"
    api(base_url, token, "PUT", path, json.loads(REGISTERED.read_text()))
    return {"base_url": made["base_url"], "token": made["token"]}


def lenient_connection(base_url, token):
    settings = {"name": "Lenient", "slug": "lenient", "unknown_members": "skip"}
    made = api(base_url, token, "POST", "/connections", settings)
    return {"base_url": made["base_url"], "token": made["token"]}


def api(base_url, token, method, path, body):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(base_url + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def usher_check(program, connection, base_url, token):
    # The token goes by the environment: arguments can be read by every user of the machine.
    done = run([program, "check", base_url], {"USHER_CHECK_TOKEN": token})
    summary = done.stdout.strip().splitlines()[-1:] or [done.stderr]
    if done.returncode != 0:
        print(done.stdout)
    print(f"usher check, connection {connection}: {summary[0]}")
    return done.returncode == 0


def scim2_tester(connection, base_url, token):
    """Its command line prints one line per check, then perhaps an indented reason."""
    done = run(
        [TOOLS / "scim2", "--url", base_url, "test"],
        {"SCIM_CLI_HEADERS": f"Authorization: Bearer {token}"},
    )
    checks = re.findall(r"^([A-Z_]+) (\w+)\n((?:  .*\n)*)", done.stdout + "\n", re.MULTILINE)
    passed = [check for check in checks if check[0] == "SUCCESS"]
    if not checks:
        print(done.stdout, done.stderr)
    for status, name, reason in checks:
        if status != "SUCCESS":
            print(f"  {status} {name}: {' '.join(reason.split())}")
    print(f"scim2-tester, connection {connection}: {len(passed)} of {len(checks)} checks are a SUCCESS")
    return bool(checks) and len(passed) == len(checks) and done.returncode == 0


def scim_sanity(connection, base_url, token):
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
    asked = summary["total"] - summary["skipped"]
    print(f"scim-sanity, strict, connection {connection}: {summary['passed']} of {asked} checks pass")
    return done.returncode == 0 and summary["passed"] == asked


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


def warnings(log):
    """Not what it says of every request: there are thousands."""
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in lines if " INFO" not in line][-100:])


def tail(log):
    return "\n".join(log.read_text(errors="replace").splitlines()[-100:])


if __name__ == "__main__":
    sys.exit(main())
