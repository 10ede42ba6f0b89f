"""Drives the simulated Pinterest Business with Pinterest's own generated client through a person's whole life in it.

The client checks types, patterns and enumerations of what it sends and of what comes back. Called with the simulator's
origin; what the invited person does comes from the simulator's controls.
"""

import json
import sys
from urllib.request import Request, urlopen

import openapi_generated.pinterest_client as pinterest
from openapi_generated.pinterest_client.api.business_access_assets_api import BusinessAccessAssetsApi
from openapi_generated.pinterest_client.api.business_access_invite_api import BusinessAccessInviteApi
from openapi_generated.pinterest_client.api.business_access_relationships_api import BusinessAccessRelationshipsApi

ORIGIN, BUSINESS, TOKEN = sys.argv[1:4]
EMAIL = "grace@example.org"
ACCOUNT = "549755885175"


def control(path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=data, headers={"Content-Type": "application/json"}, method="POST"))


def refused(call, status):
    try:
        call()
    except pinterest.ApiException as error:
        assert error.status == status, error
        return
    raise AssertionError(f"not refused with {status}")


client = pinterest.ApiClient(pinterest.Configuration(host=f"{ORIGIN}/v5", access_token=TOKEN))
invites = BusinessAccessInviteApi(client)
people = BusinessAccessRelationshipsApi(client)
assets = BusinessAccessAssetsApi(client)


def told(answer):
    return answer.to_dict() if hasattr(answer, "to_dict") else answer


def body(model, value):
    module = __import__(f"openapi_generated.pinterest_client.model.{model}", fromlist=["*"])
    return getattr(module, "".join(part.title() for part in model.split("_")))._from_openapi_data(
        **value, _spec_property_naming=True, _configuration=client.configuration)


def invite():
    asked = body("create_membership_or_partnership_invites_body", {
        "business_role": "EMPLOYEE", "invite_type": "MEMBER_INVITE", "members": [EMAIL]})
    return told(invites.create_membership_or_partnership_invites(BUSINESS, asked))["items"][0]


def pending():
    return [it for it in told(invites.get_invites(BUSINESS, is_member=True, invite_status=["PENDING"]))["items"]]


# Invite, a second time in vain, and take it back.
first = invite()
assert first["invite"]["id"] and not first.get("exception"), first
assert invite()["exception"]["code"] == 403
assert [it["invite_data"]["invite_status"] for it in pending()] == ["PENDING"]
cancel = body("cancel_invites_body", {"invite_ids": [first["invite"]["id"]]})
assert told(invites.cancel_invites_or_requests(BUSINESS, cancel))["items"][0]["invite"]["id"] == first["invite"]["id"]
assert pending() == []

# Accept, and be found.
invite()
control(f"invitations/{EMAIL}/accept")
members = told(people.get_business_members(BUSINESS, page_size=1))
assert len(members["items"]) == 1 and members["bookmark"], members
members = members["items"] + told(people.get_business_members(BUSINESS, bookmark=members["bookmark"]))["items"]
(member,) = [it for it in members if it["user"]["email"] == EMAIL]
assert member["business_roles"] == ["EMPLOYEE"], member

# Assets and the removal.
assert [it["asset_id"] for it in told(assets.business_assets_get(BUSINESS))["items"]] == [ACCOUNT, "549755885176"]
refused(lambda: BusinessAccessAssetsApi(pinterest.ApiClient(pinterest.Configuration(
    host=f"{ORIGIN}/v5", access_token="of-last-year"))).business_assets_get(BUSINESS), 401)
control("faults", {"fault": {"too_many_requests": {"retry_after": 60}}})
refused(lambda: assets.business_assets_get(BUSINESS), 429)
remove = body("members_to_delete_body", {"members": [{"member_id": member["id"], "business_role": "EMPLOYEE"}]})
assert told(people.delete_business_membership(BUSINESS, remove))["deleted_members"] == [member["id"]]
print("ok")
