//! Google Analytics: bindings of addresses to roles on a property.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{get, patch},
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Organisation},
    answers::{Answer, Failure, INVALID, NOT_FOUND, common, list},
    people::{self, Holder},
};

type App = State<Arc<BusinessApp>>;
type Asked = Query<BTreeMap<String, String>>;

const ROLES: [&str; 6] = ["viewer", "analyst", "editor", "admin", "no-cost-data", "no-revenue-data"];
const PREFIX: &str = "predefinedRoles/";

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    let property = Router::new()
        .route("/", get(property))
        .route("/accessBindings", get(bindings).post(create))
        .route("/accessBindings/{id}", patch(update).delete(remove));
    Router::new().nest("/v1alpha/properties/{property}", property)
}

fn known(account: &Organisation, property: &str) -> Result<(), Failure> {
    let asset = account.asset(property).filter(|asset| asset.kind == "analytics_property");
    asset.map(|_| ()).ok_or(NOT_FOUND)
}

async fn property(State(app): App, Path(property): Path<String>) -> Answer {
    let account = app.organisation();
    known(&account, &property)?;
    let name = account.asset(&property).map(|asset| asset.name.clone());
    Ok(Json(json!({"name": format!("properties/{property}"), "displayName": name, "parent": "accounts/7"})))
}

fn shown(account: &Organisation, property: &str) -> Vec<Value> {
    let binding = |Holder { id, email, grants }: Holder<'_>| {
        let roles: Vec<String> = grants.get(property)?.iter().map(|role| format!("{PREFIX}{role}")).collect();
        Some(
            json!({"name": format!("properties/{property}/accessBindings/{id}"), "user": email, "roles": roles}),
        )
    };
    people::holders(account).into_iter().filter_map(binding).collect()
}

async fn bindings(State(app): App, Path(property): Path<String>, Query(query): Asked) -> Answer {
    let account = app.shown();
    known(&account, &property)?;
    // Google may give fewer than it is asked for.
    let asked = query.get("pageSize").map_or(Ok(200), |size| size.parse::<usize>()).map_err(|_| INVALID)?;
    list(shown(&account, &property), "accessBindings", asked.clamp(1, 500).min(account.page_size), &query)
}

fn found(account: &Organisation, property: &str, id: &str) -> Result<Value, Failure> {
    let name = format!("properties/{property}/accessBindings/{id}");
    shown(account, property).into_iter().find(|it| it["name"] == json!(name)).ok_or(NOT_FOUND)
}

fn roles(body: &Value) -> Result<BTreeSet<String>, Failure> {
    let role = |role: &Value| {
        let role = role.as_str()?.strip_prefix(PREFIX)?;
        ROLES.contains(&role).then(|| role.to_owned())
    };
    body["roles"].as_array().and_then(|roles| roles.iter().map(role).collect()).ok_or(INVALID)
}

async fn create(State(app): App, Path(property): Path<String>, Json(body): Json<Value>) -> Answer {
    let email = body["user"].as_str().filter(|email| email.contains('@')).ok_or(INVALID)?;
    let roles = roles(&body)?;
    app.change(|account| {
        known(account, &property)?;
        let same = |it: &Value| it["user"].as_str().is_some_and(|has| has.eq_ignore_ascii_case(email));
        if shown(account, &property).iter().any(same) {
            return Err(common(409, "ALREADY_EXISTS"));
        }
        let id = people::give(account, email, &property, roles).map_err(|_| NOT_FOUND)?;
        found(account, &property, &id).map(Json)
    })
}

async fn update(
    State(app): App,
    Path((property, id)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Answer {
    let roles = roles(&body)?;
    app.change(|account| {
        let now = found(account, &property, &id)?;
        people::give(account, now["user"].as_str().ok_or(INVALID)?, &property, roles)
            .map_err(|_| NOT_FOUND)?;
        found(account, &property, &id).map(Json)
    })
}

async fn remove(State(app): App, Path((property, id)): Path<(String, String)>) -> Answer {
    app.change(|account| {
        let now = found(account, &property, &id)?;
        let user = now["user"].as_str().ok_or(INVALID)?;
        people::give(account, user, &property, BTreeSet::new()).map_err(|_| NOT_FOUND)?;
        Ok(Json(json!({})))
    })
}
