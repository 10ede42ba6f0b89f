//! SCIM apps whose habits are known: each path against an app that refuses what its vendor's descriptions do not allow.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_connector::{Class, Connector, Op};
use usher_connector_scim::{KnownApp, known_apps};
use usher_domain::{
    access::{AccountState, Presence, Seat},
    directory::Profile,
};
use usher_tests::{
    apps::scim::{Habits, RunningScimApp, ScimApp},
    client::ScimClient,
};

use crate::kit::{ADA, Person, connect, profile, transport};

const TOKEN: &str = "scim-app-token";
const TEAMS: [&str; 2] = ["Campaigns", "Reports"];

/// What the vendor's descriptions say of the app.
fn habits(app: &str) -> Habits {
    let by_name: &[&str] = &["userName", "externalId"];
    let usual = Habits::default();
    match app {
        "aws_identity_center" => Habits {
            user_filters: by_name,
            group_filters: &["displayName", "externalId", "members"],
            refused_parameters: &["startIndex", "attributes", "excludedAttributes"],
            cursors: true,
            tells_groups: false,
            needs: &["/userName", "/displayName", "/name/givenName", "/name/familyName"],
            leave_by_value: true,
            ..usual
        },
        "canva" => Habits { user_filters: by_name, longest_page: 10, refuses_larger_pages: true, ..usual },
        "figma" => Habits { user_filters: by_name, longest_page: 200, role_type: Some("seatType"), ..usual },
        "github_enterprise" => Habits {
            user_filters: &["userName", "externalId", "id", "displayName"],
            needs: &["/userName", "/displayName", "/externalId", "/emails"],
            ..usual
        },
        "miro" => Habits { user_filters: &["userName"], leave_by_value: true, ..usual },
        "zoom" => Habits { user_filters: &["userName"], ..usual },
        "notion" | "slack" => usual,
        stranger => panic!("nobody wrote down how {stranger} behaves"),
    }
}

struct App {
    running: RunningScimApp,
    known: &'static KnownApp,
}

impl App {
    async fn start(known: &'static KnownApp) -> Self {
        let app = ScimApp::open(None, TOKEN.to_owned()).unwrap().with_habits(habits(known.key));
        Self { running: RunningScimApp::serve(app).await.unwrap(), known }
    }

    async fn connector(&self) -> Box<dyn Connector> {
        let config = json!({"app": self.known.key, "base_url": self.running.base_url()});
        let factory = usher_connector_scim::factory(transport());
        connect(&factory, config, &json!({"bearer_token": TOKEN})).await.unwrap()
    }

    fn client(&self) -> ScimClient {
        ScimClient::new(&self.running.base_url(), TOKEN)
    }

    /// What the app itself knows of somebody: whether they are active, their role and their groups.
    async fn has(&self, email: &str) -> Option<(bool, Vec<String>, BTreeSet<String>)> {
        let users = self.all("Users").await;
        let user = users.into_iter().find(|user| user["userName"] == email)?;
        let texts = |value: &Value| -> Vec<String> {
            match value {
                Value::String(text) => vec![text.clone()],
                Value::Array(items) => {
                    items.iter().map(|item| item["value"].as_str().unwrap().to_owned()).collect()
                }
                _ => Vec::new(),
            }
        };
        let role = ["roles", "role", "userType"].into_iter().flat_map(|name| texts(&user[name])).collect();
        let is_in = |group: &Value| {
            group["members"].as_array().into_iter().flatten().any(|it| it["value"] == user["id"])
        };
        let groups = self.all("Groups").await.into_iter().filter(is_in);
        let groups = groups.map(|group| group["displayName"].as_str().unwrap().to_owned()).collect();
        Some((user["active"] == true, role, groups))
    }

    async fn all(&self, collection: &str) -> Vec<Value> {
        let page = self.client().list(collection, &[]).await.unwrap().ok().unwrap();
        page["Resources"].as_array().unwrap().clone()
    }
}

fn seat(role: Option<&str>, teams: &[&str]) -> Presence {
    Presence::Seated(Seat {
        roles: role.map(str::to_owned).into_iter().collect(),
        entitlements: teams.iter().map(|team| (*team).to_owned()).collect(),
        ..Seat::default()
    })
}

async fn a_person_comes_moves_and_goes(known: &'static KnownApp) {
    let app = App::start(known).await;
    let connector = &*app.connector().await;
    connector.probe().await.unwrap();
    for team in TEAMS {
        app.client().create_group(team, &[]).await.unwrap();
    }
    let roles: Vec<String> =
        connector.list_roles(None).await.unwrap().items.into_iter().map(|role| role.key).collect();
    assert!(known.roles.iter().map(|role| &role.key).eq(&roles), "{roles:?}");
    let teams = connector.list_entitlements(None).await.unwrap().items.len();
    let joins = teams == TEAMS.len();
    let (low, high) = (roles.first().map(String::as_str), roles.last().map(String::as_str));
    let has = |role: Option<&str>, groups: &[&str]| {
        let groups = groups.iter().filter(|_| joins).map(|group| (*group).to_owned()).collect();
        Some((true, role.map(str::to_owned).into_iter().collect::<Vec<_>>(), groups))
    };
    let wants = |role, groups: &[&str]| seat(role, if joins { groups } else { &[] });

    let known_to_all = Profile { external_id: Some("e-1".to_owned()), ..profile(ADA) };
    let mut ada = Person::of(known_to_all.clone());
    ada.should_have(wants(low, &["Campaigns"]));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!(run.state(), Some(AccountState::Active));
    assert_eq!(app.has(ADA).await, has(low, &["Campaigns"]));
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "nothing is done twice");

    ada.should_have(wants(high, &["Reports"]));
    ada.converge(connector).await.unwrap();
    assert_eq!(app.has(ADA).await, has(high, &["Reports"]));

    // Somebody who knows nothing of the account finds it.
    let mut again = Person::of(known_to_all);
    again.should_have(wants(high, &["Reports"]));
    assert_eq!(again.converge(connector).await.unwrap().done, []);

    ada.should_have(Presence::Absent);
    let run = ada.converge(connector).await.unwrap();
    let gone = matches!(run.done.last(), Some(Op::Remove | Op::Deactivate));
    assert!(gone, "{:?}", run.done);
    let left = app.has(ADA).await;
    assert!(left.as_ref().is_none_or(|(active, _, groups)| !active && groups.is_empty()), "{left:?}");
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "who is gone is gone");
}

#[tokio::test]
async fn everybody_comes_moves_and_goes_in_every_app_that_is_known() {
    for known in known_apps() {
        a_person_comes_moves_and_goes(known).await;
    }
}

#[tokio::test]
async fn lists_are_whole_in_every_app_that_is_known() {
    for known in known_apps() {
        let app = App::start(known).await;
        for number in 0..203 {
            let name = format!("colleague{number}@example.org");
            let role = json!([{"type": "seatType", "value": "View"}]);
            let user = json!({"displayName": "Colleague", "externalId": name, "roles": role,
                "name": {"givenName": "A", "familyName": "B"}, "emails": [{"value": name}]});
            app.client().create_user(&name, &user).await.unwrap();
        }
        let connector = app.connector().await;
        let (mut seen, mut cursor) = (BTreeSet::new(), None);
        loop {
            let page = connector.list_members(cursor.as_deref()).await.unwrap();
            assert!(page.items.into_iter().all(|member| seen.insert(member.account.id)), "{}", known.key);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 203, "{}", known.key);
    }
}

#[tokio::test]
async fn what_the_app_wants_to_know_is_asked_for_before_the_app_is() {
    let known = known_apps().iter().find(|app| app.key == "aws_identity_center").unwrap();
    let app = App::start(known).await;
    let connector = &*app.connector().await;
    let mut ada = Person::of(Profile { family_name: None, ..profile(ADA) });
    ada.should_have(seat(None, &[]));
    let refused = ada.converge(connector).await.unwrap_err();
    assert!(refused.class() == Class::Invalid && refused.message().contains("family name"), "{refused}");
    assert_eq!(app.running.app().journal().changes(), [""; 0]);
}

#[tokio::test]
async fn a_list_whose_cursor_ended_is_begun_anew() {
    let known = known_apps().iter().find(|app| app.key == "aws_identity_center").unwrap();
    let app = App::start(known).await;
    let ended = app.connector().await.list_members(Some("of-yesterday")).await.unwrap_err();
    assert_eq!(ended.class(), Class::Conflict, "{ended}");
}
