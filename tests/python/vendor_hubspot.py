"""Drives the simulated HubSpot account with HubSpot's own client through a person's whole life in it.

Whatever the simulator answers in another way than HubSpot's client understands fails here.
"""

import json
import sys
from urllib.request import Request, urlopen

import hubspot
from hubspot.settings.users import ApiException, PublicUserUpdate, UserProvisionRequest

ORIGIN, TOKEN = sys.argv[1:3]
EMAIL = "grace@example.org"


def control(path, body):
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=json.dumps(body).encode(),
                    headers={"Content-Type": "application/json"}, method="POST"))


def account(token):
    """The three APIs; the client makes a new one at each look, so these are kept."""
    settings = hubspot.Client.create(access_token=token).settings.users
    apis = settings.users_api, settings.roles_api, settings.teams_api
    for api in apis:
        api.api_client.configuration.host = f"{ORIGIN}/hubspot"
    return apis


def refused(call, status):
    try:
        call()
    except ApiException as error:
        assert error.status == status, error
        return
    raise AssertionError(f"not refused with {status}")


users, roles, teams = account(TOKEN)
low, high = [it.id for it in roles.get_all().results]
europe, americas = [it.id for it in teams.get_all().results]

# Create, and a second time in vain.
asked = UserProvisionRequest(email=EMAIL, role_id=low, primary_team_id=europe, secondary_team_ids=[americas],
                             send_welcome_email=False)
made = users.create(user_provision_request=asked)
assert made.email == EMAIL and made.role_ids == [low] and made.primary_team_id == europe, made
assert made.secondary_team_ids == [americas] and made.super_admin is False, made
refused(lambda: users.create(user_provision_request=asked), 400)

# Be found, by page, by id, by address.
first = users.get_page(limit=2)
rest = users.get_page(limit=2, after=first.paging.next.after)
assert rest.paging is None and [it.email for it in first.results + rest.results][2] == EMAIL
assert first.results[0].super_admin is True
assert users.get_by_id(made.id).email == users.get_by_id(EMAIL, id_property="EMAIL").email == EMAIL
refused(lambda: users.get_by_id("1"), 404)
assert made.id in teams.get_all().results[0].user_ids

# Change everything, go.
changed = users.replace(made.id, PublicUserUpdate(role_id=high, secondary_team_ids=[europe]))
assert changed.role_ids == [high] and changed.primary_team_id is None, changed
assert changed.secondary_team_ids == [europe], changed
users.archive(made.id)
refused(lambda: users.archive(made.id), 404)

# Refusals.
refused(lambda: account("of-last-year")[0].get_page(), 401)
control("faults", {"fault": {"too_many_requests": {"retry_after": 60}}})
refused(lambda: users.get_page(), 429)
print("ok")
