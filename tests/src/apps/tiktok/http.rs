//! The operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, Method},
    response::Response,
    routing::any,
};
use serde_json::{Value, json};

use super::{
    super::business::{Asset, BusinessApp, Invitation, InvitationState, Organisation, Person},
    BUSINESS_CENTER, TOKEN,
    envelope::{Answer, BAD_PARAMETER, BAD_TOKEN, Code, NOT_THERE, enveloped, page},
};

const ROLES: [&str; 2] = ["STANDARD", "ADMIN"];

/// A kind of asset.
struct Kind {
    name: &'static str,
    /// The field of the role; none where the specification has none.
    field: &'static str,
    roles: &'static [&'static str],
}

const fn kind(name: &'static str, field: &'static str, roles: &'static [&'static str]) -> Kind {
    Kind { name, field, roles }
}

static KINDS: [Kind; 7] = [
    kind("ADVERTISER", "advertiser_role", &["ADMIN", "OPERATOR", "ANALYST"]),
    kind("CATALOG", "catalog_role", &["ADMIN", "AD_PROMOTE"]),
    kind("STOREFRONT", "store_role", &["MANAGER", "AD_PROMOTION"]),
    kind("LEAD", "form_library_role", &["ADMIN"]),
    kind("TT_ACCOUNT", "tt_account_roles", &["POST", "LIVE", "DIRECT_MESSAGE"]),
    kind("PIXEL", "", &[]),
    kind("TIKTOK_SHOP", "", &[]),
];

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    // Paths without the slash at the end are none of the API's.
    Router::new().route("/bc/{*operation}", any(operation))
}

type Asked = BTreeMap<String, String>;

async fn operation(
    State(app): State<Arc<BusinessApp>>,
    method: Method,
    Path(operation): Path<String>,
    Query(query): Query<Asked>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    enveloped(answer(&app, &method, &operation, &query, &headers, &body))
}

fn answer(
    app: &BusinessApp,
    method: &Method,
    operation: &str,
    query: &Asked,
    headers: &HeaderMap,
    body: &Bytes,
) -> Answer {
    if headers.get("access-token").is_none_or(|token| token.as_bytes() != TOKEN.as_bytes()) {
        return Err(BAD_TOKEN);
    }
    if *method == Method::GET {
        let shown = app.shown();
        return match operation {
            "get/" => centres(&shown, query),
            "member/get/" => members(&shown, query),
            "asset/get/" => held(&shown, query),
            "asset/admin/get/" => assets(&shown, query),
            _ => Err(Code(40_400)),
        };
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| BAD_PARAMETER)?;
    if body["bc_id"] != BUSINESS_CENTER {
        return Err(NOT_THERE);
    }
    app.change(|organisation| match operation {
        "member/invite/" => invite(organisation, &body),
        "member/update/" => update(organisation, &body),
        "member/delete/" => delete(organisation, &body),
        "asset/assign/" => assign(organisation, &body),
        "asset/unassign/" => unassign(organisation, &body),
        _ => Err(Code(40_400)),
    })
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Code> {
    body[name].as_str().filter(|text| !text.is_empty()).ok_or(BAD_PARAMETER)
}

/// One of the words that the specification allows.
fn word<'a>(body: &'a Value, name: &str, allowed: &[&str]) -> Result<&'a str, Code> {
    text(body, name).ok().filter(|word| allowed.contains(word)).ok_or(BAD_PARAMETER)
}

/// `filtering`: JSON in the query.
fn filtering(query: &Asked) -> Result<Value, Code> {
    query.get("filtering").map_or(Ok(json!({})), |text| serde_json::from_str(text).map_err(|_| BAD_PARAMETER))
}

fn in_centre(query: &Asked) -> Result<(), Code> {
    match query.get("bc_id") {
        Some(id) if id == BUSINESS_CENTER => Ok(()),
        Some(_) => Err(NOT_THERE),
        None => Err(BAD_PARAMETER),
    }
}

fn centres(organisation: &Organisation, query: &Asked) -> Answer {
    let centre = json!({"bc_info": {"bc_id": organisation.id, "name": organisation.name, "status": "ENABLE"},
        "user_role": "ADMIN"});
    let asked = query.get("bc_id").is_none_or(|id| *id == organisation.id);
    page(if asked { vec![centre] } else { Vec::new() }, query)
}

fn members(organisation: &Organisation, query: &Asked) -> Answer {
    in_centre(query)?;
    let wanted = filtering(query)?;
    let people = organisation.people().iter().map(bound);
    let everybody = people.chain(organisation.invitations().iter().map(asked));
    let fits = |member: &Value| {
        let keyword = wanted["keyword"].as_str().unwrap_or_default().to_lowercase();
        let has = |field: &str| member[field].as_str().unwrap_or_default().to_lowercase().contains(&keyword);
        let is = |field: &str| wanted[field].is_null() || wanted[field] == member[field];
        (has("user_email") || has("user_name")) && is("relation_status") && is("user_role")
    };
    page(everybody.filter(fits).collect(), query)
}

fn bound(person: &Person) -> Value {
    json!({"user_id": person.id, "user_email": person.email, "user_name": person.name,
        "user_role": person.role, "relation_status": "BOUND", "ext_user_role": {}})
}

/// Who is asked has no id yet.
fn asked(invitation: &Invitation) -> Value {
    let status = match invitation.state {
        InvitationState::Pending => "PENDING",
        InvitationState::Declined => "REJECTED",
        InvitationState::Expired => "UNBOUND",
    };
    json!({"user_id": "", "user_email": invitation.email, "user_name": "", "user_role": invitation.role,
        "relation_status": status, "ext_user_role": {}})
}

fn invite(organisation: &mut Organisation, body: &Value) -> Answer {
    let emails = body["emails"].as_array().filter(|emails| (1..=50).contains(&emails.len()));
    let role = if body["user_role"].is_null() { "STANDARD" } else { word(body, "user_role", &ROLES)? };
    let assets: Vec<&str> =
        body["asset_ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !assets.is_empty() && body["asset_type"] != "ADVERTISER" {
        return Err(BAD_PARAMETER);
    }
    let known = |id: &&str| organisation.asset(id).is_some_and(|asset| asset.kind == "ADVERTISER");
    if !assets.iter().all(known) {
        return Err(NOT_THERE);
    }
    let on_assets = match assets.first() {
        Some(_) => BTreeSet::from([word(body, "advertiser_role", KINDS[0].roles)?.to_owned()]),
        None => BTreeSet::new(),
    };
    for email in emails.ok_or(BAD_PARAMETER)? {
        let email = email.as_str().filter(|email| email.contains('@')).ok_or(BAD_PARAMETER)?;
        let invitation = organisation.invite(email, role)?;
        for asset in &assets {
            organisation.grant(&invitation.id, asset, on_assets.clone())?;
        }
    }
    Ok(json!({}))
}

fn update(organisation: &mut Organisation, body: &Value) -> Answer {
    let id = text(body, "user_id")?;
    organisation.person(id).ok_or(NOT_THERE)?;
    organisation.set_role(id, word(body, "user_role", &ROLES)?)?;
    Ok(json!({}))
}

/// A member by the id, somebody who is asked by the address.
fn delete(organisation: &mut Organisation, body: &Value) -> Answer {
    if let Ok(id) = text(body, "user_id") {
        organisation.remove(id)?;
        return Ok(json!({}));
    }
    let email = text(body, "user_email")?;
    let invited = organisation.invitations().iter().find(|it| it.email.eq_ignore_ascii_case(email));
    let id = invited.ok_or(NOT_THERE)?.id.clone();
    organisation.cancel(&id)?;
    Ok(json!({}))
}

/// The asset of a body, and its kind.
fn asset_of(organisation: &Organisation, body: &Value) -> Result<(String, &'static Kind), Code> {
    let kind = text(body, "asset_type")?;
    let kind = KINDS.iter().find(|known| known.name == kind).ok_or(BAD_PARAMETER)?;
    let asset = organisation.asset(text(body, "asset_id")?).filter(|asset| asset.kind == kind.name);
    Ok((asset.ok_or(NOT_THERE)?.id.clone(), kind))
}

fn assign(organisation: &mut Organisation, body: &Value) -> Answer {
    let (asset, kind) = asset_of(organisation, body)?;
    let roles: Vec<&str> = match &body[kind.field] {
        Value::Array(roles) => roles.iter().filter_map(Value::as_str).collect(),
        Value::String(role) => vec![role],
        _ => Vec::new(),
    };
    if roles.is_empty() || !roles.iter().all(|role| kind.roles.contains(role)) {
        return Err(BAD_PARAMETER);
    }
    let user = text(body, "user_id")?;
    organisation.person(user).ok_or(NOT_THERE)?;
    organisation.grant(user, &asset, roles.into_iter().map(str::to_owned).collect())?;
    Ok(json!({}))
}

fn unassign(organisation: &mut Organisation, body: &Value) -> Answer {
    let (asset, _) = asset_of(organisation, body)?;
    let user = text(body, "user_id")?;
    organisation.person(user).filter(|person| person.grants.contains_key(&asset)).ok_or(NOT_THERE)?;
    organisation.grant(user, &asset, BTreeSet::new())?;
    Ok(json!({}))
}

/// Assets of a kind, each with what `roles` says that somebody holds; none for whom it says nothing.
fn of_kind<'a>(
    organisation: &'a Organisation,
    query: &Asked,
    roles: impl Fn(&'a Asset) -> Option<BTreeSet<String>>,
) -> Answer {
    in_centre(query)?;
    let kind = query.get("asset_type").ok_or(BAD_PARAMETER)?;
    let Kind { field, .. } = KINDS.iter().find(|known| known.name == kind).ok_or(BAD_PARAMETER)?;
    let shown = organisation.assets().iter().filter(|asset| asset.kind == *kind).filter_map(|asset| {
        let roles = roles(asset)?;
        let mut shown = json!({"asset_id": asset.id, "asset_name": asset.name, "asset_type": asset.kind});
        match *field {
            // The role on a form is not among what is told.
            "" | "form_library_role" => {}
            "tt_account_roles" => shown[*field] = json!(roles),
            _ => shown[*field] = json!(roles.first()),
        }
        Some(shown)
    });
    page(shown.collect(), query)
}

/// What one member holds.
fn held(organisation: &Organisation, query: &Asked) -> Answer {
    let wanted = filtering(query)?;
    let person = organisation.person(text(&wanted, "user_id")?).ok_or(NOT_THERE)?;
    of_kind(organisation, query, |asset| person.grants.get(&asset.id).cloned())
}

/// All assets.
fn assets(organisation: &Organisation, query: &Asked) -> Answer {
    of_kind(organisation, query, |_| Some(BTreeSet::from(["ADMIN".to_owned()])))
}
