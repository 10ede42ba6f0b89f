//! The operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::HeaderMap,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Invitation, InvitationState, Organisation, Person, Redeemed},
    ACCESS_TOKEN, BUSINESS,
    answers::{Answer, Failure, INVALID, NOT_FOUND, exception, page},
};

type App = State<Arc<BusinessApp>>;
type Asked = Query<BTreeMap<String, String>>;

const ROLES: [&str; 2] = ["EMPLOYEE", "BIZ_ADMIN"];
/// `1432567:pinterest-client-secret`, worked out elsewhere.
const BASIC: &str = "Basic MTQzMjU2NzpwaW50ZXJlc3QtY2xpZW50LXNlY3JldA==";
const PERMISSIONS: [&str; 11] = [
    "ADMIN",
    "ANALYST",
    "FINANCE_MANAGER",
    "FINANCE_EDIT",
    "FINANCE_VIEW",
    "AUDIENCE_MANAGER",
    "CAMPAIGN_MANAGER",
    "CATALOGS_MANAGER",
    "CATALOGS_VIEWER",
    "PROFILE_PUBLISHER",
    "CONSUMER_USER",
];

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    let business = Router::new()
        .route("/members", get(members).patch(set_roles).delete(remove))
        .route("/members/assets/access", patch(grant).delete(revoke))
        .route("/members/{member}/assets", get(held))
        .route("/invites", get(invites).post(invite).delete(cancel))
        .route("/invites/assets/access", post(give_invites))
        .route("/assets", get(assets))
        .layer(middleware::from_fn(authentic));
    Router::new().route("/oauth/token", post(token)).nest(&format!("/businesses/{BUSINESS}"), business)
}

async fn authentic(request: Request, next: Next) -> Response {
    let expected = format!("Bearer {ACCESS_TOKEN}");
    match request.headers().get("authorization") {
        Some(given) if given.as_bytes() == expected.as_bytes() => next.run(request).await,
        _ => Failure(401).into_response(),
    }
}

async fn token(State(app): App, headers: HeaderMap, body: Bytes) -> Answer {
    let uri = format!("/?{}", String::from_utf8_lossy(&body)).parse().map_err(|_| INVALID)?;
    let form: Asked = Query::try_from_uri(&uri).map_err(|_| INVALID)?;
    if headers.get("authorization").is_none_or(|given| given.as_bytes() != BASIC.as_bytes()) {
        return Err(Failure(401));
    }
    let given = |name: &str| form.get(name).map(String::as_str);
    let (Some("refresh_token"), Some(token)) = (given("grant_type"), given("refresh_token")) else {
        return Err(INVALID);
    };
    let mut answer = json!({"access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 2_592_000,
        "scope": "biz_access:read biz_access:write", "response_type": "refresh_token"});
    match app.change(|organisation| organisation.consent.redeem(token)) {
        Redeemed::Refused => return Err(INVALID),
        Redeemed::Kept => {}
        Redeemed::ReplacedBy(next) => {
            answer["refresh_token"] = next.into();
            answer["refresh_token_expires_in"] = 5_184_000.into();
        }
    }
    Ok(Json(answer))
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Failure> {
    body[name].as_str().filter(|text| !text.is_empty()).ok_or(INVALID)
}

fn role(body: &Value) -> Result<&str, Failure> {
    text(body, "business_role").ok().filter(|role| ROLES.contains(role)).ok_or(INVALID)
}

fn items<'a>(body: &'a Value, name: &str) -> Result<&'a Vec<Value>, Failure> {
    body[name].as_array().filter(|items| (1..=50).contains(&items.len())).ok_or(INVALID)
}

fn permissions(body: &Value) -> Result<BTreeSet<String>, Failure> {
    let words = body.as_array().ok_or(INVALID)?.iter().filter_map(Value::as_str);
    let words: BTreeSet<String> = words.map(str::to_owned).collect();
    let known = words.iter().all(|word| PERMISSIONS.contains(&word.as_str()));
    if known && !words.is_empty() { Ok(words) } else { Err(INVALID) }
}

async fn members(State(app): App, Query(query): Asked) -> Answer {
    let shown = app.shown();
    let wanted = query.get("member_ids").map(|ids| ids.split(',').collect::<Vec<_>>());
    let fits = |person: &&Person| wanted.as_ref().is_none_or(|ids| ids.contains(&person.id.as_str()));
    let member = |person: &Person| {
        json!({"id": person.id, "business_roles": [person.role], "is_shared_partner": false,
            "user": {"id": person.id, "username": person.name, "email": person.email}})
    };
    page(shown.people().iter().filter(fits).map(member).collect(), &query)
}

async fn set_roles(State(app): App, Json(body): Json<Value>) -> Answer {
    let mut changed = Vec::new();
    for member in body.as_array().ok_or(INVALID)? {
        let (id, role) = (text(member, "member_id")?, role(member)?);
        app.change(|organisation| organisation.set_role(id, role)).map_err(|_| Failure(403))?;
        changed.push(json!({"member_id": id, "business_role": role}));
    }
    Ok(Json(json!({"items": changed})))
}

/// Whoever removes a member must know the role.
async fn remove(State(app): App, Json(body): Json<Value>) -> Answer {
    let mut deleted = Vec::new();
    for member in items(&body, "members")? {
        let (id, role) = (text(member, "member_id")?, role(member)?);
        app.change(|organisation| {
            organisation.person(id).filter(|person| person.role == role).ok_or(NOT_FOUND)?;
            organisation.remove(id).map_err(|_| Failure(403))
        })?;
        deleted.push(id.to_owned());
    }
    Ok(Json(json!({"deleted_members": deleted})))
}

fn shown_invite(invitation: &Invitation) -> Value {
    let status = match invitation.state {
        InvitationState::Pending => "PENDING",
        InvitationState::Declined => "DECLINED",
        InvitationState::Expired => "EXPIRED",
    };
    json!({"id": invitation.id, "business_roles": [invitation.role], "is_received_invite": false,
        "user": {"email": invitation.email},
        "invite_data": {"invite_status": status, "invite_type": "MEMBER_INVITE",
            "invite_expiration": invitation.expires_at.as_millisecond(),
            "sent_at": invitation.sent_at.as_millisecond()}})
}

/// Only those that are pending or expired can be asked for.
async fn invites(State(app): App, Query(query): Asked) -> Answer {
    let wanted = query.get("invite_status").map_or("PENDING,EXPIRED", String::as_str).to_owned();
    if !wanted.split(',').all(|status| ["PENDING", "EXPIRED"].contains(&status)) {
        return Err(INVALID);
    }
    let shown = app.shown();
    let all = shown.invitations().iter().map(shown_invite);
    let fits = |it: &Value| {
        let status = it["invite_data"]["invite_status"].as_str().unwrap_or_default();
        wanted.split(',').any(|wanted| wanted == status)
    };
    page(all.filter(fits).collect(), &query)
}

async fn invite(State(app): App, Json(body): Json<Value>) -> Answer {
    if body["invite_type"] != "MEMBER_INVITE" {
        return Err(INVALID);
    }
    let role = role(&body)?;
    let mut results = Vec::new();
    for email in items(&body, "members")? {
        let email = email.as_str().ok_or(INVALID)?;
        results.push(match app.change(|organisation| organisation.invite(email, role)) {
            Ok(invitation) => {
                json!({"invite": {"id": invitation.id, "user": {"email": email}}, "exception": null})
            }
            Err(refused) => json!({"invite": null, "exception": exception(refused)}),
        });
    }
    Ok(Json(json!({"items": results})))
}

async fn cancel(State(app): App, Json(body): Json<Value>) -> Answer {
    let mut results = Vec::new();
    for id in items(&body, "invite_ids")? {
        let id = id.as_str().ok_or(INVALID)?;
        results.push(match app.change(|organisation| organisation.cancel(id)) {
            Ok(()) => json!({"invite": {"id": id}, "exception": null}),
            Err(_) => json!({"exception": {"invite_id": id,
                "message": "Business Invite request cannot be performed on current invitation status."}}),
        });
    }
    Ok(Json(json!({"items": results})))
}

async fn give_invites(State(app): App, Json(body): Json<Value>) -> Answer {
    let mut results = Vec::new();
    for invite in items(&body, "invites")? {
        let id = text(invite, "invite_id")?;
        for (asset, granted) in invite["asset_id_to_permissions"].as_object().ok_or(INVALID)? {
            let granted = permissions(granted)?;
            app.change(|organisation| organisation.grant(id, asset, granted)).map_err(|_| NOT_FOUND)?;
        }
        results.push(json!({"invite": {"id": id}, "exception": null}));
    }
    Ok(Json(json!({"items": results})))
}

async fn grant(State(app): App, Json(body): Json<Value>) -> Answer {
    let mut results = Vec::new();
    for access in items(&body, "accesses")? {
        let granted = permissions(&access["permissions"])?;
        let given = change_access(&app, access, granted)?;
        results.push(json!({"response": given}));
    }
    Ok(Json(json!({"items": results})))
}

async fn revoke(State(app): App, Json(body): Json<Value>) -> Answer {
    let accesses = items(&body, "accesses")?.iter();
    let results = accesses.map(|access| change_access(&app, access, BTreeSet::new()));
    Ok(Json(json!({"items": results.collect::<Result<Vec<_>, _>>()?})))
}

fn change_access(app: &BusinessApp, access: &Value, granted: BTreeSet<String>) -> Result<Value, Failure> {
    let (member, asset) = (text(access, "member_id")?, text(access, "asset_id")?);
    let told = json!({"asset_id": asset, "member_id": member, "permissions": granted});
    app.change(|organisation| {
        organisation.person(member).ok_or(NOT_FOUND)?;
        organisation.grant(member, asset, granted).map_err(|_| NOT_FOUND)
    })?;
    Ok(told)
}

fn of_kind(organisation: &Organisation, query: &BTreeMap<String, String>) -> Result<Vec<Value>, Failure> {
    let kind = query.get("asset_type").map_or("AD_ACCOUNT", String::as_str);
    if !["AD_ACCOUNT", "PROFILE", "ASSET_GROUP", "CATALOG", "CONSUMER"].contains(&kind) {
        return Err(INVALID);
    }
    let assets = organisation.assets().iter().filter(|asset| asset.kind == kind);
    Ok(assets.map(|asset| json!({"asset_id": asset.id, "asset_type": asset.kind})).collect())
}

async fn assets(State(app): App, Query(query): Asked) -> Answer {
    page(of_kind(&app.shown(), &query)?, &query)
}

async fn held(State(app): App, Path(member): Path<String>, Query(query): Asked) -> Answer {
    let shown = app.shown();
    let person = shown.person(&member).ok_or(NOT_FOUND)?;
    let held = of_kind(&shown, &query)?.into_iter().filter_map(|mut asset| {
        asset["permissions"] = json!(person.grants.get(asset["asset_id"].as_str()?)?);
        Some(asset)
    });
    page(held.collect(), &query)
}
