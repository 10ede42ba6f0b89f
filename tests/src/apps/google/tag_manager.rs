//! Tag Manager: one permission for each address, on the account and its containers.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Organisation},
    TAG_MANAGER_ACCOUNT as ACCOUNT,
    answers::{Answer, Failure, INVALID, NOT_FOUND, common, list},
    people::{self, Holder},
};

type App = State<Arc<BusinessApp>>;
type Asked = Query<BTreeMap<String, String>>;

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    let account = Router::new()
        .route("/", get(account))
        .route("/containers", get(containers))
        .route("/user_permissions", get(permissions).post(create))
        .route("/user_permissions/{id}", get(one).put(update).delete(remove));
    Router::new().nest(&format!("/tagmanager/v2/accounts/{ACCOUNT}"), account)
}

async fn account(State(app): App) -> Answer {
    let name = app.organisation().asset(ACCOUNT).map(|it| it.name.clone());
    Ok(Json(json!({"path": format!("accounts/{ACCOUNT}"), "accountId": ACCOUNT, "name": name})))
}

async fn containers(State(app): App, Query(query): Asked) -> Answer {
    let account = app.shown();
    let found = account.assets().iter().filter(|asset| asset.kind == "tag_manager_container");
    let container = found.map(|asset| {
        json!({"path": format!("accounts/{ACCOUNT}/containers/{}", asset.id), "accountId": ACCOUNT,
            "containerId": asset.id, "name": asset.name})
    });
    list(container.collect(), "container", account.page_size, &query)
}

fn is_container(account: &Organisation, id: &str) -> bool {
    account.asset(id).is_some_and(|asset| asset.kind == "tag_manager_container")
}

/// Who holds something here.
fn shown(account: &Organisation) -> Vec<Value> {
    let holder = |Holder { id, email, grants }: Holder<'_>| {
        let here = |asset: &str| asset == ACCOUNT || is_container(account, asset);
        if !grants.keys().any(|asset| here(asset)) {
            return None;
        }
        let held = |asset: &str| grants.get(asset).and_then(|held| held.first()).map(String::as_str);
        let containers = account.assets().iter().filter(|asset| is_container(account, &asset.id));
        let containers = containers
            .map(|it| json!({"containerId": it.id, "permission": held(&it.id).unwrap_or("noAccess")}));
        Some(json!({"path": format!("accounts/{ACCOUNT}/user_permissions/{id}"), "accountId": ACCOUNT,
            "emailAddress": email, "accountAccess": {"permission": held(ACCOUNT).unwrap_or("user")},
            "containerAccess": containers.collect::<Vec<_>>()}))
    };
    people::holders(account).into_iter().filter_map(holder).collect()
}

async fn permissions(State(app): App, Query(query): Asked) -> Answer {
    let account = app.shown();
    list(shown(&account), "userPermission", account.page_size, &query)
}

fn found(account: &Organisation, id: &str) -> Result<Value, Failure> {
    let is = |it: &Value| it["path"].as_str().is_some_and(|path| path.ends_with(&format!("/{id}")));
    shown(account).into_iter().find(is).ok_or(NOT_FOUND)
}

async fn one(State(app): App, Path(id): Path<String>) -> Answer {
    found(&app.shown(), &id).map(Json)
}

/// Writes everything that an address holds here.
fn write(account: &mut Organisation, email: &str, body: &Value) -> Result<String, Failure> {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    let own = body["accountAccess"]["permission"].as_str();
    let own = own.filter(|it| ["noAccess", "user", "admin"].contains(it)).ok_or(INVALID)?;
    if own != "noAccess" {
        wanted.insert(ACCOUNT.to_owned(), own.to_owned());
    }
    for held in body["containerAccess"].as_array().into_iter().flatten() {
        let id = held["containerId"].as_str().filter(|id| is_container(account, id)).ok_or(NOT_FOUND)?;
        let permission = held["permission"].as_str().ok_or(INVALID)?;
        if !["noAccess", "read", "edit", "approve", "publish"].contains(&permission) {
            return Err(INVALID);
        }
        if permission != "noAccess" {
            wanted.insert(id.to_owned(), permission.to_owned());
        }
    }
    let here: Vec<String> = account.assets().iter().map(|asset| asset.id.clone()).collect();
    let here = here.into_iter().filter(|id| id == ACCOUNT || is_container(account, id)).collect::<Vec<_>>();
    let mut kept_as = String::new();
    // What is given comes first: who is left with nothing on the way would be gone.
    let (given, taken): (Vec<_>, Vec<_>) = here.into_iter().partition(|id| wanted.contains_key(id));
    for id in given.into_iter().chain(taken) {
        let held = wanted.get(&id).cloned().into_iter().collect();
        kept_as = people::give(account, email, &id, held).map_err(|_| NOT_FOUND)?;
    }
    Ok(kept_as)
}

async fn create(State(app): App, Json(body): Json<Value>) -> Answer {
    let email = body["emailAddress"].as_str().filter(|email| email.contains('@')).ok_or(INVALID)?;
    app.change(|account| {
        let same =
            |it: &Value| it["emailAddress"].as_str().is_some_and(|has| has.eq_ignore_ascii_case(email));
        if shown(account).iter().any(same) {
            return Err(common(409, "ALREADY_EXISTS"));
        }
        let id = write(account, email, &body)?;
        found(account, &id).map(Json)
    })
}

async fn update(State(app): App, Path(id): Path<String>, Json(body): Json<Value>) -> Answer {
    app.change(|account| {
        let now = found(account, &id)?;
        write(account, now["emailAddress"].as_str().ok_or(INVALID)?, &body)?;
        found(account, &id).map(Json)
    })
}

async fn remove(State(app): App, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    app.change(|account| {
        let now = found(account, &id)?;
        let nothing = json!({"accountAccess": {"permission": "noAccess"}});
        write(account, now["emailAddress"].as_str().ok_or(INVALID)?, &nothing)?;
        Ok(StatusCode::NO_CONTENT)
    })
}
