//! A workspace with something of everything, and the addresses of its pages.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::client::eventually;

use super::world::World;

/// What the team gets of the hub.
pub(super) fn share() -> Value {
    json!({"app_access": {"kind": "invite", "roles": ["editor"], "entitlements": ["ads-studio"]}})
}

/// Guards, as the form asks about them.
pub(super) fn guards(count: u32, percent: u32) -> String {
    format!(
        "losses_count={count}&losses_percent={percent}&promotions_count={count}&promotions_percent={percent}\
         &hold_hours=168&protected_accounts="
    )
}

/// A page's name in its pictures, and its address.
pub(super) type Page<'n> = (&'n str, String);

pub(super) fn page(name: &str, path: impl Into<String>) -> Page<'_> {
    (name, path.into())
}

/// What pages are about.
pub(super) struct Furnished {
    hub: String,
    person: String,
    team: String,
    crew: String,
    webhook: String,
    automation: String,
    job: String,
}

impl Furnished {
    /// Adds what is missing to a workspace whose hub is shared with this team, and everybody in it is seated: a look at the app,
    /// a webhook that nobody listens to, and a team made by hand.
    pub(super) async fn new(world: &World, team: &str, person: &str) -> Self {
        let hub = format!("/integrations/{}", world.hub);
        sync(world).await;
        // Nobody listens there.
        let form =
            json!({"name": "On-call pager", "url": "http://127.0.0.1:9/hooks/usher", "events": ["job.held"]});
        let made = world.api(Method::POST, "/webhooks", Some(&form)).await;
        let webhook = made["webhook"]["id"].as_str().unwrap();
        world.api(Method::POST, &format!("/webhooks/{webhook}/test"), None).await;
        eventually(Duration::from_secs(60), "an event was sent", async || {
            let sent = world.api(Method::GET, &format!("/webhooks/{webhook}/deliveries"), None).await;
            sent["items"][0]["attempts"] != 0
        })
        .await;
        let made = world.api(Method::POST, "/teams", Some(&json!({"name": "Launch crew"}))).await;
        let crew = made["id"].as_str().unwrap().to_owned();
        world.api(Method::PATCH, &format!("/teams/{crew}"), Some(&json!({"add": [person]}))).await;
        world.api(Method::PUT, &format!("{hub}/shares/teams/{crew}"), Some(&share())).await;
        let automation = largest_automation(world).await;
        let jobs = world.api(Method::GET, &format!("/automations/{automation}/jobs"), None).await;
        Self {
            hub,
            person: person.to_owned(),
            team: team.to_owned(),
            crew,
            webhook: webhook.to_owned(),
            automation,
            job: jobs["items"][0]["id"].as_str().unwrap().to_owned(),
        }
    }

    /// Every page.
    pub(super) fn pages(&self) -> Vec<Page<'static>> {
        let Self { hub, person, team, crew, webhook, automation, job } = self;
        let hub_id = hub.trim_start_matches("/integrations/");
        vec![
            page("home", "/"),
            page("log", "/automations"),
            page("log-open", format!("/automations?open={automation}")),
            page("automation", format!("/automations/{automation}")),
            page("job", format!("/jobs/{job}")),
            page("integrations", "/integrations"),
            page("connect", "/integrations/new"),
            page("connect-scim", "/integrations/new/scim"),
            page("connect-github", "/integrations/new/github"),
            page("connect-google", "/integrations/new/google"),
            page("overview", hub.clone()),
            page("access", format!("{hub}/access")),
            page("shares", format!("{hub}/shares")),
            page("share-choose", format!("{hub}/share?q=a")),
            page("share", format!("{hub}/share?team={team}&role.role=viewer")),
            page("share-end", format!("{hub}/share/end?team={team}")),
            page("entitlements", format!("{hub}/entitlements")),
            page("sync", format!("{hub}/sync")),
            page("activity", format!("{hub}/activity")),
            page("settings", format!("{hub}/settings")),
            page("settings-app", format!("{hub}/app")),
            page("guards", format!("{hub}/guards?{}", guards(3, 10))),
            page("held", format!("{hub}/held")),
            page("disconnect", format!("{hub}/disconnect")),
            page("mark", format!("/people/{person}/access/{hub_id}/mark")),
            page(
                "mark-preview",
                format!("/people/{person}/access/{hub_id}/mark?kind=exempt&reason=On+leave"),
            ),
            page("people", "/people"),
            page("person", format!("/people/{person}")),
            page("explain", format!("/people/{person}/access/{hub_id}")),
            page("teams", "/teams"),
            page("team", format!("/teams/{team}")),
            page("team-new", "/teams/new"),
            page("team-by-hand", format!("/teams/{crew}")),
            page(
                "team-people",
                format!("/teams/{crew}/people?direction=add&people=grace%40northwind.example%0Azuse"),
            ),
            page("team-delete", format!("/teams/{crew}/delete")),
            page("teams-by-hand", "/teams?directory=demo.-"),
            page("connections", "/connections"),
            page("connection-new", "/connections/new"),
            page("connection", "/connections/demo.idp"),
            page("guide-okta", "/connections/demo.idp/guide/okta"),
            page("guide-entra", "/connections/demo.idp/guide/entra"),
            page("guide-other", "/connections/demo.idp/guide/other"),
            page("usage", "/usage"),
            page("audit", "/audit"),
            page("settings-members", "/settings/members?q=a"),
            page("settings-keys", "/settings/keys"),
            page("settings-webhooks", "/settings/webhooks"),
            page("settings-webhook", format!("/settings/webhooks/{webhook}")),
            page("settings-webhook-delete", format!("/settings/webhooks/{webhook}/delete")),
            page("settings-sign-in", "/settings/sign-in"),
            page("settings-sessions", "/settings/sessions"),
            page("sign-in", "/sign-in"),
            page("sign-in-no-provider", "/sign-in?workspace=demo"),
            page("not-found", "/nothing/here"),
        ]
    }
}

/// The app is looked at.
pub(super) async fn sync(world: &World) {
    let path = format!("/integrations/{}/sync", world.hub);
    world.api(Method::POST, &path, None).await;
    eventually(world.patience(), "the app was looked at", async || {
        world.api(Method::GET, &path, None).await["state"] == "finished"
    })
    .await;
}

/// The one with the most jobs.
pub(super) async fn largest_automation(world: &World) -> String {
    let automations = world.api(Method::GET, "/automations?limit=100", None).await;
    let jobs = |automation: &&Value| -> u64 {
        automation["counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
    };
    let largest = automations["items"].as_array().unwrap().iter().max_by_key(jobs);
    largest.unwrap()["id"].as_str().unwrap().to_owned()
}
