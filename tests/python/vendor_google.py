"""Drives the simulated Google account with Google's own clients through a person's whole life in it.

Tag Manager and Analytics: Google's client, with the discovery documents that it ships. Google Ads: the SDK speaks gRPC, so its
own messages are written as JSON and every answer is read back into them; whatever they do not know fails here.
"""

import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types import customer_user_access_invitation_service as invitations
from google.ads.googleads.v26.services.types import customer_user_access_service as accesses
from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsRequest, SearchGoogleAdsResponse
from google.oauth2.credentials import Credentials
from google.protobuf import json_format
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

ORIGIN, CUSTOMER, MANAGER, ACCOUNT, TOKEN = sys.argv[1:6]
EMAIL = "grace@example.org"


def control(path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    urlopen(Request(f"{ORIGIN}/_control/{path}", data=data, headers={"Content-Type": "application/json"}, method="POST"))


def ads(call, asked, answered, token=TOKEN):
    """A call as JSON, made of the SDK's request and read into the SDK's answer. The customer is in the path."""
    body = json_format.MessageToDict(type(asked).pb(asked))
    body.pop("customerId", None)
    request = Request(f"{ORIGIN}/google/v26/customers/{CUSTOMER}/{call}", data=json.dumps(body).encode(), headers={
        "Content-Type": "application/json", "Authorization": f"Bearer {token}", "login-customer-id": MANAGER})
    return json_format.Parse(urlopen(request).read(), answered.pb(answered()))


def refused(call, status, kind, code):
    try:
        call()
    except HTTPError as error:
        told = json.loads(error.read())["error"]
        assert (error.code, told["code"]) == (status, status), told
        (detail,) = told["details"]
        assert detail.pop("@type") == "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
        (failure,) = json_format.ParseDict(detail, GoogleAdsFailure.pb(GoogleAdsFailure())).errors
        assert failure.error_code.WhichOneof("error_code") == kind, failure
        told = json_format.MessageToDict(failure)
        assert list(told["errorCode"].values()) == [code], told
        return told
    raise AssertionError(f"not refused with {status}")


def search(resource, fields, token=TOKEN):
    query = f"SELECT {', '.join(f'{resource}.{field}' for field in fields.split())} FROM {resource}"
    asked = SearchGoogleAdsRequest(customer_id=CUSTOMER, query=query)
    asked.search_settings.return_total_results_count = True
    answer = ads("googleAds:search", asked, SearchGoogleAdsResponse, token)
    assert answer.total_results_count == len(answer.results)
    return [getattr(row, resource) for row in answer.results]


def members(token=TOKEN):
    return search("customer_user_access", "user_id email_address access_role access_creation_date_time", token)


def invited():
    return search("customer_user_access_invitation", "invitation_id email_address access_role creation_date_time invitation_status")


def invitation(**operation):
    asked = invitations.MutateCustomerUserAccessInvitationRequest(customer_id=CUSTOMER, operation=operation)
    return ads("customerUserAccessInvitations:mutate", asked, invitations.MutateCustomerUserAccessInvitationResponse).result


def access(**operation):
    asked = accesses.MutateCustomerUserAccessRequest(customer_id=CUSTOMER, operation=operation)
    return ads("customerUserAccesses:mutate", asked, accesses.MutateCustomerUserAccessResponse).result


# Invite, a second time in vain, and take it back.
wanted = {"email_address": EMAIL, "access_role": "STANDARD"}
made = invitation(create=wanted)
(pending,) = invited()
assert made.resource_name == pending.resource_name and pending.email_address == EMAIL, pending
refused(lambda: invitation(create=wanted), 400, "access_invitation_error", "EMAIL_ADDRESS_ALREADY_HAS_PENDING_INVITATION")
assert invitation(remove=made.resource_name).resource_name == made.resource_name
assert invited() == []

# Accept, and be found; another role.
invitation(create=wanted)
control(f"invitations/{EMAIL}/accept")
(member,) = [it for it in members() if it.email_address == EMAIL]
assert member.user_id and member.access_creation_date_time, member
access(update={"resource_name": member.resource_name, "access_role": "ADMIN"}, update_mask={"paths": ["access_role"]})

# Tag Manager.
credentials = Credentials(TOKEN)


def client(name, version):
    return build(name, version, credentials=credentials, static_discovery=True,
                 client_options={"api_endpoint": f"{ORIGIN}/google"})


def refused_by_client(call, status):
    try:
        call.execute()
    except HttpError as error:
        assert error.status_code == status, error
        return
    raise AssertionError(f"not refused with {status}")


tag_manager = client("tagmanager", "v2").accounts()
assert tag_manager.get(path=f"accounts/{ACCOUNT}").execute()["accountId"] == ACCOUNT
web, shop = [it["containerId"] for it in tag_manager.containers().list(parent=f"accounts/{ACCOUNT}").execute()["container"]]
permissions = tag_manager.user_permissions()
body = {"emailAddress": EMAIL, "accountAccess": {"permission": "user"},
        "containerAccess": [{"containerId": web, "permission": "read"}]}
given = permissions.create(parent=f"accounts/{ACCOUNT}", body=body).execute()
refused_by_client(permissions.create(parent=f"accounts/{ACCOUNT}", body=body), 409)
body["containerAccess"] = [{"containerId": shop, "permission": "publish"}]
changed = permissions.update(path=given["path"], body=body).execute()
assert {it["containerId"]: it["permission"] for it in changed["containerAccess"]} == {web: "noAccess", shop: "publish"}
(listed,) = permissions.list(parent=f"accounts/{ACCOUNT}").execute()["userPermission"]
assert listed == permissions.get(path=given["path"]).execute() and listed["emailAddress"] == EMAIL
permissions.delete(path=given["path"]).execute()
assert "userPermission" not in permissions.list(parent=f"accounts/{ACCOUNT}").execute()

# Analytics.
properties = client("analyticsadmin", "v1alpha").properties()
bindings = properties.accessBindings()
assert properties.get(name="properties/7001").execute()["displayName"]
bound = bindings.create(parent="properties/7001", body={"user": EMAIL, "roles": ["predefinedRoles/viewer"]}).execute()
patched = bindings.patch(name=bound["name"], body={"user": EMAIL, "roles": ["predefinedRoles/editor"]}).execute()
(listed,) = bindings.list(parent="properties/7001", pageSize=10).execute()["accessBindings"]
assert listed == patched and listed["roles"] == ["predefinedRoles/editor"], listed
bindings.delete(name=bound["name"]).execute()
refused_by_client(bindings.delete(name=bound["name"]), 404)

# Removal, the last admin, limits, tokens.
access(remove=member.resource_name)
(founder,) = members()
refused(lambda: access(remove=member.resource_name), 400, "customer_user_access_error", "INVALID_USER_ID")
refused(lambda: access(remove=founder.resource_name), 400, "customer_user_access_error", "LAST_ADMIN_USER_OF_SERVING_CUSTOMER")
control("faults", {"fault": {"too_many_requests": {"retry_after": 40591}}})
limit = refused(members, 429, "quota_error", "RESOURCE_EXHAUSTED")
assert limit["details"]["quotaErrorDetails"]["retryDelay"] == "40591s", limit
refused(lambda: members("of-last-year"), 401, "authentication_error", "OAUTH_TOKEN_INVALID")
print("ok")
