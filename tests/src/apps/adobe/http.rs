//! The operations.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::HeaderMap,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Person},
    ACCESS_TOKEN, CLIENT, CLIENT_SECRET, ORGANIZATION,
    answers::{Answer, FORBIDDEN, Failure, MALFORMED, UNAUTHORIZED, page},
    command,
};

type App = State<Arc<BusinessApp>>;

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    let api = Router::new()
        .route(&format!("/users/{ORGANIZATION}/{{page}}"), get(users))
        .route(&format!("/groups/{ORGANIZATION}/{{page}}"), get(groups))
        .route(&format!("/organizations/{ORGANIZATION}/users/{{email}}"), get(user))
        .route(&format!("/action/{ORGANIZATION}"), post(action))
        .layer(middleware::from_fn(authentic));
    // Adobe's own client ends the path with a slash.
    api.route("/ims/token/v2", post(token)).route("/ims/token/v2/", post(token))
}

fn is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    headers.get(name).is_some_and(|given| given.as_bytes() == value.as_bytes())
}

async fn authentic(request: Request, next: Next) -> Response {
    if !is(request.headers(), "authorization", &format!("Bearer {ACCESS_TOKEN}")) {
        return UNAUTHORIZED.into_response();
    }
    if !is(request.headers(), "x-api-key", CLIENT) {
        return FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn token(body: Bytes) -> Answer {
    let uri = format!("/?{}", String::from_utf8_lossy(&body)).parse().map_err(|_| MALFORMED)?;
    let form: Query<BTreeMap<String, String>> = Query::try_from_uri(&uri).map_err(|_| MALFORMED)?;
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    let known = is("client_id", CLIENT) && is("client_secret", CLIENT_SECRET);
    if !known || !is("grant_type", "client_credentials") || !is("scope", "openid,AdobeID,user_management_sdk")
    {
        return Err(UNAUTHORIZED);
    }
    Ok(Json(json!({"access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 86_399}))
        .into_response())
}

fn shown(person: &Person) -> Value {
    let mut user = json!({"id": person.id, "email": person.email, "username": person.email, "status": "active",
        "domain": person.email.split('@').next_back(), "country": "US", "type": "federatedID"});
    if let Some((first, last)) = person.name.split_once(' ') {
        (user["firstname"], user["lastname"]) = (first.into(), last.into());
    }
    let groups: Vec<String> = person.grants.keys().cloned().chain(command::roles(person)).collect();
    if !groups.is_empty() {
        user["groups"] = groups.into();
    }
    user
}

async fn users(State(app): App, Path(number): Path<usize>) -> Response {
    let organisation = app.shown();
    page(organisation.people().iter().map(shown).collect(), "users", number, organisation.page_size)
}

async fn groups(State(app): App, Path(number): Path<usize>) -> Response {
    let organisation = app.shown();
    let count = |group: &str| organisation.people().iter().filter(|it| it.grants.contains_key(group)).count();
    let mut groups = vec![json!({"type": "SYSADMIN_GROUP", "groupName": "Administrators", "memberCount": 1})];
    for asset in organisation.assets() {
        let mut group = json!({"type": asset.kind, "groupName": asset.id, "memberCount": count(&asset.id)});
        if asset.kind == "PRODUCT_PROFILE" {
            group["productName"] = "All Apps plan - 100 GB".into();
            group["licenseQuota"] = "8".into();
        }
        groups.push(group);
    }
    page(groups, "groups", number, organisation.page_size)
}

async fn user(State(app): App, Path(email): Path<String>) -> Answer {
    let organisation = app.shown();
    let found = organisation.people().iter().find(|person| person.email.eq_ignore_ascii_case(&email));
    let found = found.ok_or(Failure(404, Some("error.user.not_found")))?;
    Ok(Json(json!({"result": "success", "user": shown(found)})).into_response())
}

async fn action(
    State(app): App,
    Query(query): Query<BTreeMap<String, String>>,
    Json(body): Json<Value>,
) -> Answer {
    let commands = body.as_array().filter(|commands| (1..=10).contains(&commands.len())).ok_or(MALFORMED)?;
    let test = query.get("testOnly").is_some_and(|test| test == "true");
    let answer = app.change(|organisation| command::run(organisation, commands, test));
    Ok(Json(answer).into_response())
}
