"""Drives the simulated Meta Business with Meta's own SDK through a person's whole life in a business.

Whatever the simulator answers in another way than Meta's SDK understands fails here. Called with the simulator's
origin; what the invited person does comes from the simulator's controls.
"""

import json
import sys
from urllib.request import Request, urlopen

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.business import Business
from facebook_business.adobjects.businessrolerequest import BusinessRoleRequest
from facebook_business.adobjects.businessuser import BusinessUser
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

ORIGIN, BUSINESS, TOKEN, SECRET = sys.argv[1:5]
EMAIL = "grace@example.org"


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=data or b"", headers=headers, method="POST"))


def refused(call, code, subcode=None):
    try:
        call()
    except FacebookRequestError as error:
        assert (error.api_error_code(), error.api_error_subcode()) == (code, subcode), error
        return error
    raise AssertionError(f"not refused with {code}")


FacebookSession.GRAPH = ORIGIN
api = FacebookAdsApi.init(app_id="1", app_secret=SECRET, access_token=TOKEN, api_version="v26.0")
business = Business(BUSINESS, api=api)
assert business.api_get(fields=["name"])["name"] == "Acme Marketing"

# Invite, change what is pending, invite a second time in vain.
business.create_business_user(params={"email": EMAIL, "role": "EMPLOYEE"})
pending = list(business.get_pending_users(fields=["email", "role", "status", "expiration_time"], params={"email": EMAIL}))
assert [(it["email"], it["role"], it["status"]) for it in pending] == [(EMAIL, "EMPLOYEE", "PENDING")], pending
refused(lambda: business.create_business_user(params={"email": EMAIL, "role": "EMPLOYEE"}), 100)
BusinessRoleRequest(pending[0]["id"], api=api).api_update(params={"role": "ADMIN"})
assert BusinessRoleRequest(pending[0]["id"], api=api).api_get(fields=["role"])["role"] == "ADMIN"
refused(lambda: AdAccount("act_901", api=api).create_assigned_user(
    params={"user": int(pending[0]["id"]), "tasks": ["ANALYZE"]}), 100)

# Accept, and be found page by page.
control(f"invitations/{EMAIL}/accept")
people = list(business.get_business_users(fields=["email", "name", "role"], params={"limit": 1}))
found = [person for person in people if person["email"] == EMAIL]
assert len(people) == 2 and len(found) == 1 and found[0]["role"] == "ADMIN", people
assert list(business.get_pending_users(params={"email": EMAIL})) == []
person = found[0]["id"]

# Assets: granted, told unpacked, replaced, revoked.
accounts = [account["id"] for account in business.get_owned_ad_accounts(fields=["name"])]
assert accounts == ["act_901", "act_902"], accounts
account, page = AdAccount("act_901", api=api), Page("701", api=api)
account.create_assigned_user(params={"user": int(person), "tasks": [AdAccount.Tasks.manage]})
page.create_assigned_user(params={"user": int(person), "tasks": [Page.Tasks.analyze]})
user = BusinessUser(person, api=api)
assigned = {it["id"]: sorted(it["tasks"]) for it in user.get_assigned_ad_accounts(fields=["tasks"])}
assert assigned == {"act_901": ["ADVERTISE", "ANALYZE", "DRAFT", "MANAGE"]}, assigned
account.create_assigned_user(params={"user": int(person), "tasks": [AdAccount.Tasks.analyze]})
holders = list(account.get_assigned_users(fields=["tasks"], params={"business": BUSINESS}))
assert [(it["id"], it["tasks"]) for it in holders] == [(person, ["ANALYZE"])], holders
refused(lambda: account.get_assigned_users(fields=["tasks"]), 100)
account.delete_assigned_users(params={"user": int(person)})
page.delete_assigned_users(params={"user": int(person)})
assert list(user.get_assigned_pages()) == []

# Role, removal, and what is left.
user.api_update(params={"role": BusinessUser.Role.employee})
assert user.api_get(fields=["role"])["role"] == "EMPLOYEE"
user.api_delete()
refused(lambda: BusinessUser(person, api=api).api_get(fields=["role"]), 100, 33)

# A limit as Meta tells it: a code, and minutes in a header.
control("faults", {"fault": {"too_many_requests": {"retry_after": 7200}}})
error = refused(lambda: business.api_get(fields=["name"]), 80004)
usage = json.loads(error.http_headers()["x-business-use-case-usage"])
assert usage[BUSINESS][0]["estimated_time_to_regain_access"] == 120, usage

# Without the app's secret the token is worth nothing.
FacebookAdsApi.init(access_token=TOKEN, api_version="v26.0")
refused(lambda: Business(BUSINESS).api_get(fields=["name"]), 104)
print("ok")
