//! Usher, and a hub in a simulated business app.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{
    apps::business::{InvitationState, Organisation, RunningBusinessApp, Seen},
    client::{JsonClient, ScimClient, eventually_ok},
    process::Usher,
};

use super::{Granted, Row};

/// How long an effect in the app may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a sync may take: it is many looks at the app, one after the other.
const SYNC_PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct World {
    pub(super) usher: Usher,
    pub(super) app: RunningBusinessApp,
    pub(super) row: &'static Row,
    hub: String,
}

impl World {
    pub(super) async fn new(row: &'static Row) -> Self {
        Self::with_credentials(row, (row.vendor.credentials)()).await
    }

    pub(super) async fn with_credentials(row: &'static Row, credentials: Value) -> Self {
        Self::with(row, json!({}), credentials).await
    }

    /// With these settings besides.
    pub(super) async fn with(row: &'static Row, settings: Value, credentials: Value) -> Self {
        let usher = Usher::start().await.unwrap();
        let app = RunningBusinessApp::start(row.vendor).await.unwrap();
        let mut config = (row.vendor.settings)(&app.base_url());
        config.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let role = |rank: usize| json!({"key": row.roles[rank], "name": row.roles[rank], "exclusion_group": "role", "rank": rank + 1});
        let hub = json!({
            "name": row.vendor.name,
            "kind": "business_hub",
            "connector": row.vendor.key,
            "config": config,
            "credentials": credentials,
            "catalogue": {"roles": [role(0), role(1)]},
            "grace_seconds": 0,
        });
        let created = usher.api().send(Method::POST, "/integrations", Some(&hub)).await.unwrap();
        assert_eq!(created.status, 201, "{}", created.text);
        let hub = created.json["integration"]["id"].as_str().unwrap().to_owned();
        Self { usher, app, row, hub }
    }

    pub(super) fn scim(&self) -> ScimClient {
        self.usher.scim()
    }

    pub(super) fn api(&self) -> JsonClient {
        self.usher.api()
    }

    pub(super) fn path(&self) -> String {
        format!("/integrations/{}", self.hub)
    }

    /// Makes a team with these people that is shared the hub with, as this role and with these assets.
    pub(super) async fn team(&self, name: &str, people: &[&str], role: &str, granted: &[&Granted]) -> String {
        let team = self.scim().create_group(name, people).await.unwrap().id().to_owned();
        let assets: BTreeMap<_, _> = granted.iter().map(|it| (it.asset, [it.permission])).collect();
        let access = json!({"kind": "invite", "roles": [role], "assets": assets});
        let path = format!("{}/shares/teams/{team}", self.path());
        let shared = self.api().send(Method::PUT, &path, Some(&json!({"app_access": access}))).await.unwrap();
        assert!(shared.status.is_success(), "{}", shared.text);
        team
    }

    /// Somebody more in a team.
    pub(super) async fn join(&self, name: &str, team: &str) -> String {
        let person = self.scim().create_user(name, &json!({})).await.unwrap().id().to_owned();
        let join = json!([{"op": "add", "path": "members", "value": [{"value": person}]}]);
        self.scim().patch("Groups", team, &join).await.unwrap();
        person
    }

    /// Ada in a team with the lower role and the first asset.
    pub(super) async fn ada(&self) -> (String, String) {
        let ada = self.scim().create_user("ada", &json!({})).await.unwrap().id().to_owned();
        let team = self.team("Marketing", &[&ada], self.row.roles[0], &[&self.row.assets[0]]).await;
        (ada, team)
    }

    /// People who are in the app already, and so have nothing to accept, seated with the lower role and these assets.
    pub(super) async fn seated(&self, team: &str, names: &[&str], granted: &[&Granted]) -> Vec<String> {
        let role = self.row.roles[0];
        let mut people = Vec::new();
        for name in names {
            self.app.app().change(|organisation| organisation.add(&email(name), name, role));
            people.push(self.scim().create_user(name, &json!({})).await.unwrap().id().to_owned());
        }
        self.team(team, &people.iter().map(String::as_str).collect::<Vec<_>>(), role, granted).await;
        for (name, person) in names.iter().zip(&people) {
            let all = |seen: &Seen| granted.iter().all(|granted| seen.assets.contains_key(granted.in_app));
            self.until(name, "seated with the assets", all).await;
            self.access_is(person, "onboarded").await;
        }
        people
    }

    /// The directory switches somebody off, which no grace window delays.
    pub(super) async fn deactivate(&self, person: &str) {
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        assert!(self.scim().patch("Users", person, &off).await.unwrap().status.is_success());
    }

    /// What a sync does about differences from now on: `report` or `repair`.
    pub(super) async fn react(&self, reaction: &str) {
        let kinds = ["missing", "other_role", "other_assets", "invitation_over"];
        let sync: BTreeMap<_, _> = kinds.map(|kind| (kind, reaction)).into();
        let changed =
            self.api().send(Method::PATCH, &self.path(), Some(&json!({ "sync": sync }))).await.unwrap();
        assert_eq!(changed.status, 200, "{}", changed.text);
    }

    /// Begins a sync, and waits until it is finished.
    pub(super) async fn sync(&self) -> Value {
        self.sync_so(&json!({})).await
    }

    /// As [`World::sync`], with what is asked of it.
    pub(super) async fn sync_so(&self, asked: &Value) -> Value {
        let path = format!("{}/sync", self.path());
        let begun = self.api().send(Method::POST, &path, Some(asked)).await.unwrap();
        assert_eq!(begun.status, 202, "{}", begun.text);
        eventually_ok(SYNC_PATIENCE, async || {
            let run =
                self.api().send(Method::GET, &path, None).await.map_err(|error| error.to_string())?.json;
            let finished = run["id"] == begun.json["id"] && run["state"] == "finished";
            if finished { Ok(run) } else { Err(run.to_string()) }
        })
        .await
    }

    /// How the app differs, by person. Strangers are not among them.
    pub(super) async fn drift(&self) -> BTreeMap<String, String> {
        let listed = self.api().send(Method::GET, &format!("{}/drift", self.path()), None).await.unwrap();
        let items = listed.json["items"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        items
            .filter(|it| it["kind"] != "unmatched")
            .map(|it| (text(&it["person"]), text(&it["kind"])))
            .collect()
    }

    /// Everything that the app has for somebody.
    pub(super) fn seen(&self, name: &str) -> Vec<Seen> {
        self.app.app().organisation().seen(&email(name))
    }

    /// Waits until the app has just one thing for somebody, and it is so.
    pub(super) async fn until(&self, name: &str, what: &str, so: impl Fn(&Seen) -> bool) -> Seen {
        eventually_ok(PATIENCE, async || match self.seen(name).as_slice() {
            [seen] if so(seen) => Ok(seen.clone()),
            other => Err(format!("{name} should be {what}: {other:?}; {}", self.access().await)),
        })
        .await
    }

    /// Waits until somebody is invited, or in at once, as the app has it; and Usher says so.
    pub(super) async fn came(&self, name: &str, person: &str) -> Seen {
        let invited = self.row.accepts.then_some(InvitationState::Pending);
        let seen = self.until(name, "invited or in", |seen| seen.invitation == invited).await;
        self.access_is(person, if self.row.accepts { "pending_acceptance" } else { "onboarded" }).await;
        seen
    }

    /// Waits until the app has nothing for somebody.
    pub(super) async fn gone(&self, name: &str) {
        eventually_ok(PATIENCE, async || match self.seen(name) {
            seen if seen.is_empty() => Ok(()),
            seen => Err(format!("{name} should be gone: {seen:?}; {}", self.access().await)),
        })
        .await;
    }

    /// The person accepts, and Usher is asked to look now and not in some hours.
    pub(super) async fn accept(&self, name: &str, person: &str) {
        self.answer(person, |organisation| organisation.accept(&email(name))).await;
    }

    /// The invitation expires, and Usher is asked to look now and not in some hours.
    pub(super) async fn expire(&self, name: &str, person: &str) {
        let expired = InvitationState::Expired;
        self.answer(person, |organisation| organisation.end_invitation(&email(name), expired)).await;
    }

    async fn answer(&self, person: &str, answer: impl FnOnce(&mut Organisation) -> bool) {
        let job = self.job(person, |job| job["state"] == "waiting").await;
        assert!(self.app.app().change(answer), "no invitation");
        self.retry(&job).await;
    }

    /// Has a job try again now.
    pub(super) async fn retry(&self, job: &Value) {
        let path = format!("/jobs/{}/retry", job["id"].as_str().unwrap());
        let retried = self.api().send(Method::POST, &path, None).await.unwrap();
        assert!(retried.status.is_success(), "{}", retried.text);
    }

    /// Waits until somebody's open job is so.
    pub(super) async fn job(&self, person: &str, so: impl Fn(&Value) -> bool) -> Value {
        eventually_ok(PATIENCE, async || {
            let access = self.one_access(person).await;
            let Some(job) = access["job"].as_str() else { return Err(format!("no open job: {access}")) };
            let job = self.api().send(Method::GET, &format!("/jobs/{job}"), None).await.unwrap().json;
            if so(&job) { Ok(job) } else { Err(job.to_string()) }
        })
        .await
    }

    /// Waits until an automation with this task ended as not completed; answers why its one job did.
    pub(super) async fn refusal(&self, task: &str) -> String {
        let get = async |path: &str| self.api().send(Method::GET, path, None).await.unwrap().json;
        eventually_ok(PATIENCE, async || {
            let automations = get("/automations").await;
            let items = automations["items"].as_array().cloned().unwrap_or_default();
            let ended = |it: &&Value| it["task"] == task && it["status"] == "not_completed";
            let automation = items.iter().find(ended).ok_or(automations.to_string())?;
            let jobs = get(&format!("/automations/{}/jobs", automation["id"].as_str().unwrap())).await;
            Ok::<_, String>(jobs["items"][0]["error"]["message"].as_str().unwrap().to_owned())
        })
        .await
    }

    /// Waits until somebody's access is in this state.
    pub(super) async fn access_is(&self, person: &str, state: &str) -> Value {
        self.access_so(person, |access| access["state"] == state).await
    }

    /// Waits until somebody's access is so.
    pub(super) async fn access_so(&self, person: &str, so: impl Fn(&Value) -> bool) -> Value {
        eventually_ok(PATIENCE, async || {
            let access = self.one_access(person).await;
            if so(&access) { Ok(access) } else { Err(access.to_string()) }
        })
        .await
    }

    async fn one_access(&self, person: &str) -> Value {
        let all = self.access().await;
        let items = all["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().find(|access| access["person"] == person).unwrap_or_default()
    }

    async fn access(&self) -> Value {
        let listed = self.api().send(Method::GET, &format!("{}/access", self.path()), None).await;
        listed.map(|reply| reply.json).unwrap_or_default()
    }

    /// The changes that reached the app.
    pub(super) fn changes(&self) -> Vec<String> {
        self.app.app().journal().changes()
    }

    /// How often the app was asked to let somebody in.
    pub(super) fn invitations(&self) -> usize {
        self.app.app().organisation().asked
    }
}

/// The address of somebody in directory and app.
pub(super) fn email(name: &str) -> String {
    format!("{name}@example.com")
}
