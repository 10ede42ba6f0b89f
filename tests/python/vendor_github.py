"""Checks the simulated GitHub organisation, through a person's whole life in it, against GitHub's published descriptions:
the REST API's OpenAPI document (@octokit/openapi) and the GraphQL schema (@octokit/graphql-schema), with the very query that
the connector sends. Called with the simulator's origin; what the invited person does comes from its controls.
"""

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from graphql import build_schema, execute, parse, validate

from openapi import Api

ORIGIN, ORG, TOKEN = sys.argv[1:4]
DESCRIPTIONS = Path(sys.prefix).parent / "github-api"
QUERY = Path(__file__).parents[2] / "functions/connectors/github/src/members.graphql"
EMAIL = "grace@example.org"

openapi = json.loads((DESCRIPTIONS / "api.github.com.json").read_text())
github = Api(f"{ORIGIN}/api", openapi, {"Authorization": f"Bearer {TOKEN}"})


def control(path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=data, headers={"Content-Type": "application/json"}, method="POST"))


def call(method, path, status, body=None, **rest):
    return github.call(method, f"/orgs/{{org}}{path}", status, body, org=ORG, **rest)[0]


# Teams, page by page.
teams, headers = github.call("get", "/orgs/{org}/teams", 200, query="?per_page=2", org=ORG)
assert [team["slug"] for team in teams] == ["design", "legal"] and 'rel="next"' in headers["Link"], (teams, headers)
design = call("get", "/teams/{team_slug}", 200, team_slug="design")
assert design["id"] == teams[0]["id"]

# Invite into a team, a second time in vain, and take it back.
body = {"email": EMAIL, "role": "direct_member", "team_ids": [design["id"]]}
first = call("post", "/invitations", 201, body)
call("post", "/invitations", 422, body)
assert [it["id"] for it in call("get", "/invitations", 200)] == [first["id"]]
named = {"invitation_id": first["id"]}
assert [team["slug"] for team in call("get", "/invitations/{invitation_id}/teams", 200, **named)] == ["design"]
call("delete", "/invitations/{invitation_id}", 204, **named)
call("delete", "/invitations/{invitation_id}", 404, **named)

# Nobody answers.
call("post", "/invitations", 201, body)
control(f"invitations/{EMAIL}/expire")
assert call("get", "/invitations", 200) == []
assert call("get", "/failed_invitations", 200)[0]["failed_at"]

# Accept, and be found by the address: in GraphQL, which a schema checks, question and answer alike.
call("post", "/invitations", 201, {"email": EMAIL})
control(f"invitations/{EMAIL}/accept")
schema = build_schema((DESCRIPTIONS / "schema.graphql").read_text(), assume_valid=True)
document = parse(QUERY.read_text())
assert validate(schema, document) == []
found, after = [], None
while True:
    variables = {"organization": ORG, "first": 1, "after": after}
    asked = json.dumps({"query": QUERY.read_text(), "variables": variables}).encode()
    answer = json.load(urlopen(Request(f"{ORIGIN}/api/graphql", data=asked, headers={
        "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})))
    # The schema's own types read the answer: what does not fit, or is too much, differs afterwards.
    read = execute(schema, document, root_value=answer["data"], variable_values=variables)
    assert read.errors is None and read.data == answer["data"], (read.errors, answer)
    members = answer["data"]["organization"]["membersWithRole"]
    found += members["edges"]
    after = members["pageInfo"]["endCursor"]
    if not members["pageInfo"]["hasNextPage"]:
        break
assert len(found) == members["totalCount"] == 2
(grace,) = [edge for edge in found if EMAIL in edge["node"]["organizationVerifiedDomainEmails"]]
assert grace["role"] == "MEMBER", grace
login, number = grace["node"]["login"], grace["node"]["databaseId"]
assert github.call("get", "/user/{account_id}", 200, account_id=number)[0]["login"] == login
github.call("get", "/user/{account_id}", 404, account_id=1)

# The role, the teams, the removal.
person = {"username": login}
assert call("get", "/memberships/{username}", 200, **person)["role"] == "member"
assert call("put", "/memberships/{username}", 200, {"role": "admin"}, **person)["role"] == "admin"
assert call("put", "/memberships/{username}", 200, {"role": "member"}, **person)["role"] == "member"
team = {"team_slug": "design", **person}
in_team = "/teams/{team_slug}/memberships/{username}"
call("get", in_team, 404, **team)
assert call("put", in_team, 200, {"role": "maintainer"}, **team)["role"] == "maintainer"
assert call("get", in_team, 200, **team) == call("put", in_team, 200, {"role": "maintainer"}, **team)
call("delete", in_team, 204, **team)
call("delete", "/memberships/{username}", 204, **person)
call("get", "/memberships/{username}", 404, **person)
call("delete", "/memberships/{username}", 404, **person)

# Refusals.
call("get", "/teams", 401, headers={"Authorization": "Bearer of-last-year"})
for seconds, sign in [(60, "retry-after"), (14400, "x-ratelimit-reset")]:
    control("faults", {"fault": {"too_many_requests": {"retry_after": seconds}}})
    status = 403 if seconds == 60 else 429
    _, headers = github.call("get", "/orgs/{org}/teams", status, org=ORG)
    assert int(headers[sign]) >= seconds, headers
print("ok")
