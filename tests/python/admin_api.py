"""Checks a fresh Usher's admin API against its own OpenAPI document with Schemathesis, which nobody here wrote.

    python admin_api.py PATH/TO/usher

Every operation is asked with what the document allows and with what it does not, some of it made up, always the same, about
things that are there: no answer may be a server error, or other than the document says.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from conformance import PATIENCE_SECONDS, TOOLS, api, start, warnings

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
# How many requests are made up for each operation, besides those that cover each part of its schema.
EXAMPLES = 10


def main():
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "usher.log")
        usher, ready = start(sys.argv[1], folder, log)
        try:
            well = schemathesis(ready, folder, furnish(ready))
        finally:
            usher.terminate()
            usher.wait(timeout=PATIENCE_SECONDS)
        if not well:
            print(f"--- what usher warned of:\n{warnings(log)}")
    return 0 if well else 1


def furnish(ready):
    """What there is to ask about: somebody in a team with which a hub is shared, in an app that does not answer."""
    scim, admin = ready["scim"], ready["api"]
    person = api(**scim, method="POST", path="/Users", body={"userName": "ada@example.com", "active": True})["id"]
    members = [{"value": person}]
    team = api(**scim, method="POST", path="/Groups", body={"displayName": "Team", "members": members})["id"]
    hub = {
        "name": "Hub",
        "kind": "business_hub",
        "connector": "scim",
        "config": {"base_url": "http://127.0.0.1:9/scim/v2", "roles": {"as": "roles_attribute"}},
        "credentials": {"bearer_token": "none"},
        "catalogue": {"roles": [{"key": "viewer", "name": "Viewer"}]},
    }
    integration = api(**admin, method="POST", path="/integrations", body=hub)["integration"]["id"]
    share = {"app_access": {"kind": "invite", "roles": ["viewer"]}}
    api(**admin, method="PUT", path=f"/integrations/{integration}/shares/teams/{team}", body=share)
    automation = eventually(lambda: read(**admin, path="/automations")["items"])[0]["id"]
    job = eventually(lambda: read(**admin, path=f"/automations/{automation}/jobs")["items"])[0]["id"]
    found = {"person": person, "team": team, "integration": integration, "automation": automation, "job": job}
    return {**found, "connection": "main.idp"}


def read(base_url, token, path):
    request = urllib.request.Request(base_url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def eventually(question):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.1)
    sys.exit("what was asked for did not come")


def schemathesis(ready, folder, things):
    # The token goes by the environment: arguments can be read by every user of the machine.
    config = ['headers = { Authorization = "Bearer ${USHER_TOKEN}" }', "[parameters]"]
    config += [f'"path.{name}" = "{identifier}"' for name, identifier in things.items()]
    Path(folder, "schemathesis.toml").write_text("\n".join(config) + "\n")
    command = [
        str(TOOLS / "schemathesis"), "run", f"{ready['origin']}/api/openapi.json",
        "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--generation-deterministic",
        "--checks", ",".join(CHECKS), "--warnings", "off", "--no-color",
    ]
    environment = {**os.environ, "USHER_TOKEN": ready["api"]["token"]}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
