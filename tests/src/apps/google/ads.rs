//! Google Ads: queries and changes of one account.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::HeaderMap,
    routing::post,
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, InvitationState, Organisation, Refused},
    CUSTOMER, MANAGER,
    answers::{Answer, DENIED, Failure, INVALID, NOT_FOUND, ads, page},
    people::{self, Change},
};

type App = State<Arc<BusinessApp>>;

const ROLES: [&str; 4] = ["ADMIN", "STANDARD", "READ_ONLY", "EMAIL_ONLY"];
const ACCESSES: &str = "customerUserAccesses";
const INVITATIONS: &str = "customerUserAccessInvitations";

/// What can be asked for of each resource, by Google's reference of fields.
const FIELDS: [(&str, &[&str]); 3] = [
    (
        "customer_user_access",
        &[
            "user_id",
            "email_address",
            "access_role",
            "access_creation_date_time",
            "pending_multi_party_auth_review",
        ],
    ),
    (
        "customer_user_access_invitation",
        &["invitation_id", "email_address", "access_role", "creation_date_time", "invitation_status"],
    ),
    (
        "multi_party_auth_review",
        &[
            "multi_party_auth_review_id",
            "review_status",
            "customer_user_access_invitation_review.new_customer_user_access_invitation",
        ],
    ),
];

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    Router::new().route("/v26/customers/{customer}/{call}", post(call))
}

async fn call(
    State(app): App,
    Path((customer, call)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    let manager = headers.get("login-customer-id").and_then(|given| given.to_str().ok());
    if customer != CUSTOMER || manager != Some(MANAGER) {
        return Err(DENIED);
    }
    match call.as_str() {
        "googleAds:search" => search(&app.shown(), &body),
        "customerUserAccesses:mutate" => mutate(&app, access(&body["operation"])?),
        "customerUserAccessInvitations:mutate" => mutate(&app, invitation(&body["operation"])?),
        _ => Err(NOT_FOUND),
    }
}

/// The resource that is asked for, if it has all the fields.
fn asked(query: &str) -> Option<&'static str> {
    let (fields, rest) = query.strip_prefix("SELECT ")?.split_once(" FROM ")?;
    let from = rest.split_whitespace().next()?;
    let (resource, known) = FIELDS.iter().find(|(resource, _)| *resource == from)?;
    let is_known = |field: &str| {
        field
            .strip_prefix(*resource)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|field| known.contains(&field))
    };
    fields.split(',').map(str::trim).all(is_known).then_some(*resource)
}

fn search(account: &Organisation, body: &Value) -> Answer {
    if !body["pageSize"].is_null() {
        return Err(ads("requestError", "PAGE_SIZE_NOT_SUPPORTED"));
    }
    let query = body["query"].as_str().ok_or(INVALID)?;
    let rows = match asked(query).ok_or(ads("queryError", "UNRECOGNIZED_FIELD"))? {
        "customer_user_access" => accesses(account),
        "customer_user_access_invitation" => account.invitations().iter().map(invited).collect(),
        _ => people::reviews(account).iter().filter_map(reviewed).collect(),
    };
    let total = rows.len();
    let (rows, next) = page(rows, account.page_size, body["pageToken"].as_str())?;
    let mut answer = json!({"fieldMask": "userId"});
    if !rows.is_empty() {
        answer["results"] = rows.into();
    }
    if let Some(token) = next {
        answer["nextPageToken"] = token.into();
    }
    if body["searchSettings"]["returnTotalResultsCount"] == true && total > 0 {
        answer["totalResultsCount"] = total.to_string().into();
    }
    Ok(Json(answer))
}

fn name(what: &str, id: &str) -> String {
    format!("customers/{CUSTOMER}/{what}/{id}")
}

fn accesses(account: &Organisation) -> Vec<Value> {
    let reviews = people::reviews(account);
    let members = account.people().iter().filter(|person| !person.role.is_empty());
    members
        .map(|person| {
            let mut access = json!({"resourceName": name(ACCESSES, &person.id), "userId": person.id,
                "emailAddress": person.email, "accessRole": person.role,
                "accessCreationDateTime": people::since(&person.id)});
            let waits = |it: &&Value| it["status"] == "PENDING" && it["user"] == json!(person.id);
            if let Some(id) = reviews.iter().find(waits).and_then(|review| review["id"].as_str()) {
                access["pendingMultiPartyAuthReview"] = name("multiPartyAuthReviews", id).into();
            }
            json!({ "customerUserAccess": access })
        })
        .collect()
}

fn invited(invitation: &super::super::business::Invitation) -> Value {
    let status = match invitation.state {
        InvitationState::Pending => "PENDING",
        InvitationState::Declined => "DECLINED",
        InvitationState::Expired => "EXPIRED",
    };
    json!({"customerUserAccessInvitation": {"resourceName": name(INVITATIONS, &invitation.id),
        "invitationId": invitation.id, "emailAddress": invitation.email, "accessRole": invitation.role,
        "creationDateTime": people::since(&invitation.id), "invitationStatus": status}})
}

/// A review of an invitation.
fn reviewed(review: &Value) -> Option<Value> {
    let id = review["id"].as_str().filter(|_| review["what"] == "invite")?;
    Some(json!({"multiPartyAuthReview": {"resourceName": name("multiPartyAuthReviews", id),
        "multiPartyAuthReviewId": id, "reviewStatus": review["status"], "customerUserAccessInvitationReview": {
            "newCustomerUserAccessInvitation": {"emailAddress": review["email"], "accessRole": review["role"]}}}}))
}

fn role(body: &Value) -> Result<String, Failure> {
    let role = body["accessRole"].as_str().filter(|role| ROLES.contains(role));
    role.map(str::to_owned).ok_or(ads("requestError", "INVALID_ENUM_VALUE"))
}

fn id(resource: &Value, what: &str) -> Result<String, Failure> {
    let id = resource.as_str().and_then(|resource| resource.strip_prefix(&name(what, "")));
    id.map(str::to_owned).ok_or(ads("requestError", "RESOURCE_NAME_MALFORMED"))
}

fn access(operation: &Value) -> Result<Change, Failure> {
    match (&operation["update"], &operation["remove"]) {
        (update, Value::Null) if operation["updateMask"] == "accessRole" => {
            Ok(Change::SetRole { id: id(&update["resourceName"], ACCESSES)?, role: role(update)? })
        }
        (Value::Null, remove) => Ok(Change::Remove { id: id(remove, ACCESSES)? }),
        _ => Err(ads("requestError", "OPERATION_REQUIRED")),
    }
}

fn invitation(operation: &Value) -> Result<Change, Failure> {
    match (&operation["create"], &operation["remove"]) {
        (create, Value::Null) => {
            let email = create["emailAddress"].as_str().filter(|email| email.contains('@'));
            let email = email.ok_or(ads("accessInvitationError", "INVALID_EMAIL_ADDRESS"))?.to_owned();
            Ok(Change::Invite { email, role: role(create)? })
        }
        (Value::Null, remove) => Ok(Change::Cancel { id: id(remove, INVITATIONS)? }),
        _ => Err(ads("requestError", "OPERATION_REQUIRED")),
    }
}

fn mutate(app: &BusinessApp, change: Change) -> Answer {
    app.change(|account| {
        if let Change::Cancel { id } = &change {
            let invitation =
                account.invitation(id).ok_or(ads("accessInvitationError", "INVALID_INVITATION_ID"))?;
            if invitation.state != InvitationState::Pending {
                return Err(ads("accessInvitationError", "INVALID_INVITATION_STATUS"));
            }
        }
        if let Change::SetRole { id, .. } | Change::Remove { id } = &change {
            people::member(account, id).map_err(|_| Failure::from(Refused::NotFound))?;
        }
        if let Some(review) = people::review(account, &change) {
            return Ok(Json(
                json!({"result": {"multiPartyAuthReview": name("multiPartyAuthReviews", &review)}}),
            ));
        }
        let changed = people::make(account, change)?;
        Ok(Json(json!({"result": {"resourceName": format!("customers/{CUSTOMER}/{changed}")}})))
    })
}
