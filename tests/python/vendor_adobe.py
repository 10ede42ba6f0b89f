"""Drives the simulated Adobe organisation with Adobe's own client through a person's whole life in it.

Whatever the simulator answers in another way than Adobe's client understands fails here.
"""

import json
import sys
from urllib.request import Request, urlopen

import requests
from umapi_client import (Connection, GroupsQuery, IdentityType, IfAlreadyExistsOption, OAuthS2S, RequestError, UnavailableError,
                          UserAction, UserQuery, UsersQuery)

ORIGIN, ORGANIZATION, CLIENT, SECRET = sys.argv[1:5]
EMAIL = "grace@example.org"


def control(path, body):
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=json.dumps(body).encode(),
                    headers={"Content-Type": "application/json"}, method="POST"))


class Login(OAuthS2S):
    """Adobe's login over plain HTTP."""

    def refresh_token(self):
        answer = requests.post(f"{ORIGIN}/v2/usermanagement/ims/token/v2/", data=self.post_body(),
                               headers={"Content-Type": "application/x-www-form-urlencoded"})
        answer.raise_for_status()
        self.set_expiry(answer.json()["expires_in"])
        self.token = answer.json()["access_token"]


def connection(secret=SECRET, **more):
    return Connection(ORGANIZATION, Login(CLIENT, secret), endpoint=f"{ORIGIN}/v2/usermanagement", max_retries=1, **more)


adobe = connection()


def done(action, over=adobe):
    """The codes of what failed."""
    over.execute_single(action, immediate=True)
    return [error["errorCode"] for error in action.execution_errors()]


def create(conflict=IfAlreadyExistsOption.errorIfAlreadyExists):
    return UserAction(EMAIL).create(email=EMAIL, firstname="Grace", lastname="Hopper", country="US", on_conflict=conflict)


def user():
    return UserQuery(adobe, EMAIL).result()


# Tried without effect, made, and a second time in vain.
trial = create().add_to_groups(["Studio"])
assert done(trial, connection(test_mode=True)) == [] and user() == {}
assert done(create().add_to_groups(["Creative Cloud 1", "Studio", "_support_admin"])) == []
made = user()
assert made["email"] == EMAIL and made["status"] == "active" and made["type"] == "federatedID", made
assert sorted(made["groups"]) == ["Creative Cloud 1", "Studio", "_support_admin"], made
assert done(create()) == ["error.user.already_in_org"]
assert done(create(IfAlreadyExistsOption.ignoreIfAlreadyExists)) == []
assert done(UserAction("new@example.org").create(email="new@example.org", id_type=IdentityType.federatedID)) == \
    ["error.user.firstname_missing"]

# Found in the list, with the groups that there are.
users = UsersQuery(adobe).all_results()
assert sorted(it["email"] for it in users) == ["founder@acme.example", EMAIL, "lead@acme.example"], users
(lead,) = [it for it in users if it["email"] == "lead@acme.example"]
assert lead["firstname"] == "Lee" and lead["groups"] == ["_support_admin"], lead
groups = {it["groupName"]: it["type"] for it in GroupsQuery(adobe).all_results()}
assert (groups["Creative Cloud 1"], groups["Studio"]) == ("PRODUCT_PROFILE", "USER_GROUP"), groups

# Moved, in vain into what is not there.
assert done(UserAction(EMAIL).add_to_groups(["Stock 1"]).remove_from_groups(["Creative Cloud 1", "_support_admin"])) == []
assert sorted(user()["groups"]) == ["Stock 1", "Studio"]
assert done(UserAction(EMAIL).add_to_groups(["Nothing"])) == ["error.group.not_found"]
assert done(UserAction("nobody@example.org").add_to_groups(["Studio"])) == ["error.user.nonexistent"]

# Gone, and gone already.
for _ in range(2):
    removal = UserAction(EMAIL)
    removal.remove_from_organization()
    assert done(removal) == []
assert user() == {}

# Refusals.
control("faults", {"fault": {"too_many_requests": {"retry_after": 38}}})
try:
    user()
    raise AssertionError("not refused")
except UnavailableError as error:
    assert error.result is None or error.result.status_code == 429, error
control("faults", {"fault": "bad_token"})
try:
    user()
    raise AssertionError("not refused")
except RequestError as error:
    assert error.result.status_code == 401, error
try:
    connection("of-last-year").query_single("user", [EMAIL])
    raise AssertionError("not refused")
except requests.HTTPError as error:
    assert error.response.status_code == 401, error
print("ok")
