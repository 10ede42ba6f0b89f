"""Drives the simulated TikTok Business Center with TikTok's own SDK through a person's whole life in it.

Whatever the simulator answers in another way than TikTok's SDK understands fails here. Called with the simulator's
origin; what the invited person does comes from the simulator's controls.
"""

import json
import sys
from urllib.request import Request, urlopen

from business_api_client import ApiClient, Configuration
from business_api_client.api.bc_api import BCApi
from business_api_client.models import AssetAssignBody, AssetUnassignBody, MemberDeleteBody, MemberInviteBody, MemberUpdateBody
from business_api_client.tiktok_business.tiktok_code import NumericErrorCodes as Codes
from business_api_client.tiktok_business.tiktok_exceptions import TiktokSDKError

ORIGIN, BC, TOKEN = sys.argv[1:4]
EMAIL = "grace@example.org"


def control(path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=data, headers={"Content-Type": "application/json"}, method="POST"))


def refused(call, code):
    try:
        call()
    except TiktokSDKError as error:
        assert str(error).startswith(f"Error Code: {code},"), error
        return
    raise AssertionError(f"not refused with {code}")


configuration = Configuration()
configuration.host = ORIGIN
api = BCApi(ApiClient(configuration))


def members(**filtering):
    return api.bc_member_get(BC, TOKEN, filtering=json.dumps(filtering), page=1, page_size=10)["data"]["list"]


def held(user, kind):
    return api.bc_asset_get(BC, kind, TOKEN, filtering=json.dumps({"user_id": user}))["data"]["list"]


assert [it["user_role"] for it in api.bc_get(TOKEN, bc_id=BC)["data"]["list"]] == ["ADMIN"]

# Invite with an advertiser account, a second time in vain, and take it back.
invitation = MemberInviteBody(bc_id=BC, emails=[EMAIL], user_role="STANDARD", asset_ids=["7100"],
                              asset_type="ADVERTISER", advertiser_role="OPERATOR")
api.bc_member_invite(TOKEN, body=invitation)
assert [(it["relation_status"], it["user_role"]) for it in members(keyword=EMAIL)] == [("PENDING", "STANDARD")]
refused(lambda: api.bc_member_invite(TOKEN, body=invitation), Codes.ERROR_CODE_PARAM_ERROR)
api.bc_member_delete(TOKEN, body=MemberDeleteBody(bc_id=BC, user_email=EMAIL))
assert members(keyword=EMAIL) == []

# Accept: the account that the invitation carried is there.
api.bc_member_invite(TOKEN, body=invitation)
control(f"invitations/{EMAIL}/accept")
(member,) = members(keyword=EMAIL, relation_status="BOUND")
user = member["user_id"]
assert [(it["asset_id"], it["advertiser_role"]) for it in held(user, "ADVERTISER")] == [("7100", "OPERATOR")]

# Role and assets.
api.bc_member_update(TOKEN, body=MemberUpdateBody(bc_id=BC, user_id=user, user_role="ADMIN"))
api.bc_asset_assign(TOKEN, body=AssetAssignBody(bc_id=BC, user_id=user, asset_type="ADVERTISER", asset_id="7100", advertiser_role="ANALYST"))
api.bc_asset_assign(TOKEN, body=AssetAssignBody(bc_id=BC, user_id=user, asset_type="TT_ACCOUNT", asset_id="7400", tt_account_roles=["POST", "LIVE"]))
assert [it["advertiser_role"] for it in held(user, "ADVERTISER")] == ["ANALYST"]
assert [it["tt_account_roles"] for it in held(user, "TT_ACCOUNT")] == [["LIVE", "POST"]]
assert [it["asset_id"] for it in api.bc_asset_admin_get(BC, "ADVERTISER", TOKEN)["data"]["list"]] == ["7100", "7200"]
refused(lambda: api.bc_asset_assign(TOKEN, body=AssetAssignBody(bc_id=BC, user_id=user, asset_type="ADVERTISER", asset_id="7100", advertiser_role="OWNER")),
        Codes.ERROR_CODE_PARAM_ERROR)
api.bc_asset_unassign(TOKEN, body=AssetUnassignBody(bc_id=BC, user_id=user, asset_type="TT_ACCOUNT", asset_id="7400"))
assert held(user, "TT_ACCOUNT") == []

# Removal, limits, tokens.
api.bc_member_delete(TOKEN, body=MemberDeleteBody(bc_id=BC, user_id=user))
assert members(keyword=EMAIL) == []
refused(lambda: api.bc_member_delete(TOKEN, body=MemberDeleteBody(bc_id=BC, user_id=user)), Codes.ERROR_CODE_NOT_EXIST)
control("faults", {"fault": {"too_many_requests": {"retry_after": 60}}})
refused(lambda: api.bc_get(TOKEN, bc_id=BC), Codes.ERROR_CODE_REQUEST_TOO_FREQUENT)
refused(lambda: api.bc_get("of-last-year", bc_id=BC), Codes.ERROR_CODE_INVALID_ACCESS_TOKEN)
print("ok")
