//! Nodes and edges.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, Method},
    routing::any,
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Invitation, InvitationState, Organisation, Person},
    APP_SECRET_PROOF, BUSINESS, SYSTEM_USER, TOKEN,
    assets::{KINDS, Kind},
    graph::{Answer, GraphError, Params, edge, node},
};

type App = State<Arc<BusinessApp>>;

const ROLES: [&str; 2] = ["ADMIN", "EMPLOYEE"];

/// Everything that the system user was given.
const SCOPES: [&str; 5] = [
    "business_management",
    "ads_management",
    "pages_show_list",
    "catalog_management",
    "whatsapp_business_management",
];

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    Router::new()
        .route("/{id}", any(on_node))
        .route("/{id}/", any(on_node))
        .route("/{id}/{edge}", any(on_edge))
}

/// Parameters of a call that is who it says it is.
fn authentic(
    query: Query<std::collections::BTreeMap<String, String>>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Params, GraphError> {
    let mut params = Params(query.0);
    let form: Vec<(String, String)> = serde_urlencoded(body).ok_or_else(|| GraphError::parameter("body"))?;
    params.0.extend(form);
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match params.get("access_token").or(bearer) {
        Some(TOKEN) => {}
        _ => return Err(GraphError::bad_token()),
    }
    // The app demands the proof: a stolen token alone is worth nothing.
    match params.get("appsecret_proof") {
        Some(APP_SECRET_PROOF) => Ok(params),
        _ => Err(GraphError::new(104, "Invalid appsecret_proof provided in the API argument")),
    }
}

fn serde_urlencoded(body: &Bytes) -> Option<Vec<(String, String)>> {
    if body.is_empty() {
        return Some(Vec::new());
    }
    let uri = format!("/?{}", std::str::from_utf8(body).ok()?).parse().ok()?;
    Some(Query::try_from_uri(&uri).ok()?.0)
}

async fn on_node(
    State(app): App,
    method: Method,
    Path(id): Path<String>,
    query: Query<std::collections::BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let params = authentic(query, &headers, &body)?;
    match method {
        Method::GET => read(&app.shown(), &id, &params).map(Json),
        Method::POST => {
            let role = params.required("role")?;
            if !ROLES.contains(&role) {
                return Err(GraphError::parameter("role"));
            }
            app.change(|organisation| organisation.set_role(&id, role))
                .map_err(|refused| on(refused, &id))?;
            Ok(success())
        }
        Method::DELETE => {
            app.change(|organisation| match organisation.invitation(&id) {
                Some(_) => organisation.cancel(&id),
                None => organisation.remove(&id),
            })
            .map_err(|refused| on(refused, &id))?;
            Ok(success())
        }
        _ => Err(GraphError::no_such(&id)),
    }
}

fn on(refused: super::super::business::Refused, id: &str) -> GraphError {
    match refused {
        super::super::business::Refused::NotFound => GraphError::no_such(id),
        other => other.into(),
    }
}

fn success() -> Json<Value> {
    Json(json!({"success": true}))
}

fn read(organisation: &Organisation, id: &str, params: &Params) -> Result<Value, GraphError> {
    if id == "me" || id == SYSTEM_USER {
        return node(&json!({"id": SYSTEM_USER, "name": "Usher"}), params, &["name"]);
    }
    if id == organisation.id {
        return node(&json!({"id": id, "name": organisation.name}), params, &["name"]);
    }
    if let Some(person) = organisation.person(id) {
        return node(&business_user(organisation, person), params, &["name", "business"]);
    }
    let invitation = organisation.invitation(id).ok_or_else(|| GraphError::no_such(id))?;
    node(&role_request(invitation), params, &["email", "role", "status"])
}

fn business_user(organisation: &Organisation, person: &Person) -> Value {
    let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let mut user = json!({
        "id": person.id, "email": person.email, "name": person.name, "first_name": first, "last_name": last,
        "role": person.role, "business": {"id": BUSINESS, "name": organisation.name},
        "pending_email": null, "marked_for_removal": false, "title": null, "two_fac_status": "disabled",
    });
    for kind in &KINDS {
        user[format!("assigned_{}", kind.edge)] = assigned(organisation, person, kind).into();
    }
    user
}

/// What a person may do on assets of a kind.
fn assigned(organisation: &Organisation, person: &Person, kind: &Kind) -> Vec<Value> {
    let of_kind = organisation.assets().iter().filter(|asset| asset.kind == kind.name);
    of_kind
        .filter_map(|asset| {
            let tasks = person.grants.get(&asset.id)?.iter().map(String::as_str);
            Some(json!({"id": asset.id, "name": asset.name, "tasks": tasks.collect::<Vec<_>>(),
                "permitted_tasks": kind.tasks()}))
        })
        .collect()
}

fn role_request(invitation: &Invitation) -> Value {
    let status = match invitation.state {
        InvitationState::Pending => "PENDING",
        InvitationState::Declined => "DECLINED",
        InvitationState::Expired => "EXPIRED",
    };
    json!({
        "id": invitation.id, "email": invitation.email, "role": invitation.role, "status": status,
        "created_time": invitation.sent_at.to_string(),
        "expiration_time": invitation.expires_at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string(),
        "invite_link": null,
    })
}

async fn on_edge(
    State(app): App,
    method: Method,
    Path((id, name)): Path<(String, String)>,
    query: Query<std::collections::BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let params = authentic(query, &headers, &body)?;
    if method != Method::GET {
        return match name.as_str() {
            "business_users" if id == BUSINESS && method == Method::POST => invite(&app, &params),
            "assigned_users" => assign(&app, &method, &id, &params),
            _ => Err(unknown_edge()),
        };
    }
    let shown = app.shown();
    match name.as_str() {
        "permissions" if id == "me" || id == SYSTEM_USER => {
            let data: Vec<Value> =
                SCOPES.iter().map(|scope| json!({"permission": scope, "status": "granted"})).collect();
            Ok(Json(json!({ "data": data })))
        }
        "business_users" if id == BUSINESS => {
            let people: Vec<Value> =
                shown.people().iter().map(|person| business_user(&shown, person)).collect();
            edge(&people, &params, &["name", "business"])
        }
        "pending_users" if id == BUSINESS => {
            let wanted = params.get("email");
            let invited = shown.invitations().iter();
            let invited =
                invited.filter(|it| wanted.is_none_or(|email| it.email.eq_ignore_ascii_case(email)));
            edge(&invited.map(role_request).collect::<Vec<_>>(), &params, &["email", "role", "status"])
        }
        "assigned_users" => assigned_users(&shown, &id, &params),
        other => assets(&shown, &id, other, &params),
    }
}

fn unknown_edge() -> GraphError {
    GraphError::new(2500, "Unknown path components")
}

fn invite(app: &BusinessApp, params: &Params) -> Answer {
    let (email, role) = (params.required("email")?, params.get("role").unwrap_or("EMPLOYEE"));
    if !email.contains('@') {
        return Err(GraphError::parameter("email"));
    }
    if !ROLES.contains(&role) {
        return Err(GraphError::parameter("role"));
    }
    let invitation = app.change(|organisation| organisation.invite(email, role))?;
    Ok(Json(json!({"id": invitation.id})))
}

/// `assigned_users` of an asset, for writing.
fn assign(app: &BusinessApp, method: &Method, asset: &str, params: &Params) -> Answer {
    let user = params.required("user")?;
    app.change(|organisation| {
        let kind = organisation.asset(asset).and_then(|asset| Kind::named(asset.kind));
        let kind = kind.ok_or_else(|| GraphError::no_such(asset))?;
        // Only who has accepted is a user of the business.
        let person = organisation.person(user).ok_or_else(|| GraphError::parameter("user"))?;
        let tasks = match *method {
            Method::POST => {
                let tasks = params.list("tasks")?;
                kind.unpacked(&tasks).ok_or_else(|| GraphError::parameter("tasks"))?
            }
            Method::DELETE if !person.grants.contains_key(asset) => {
                return Err(GraphError::parameter("user"));
            }
            Method::DELETE => Default::default(),
            _ => return Err(unknown_edge()),
        };
        organisation.grant(user, asset, tasks)?;
        Ok(success())
    })
}

/// `assigned_users` of an asset, for reading: only within one business.
fn assigned_users(organisation: &Organisation, asset: &str, params: &Params) -> Answer {
    if params.required("business")? != BUSINESS {
        return Err(GraphError::parameter("business"));
    }
    organisation.asset(asset).ok_or_else(|| GraphError::no_such(asset))?;
    let holders = organisation.people().iter().filter_map(|person| {
        let tasks = person.grants.get(asset)?;
        Some(json!({"id": person.id, "name": person.name, "tasks": tasks}))
    });
    edge(&holders.collect::<Vec<_>>(), params, &["name", "tasks"])
}

/// Assets of the business or of one person.
fn assets(organisation: &Organisation, id: &str, name: &str, params: &Params) -> Answer {
    let split = name.split_once('_').ok_or_else(unknown_edge)?;
    let kind = KINDS.iter().find(|kind| kind.edge == split.1);
    let kind = kind.ok_or_else(unknown_edge)?;
    let of_kind = organisation.assets().iter().filter(|asset| asset.kind == kind.name);
    let all: Vec<Value> = match split.0 {
        "owned" if id == BUSINESS => {
            of_kind.map(|asset| json!({"id": asset.id, "name": asset.name, "tasks": kind.tasks()})).collect()
        }
        "client" if id == BUSINESS => Vec::new(),
        "assigned" => {
            let person = organisation.person(id).ok_or_else(|| GraphError::no_such(id))?;
            assigned(organisation, person, kind)
        }
        _ => return Err(unknown_edge()),
    };
    edge(&all, params, &["name"])
}
