//! Every page with made-up rows: written to files to be looked at, and held to what all pages promise.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::{Value, json};
use usher_domain::{
    access::Access, activity::Activity, automation::Automation, integration::Integration, job::Job,
    workspace::WorkspaceRole,
};

use super::{
    automations::{Log, LogQuery, Row},
    automations_view, integrations_view as integrations,
    integrations_view::{Pages, Tab},
    layout::{self, Frame, Section},
    live::Region,
    sign_in,
};
use crate::error::Problem;

const NOW: &str = "2026-03-02T14:07:31Z";

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn frame(section: Section) -> Frame {
    Frame {
        workspace: "Northwind Creative".into(),
        user: "Mia Okafor".into(),
        role: WorkspaceRole::SuperAdmin,
        sees_hubs: true,
        section,
    }
}

fn automation(id: &str, target: &str, task: &str, trigger: &str, counts: Value, at: &str) -> Automation {
    let actor = match trigger {
        "scim" => json!({"kind": "connection", "id": "main.okta", "name": "Okta"}),
        "schedule" => json!({"kind": "usher"}),
        _ => json!({"kind": "person", "name": "Mia Okafor"}),
    };
    read(json!({
        "id": id, "workspace": "main", "integration": "hub", "target": target, "task": task,
        "cause": {"actor": actor, "trigger": trigger, "correlation_id": "7d1e0a52-6c6f-4a6e-9b0e-2f8a4c1d9e77", "at": at},
        "counts": counts, "created_at": at, "updated_at": NOW,
    }))
}

fn automations() -> Vec<Automation> {
    vec![
        automation(
            "a1",
            "Brand portfolio",
            "adding_users",
            "scim",
            json!({"running": 1, "queued": 3}),
            "2026-03-02T14:07:29Z",
        ),
        automation(
            "a2",
            "Northwind Analytics",
            "updating_user_roles",
            "scim",
            json!({"failed": 2, "done": 12, "superseded": 1}),
            "2026-03-02T14:05:02Z",
        ),
        automation(
            "a3",
            "Brand portfolio",
            "removing_users",
            "scim",
            json!({"waiting": 1}),
            "2026-03-02T14:01:44Z",
        ),
        automation(
            "a4",
            "Agency workspace with a rather long name, Europe",
            "removing_users",
            "web_app",
            json!({"held": 34, "done": 5}),
            "2026-03-02T13:48:10Z",
        ),
        automation(
            "a5",
            "Northwind Analytics",
            "adding_users",
            "web_app",
            json!({"retrying": 1, "done": 1180, "queued": 69}),
            "2026-03-02T13:30:00Z",
        ),
        automation(
            "a6",
            "Brand portfolio",
            "updating_entitlements",
            "retry",
            json!({"done": 1}),
            "2026-03-02T11:12:59Z",
        ),
        automation(
            "a7",
            "Agency workspace with a rather long name, Europe",
            "syncing_users",
            "schedule",
            json!({"done": 3, "queued": 2}),
            "2026-03-02T09:00:00Z",
        ),
        automation(
            "a8",
            "Brand portfolio",
            "adding_users",
            "api",
            json!({"queued": 1}),
            "2026-03-01T16:20:41Z",
        ),
    ]
}

fn job(id: &str, name: &str, task: &str, state: &str, rest: Value) -> Job {
    let mut job = json!({
        "id": id, "workspace": "main", "automation": "a2", "integration": "hub", "person": "p1", "target": name,
        "connector": "scim", "task": task, "version": 2, "state": state, "attempts": 1, "error": null,
        "due_at": null, "steps": [], "correlation_id": "c", "revision": 3,
        "created_at": "2026-03-02T14:05:02Z", "updated_at": "2026-03-02T14:05:09Z",
    });
    job.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    read(job)
}

fn jobs() -> Vec<Job> {
    vec![
        job(
            "j1",
            "Ada Byron",
            "updating_user_roles",
            "done",
            json!({"steps": ["Changed the role from Viewer to Editor"]}),
        ),
        job(
            "j2",
            "Grace Hopper",
            "updating_user_roles",
            "failed",
            json!({"attempts": 5, "error": {
            "class": "seat_limit",
            "message": "The app has no free seat for Grace Hopper (25 of 25 are taken); free or buy one, then retry."}}),
        ),
        job("j3", "Konrad Zuse", "adding_users", "running", json!({})),
        job(
            "j4",
            "Hedy Lamarr",
            "updating_user_roles",
            "retrying",
            json!({"attempts": 2, "due_at": "2026-03-02T14:09:00Z",
            "error": {"class": "throttled", "message": "The app asked to slow down; tried again by itself."}}),
        ),
        job(
            "j5",
            "Edsger Wybe Dijkstra-van der Veen",
            "removing_users",
            "waiting",
            json!({"attempts": 0, "due_at": "2026-03-02T14:15:02Z"}),
        ),
        job("j6", "Barbara Liskov", "updating_user_roles", "superseded", json!({"attempts": 0})),
        job("j7", "Mary Jackson", "removing_users", "held", json!({"attempts": 0})),
        job("j8", "Alan Kay", "adding_users", "queued", json!({"attempts": 0})),
    ]
}

fn hub(status: Value) -> Integration {
    read(json!({
        "id": "hub", "workspace": "main", "name": "Brand portfolio", "kind": {"kind": "business_hub"},
        "connector": "scim", "config": {}, "sealed_credentials": null, "status": status, "version": 1,
        "catalogue": {"roles": [{"key": "editor", "name": "Editor"}, {"key": "viewer", "name": "Viewer"}], "entitlements": []},
        "created_at": "2026-02-11T08:30:00Z",
    }))
}

fn gateway() -> Integration {
    let kind = json!({"kind": "id_lcm", "connection": "main.analytics"});
    let mut value = serde_json::to_value(hub(json!({"status": "active"}))).unwrap();
    value["kind"] = kind;
    value["name"] = "Northwind Analytics".into();
    read(value)
}

fn paused() -> Value {
    json!({"status": "paused", "since": "2026-03-02T13:58:03Z",
        "reason": "the app refused the token (401); create a new one in the app, store it here, then resume."})
}

fn activity() -> Vec<Activity> {
    let row = |event: &str, target: &str, actor: Value, at: &str| {
        read(json!({"id": at, "workspace": "main", "integration": "hub", "at": at, "actor": actor,
            "event": event, "target": target, "job": null}))
    };
    let okta = json!({"kind": "connection", "id": "main.okta", "name": "Okta"});
    let mia = json!({"kind": "person", "name": "Mia Okafor"});
    let usher = json!({"kind": "usher"});
    vec![
        row("removal_requested", "Edsger Wybe Dijkstra-van der Veen", okta.clone(), "2026-03-02T14:05:02Z"),
        row("updated", "Ada Byron", okta.clone(), "2026-03-02T14:04:51Z"),
        row("update_in_progress", "Ada Byron", okta.clone(), "2026-03-02T14:04:50Z"),
        row("update_requested", "Ada Byron", okta.clone(), "2026-03-02T14:04:49Z"),
        row("invite_failed", "Grace Hopper", mia, "2026-03-02T13:12:00Z"),
        row("health_check_passed", "Brand portfolio", usher, "2026-03-02T09:00:00Z"),
        row("invited", "Hedy Lamarr", okta, "2026-03-01T17:45:13Z"),
    ]
}

fn access() -> Vec<Access> {
    let row = |person: &str, name: &str, state: &str, role: &str, path: Value, seen: bool| {
        let profile = json!({"user_name": format!("{person}@northwind.example"), "email": format!("{person}@northwind.example"),
            "display_name": name, "given_name": null, "family_name": null, "external_id": null});
        let seat = json!({"roles": [role], "assets": {}, "entitlements": []});
        let observed = seen.then(|| json!({"account": {"id": format!("usr_{person}_84c1"), "state": "active", "profile": profile.clone()},
            "seat": seat.clone(), "seen_at": "2026-03-02T14:04:51Z"}));
        let presence = json!({"kind": "seated", "roles": [role], "assets": {}, "entitlements": []});
        read(json!({"workspace": "main", "integration": "hub", "person": person, "evaluation": 3,
            "desired": {"presence": presence, "profile": profile, "version": 2,
                "reasons": [{"path": path, "seat": seat, "effect": {"kind": "effective"}}], "not_before": null},
            "settled": null, "observed": observed, "state": state, "job": null, "fence": 1, "lease": null,
            "updated_at": NOW}))
    };
    let team = |name: &str| json!({"kind": "team_share", "share": "team-t1", "team": "t1", "name": name});
    vec![
        row("ada", "Ada Byron", "onboarded", "editor", team("Marketing"), true),
        row(
            "grace",
            "Grace Hopper",
            "failed",
            "viewer",
            json!({"kind": "person_share", "share": "person-grace"}),
            false,
        ),
        row("hedy", "Hedy Lamarr", "pending_acceptance", "viewer", team("Brand"), true),
        row("edsger", "Edsger Wybe Dijkstra-van der Veen", "awaiting_removal", "viewer", team("Brand"), true),
        row("konrad", "Konrad Zuse", "inviting", "editor", team("Marketing"), false),
        row("mary", "Mary Jackson", "held", "viewer", team("Agency partners"), true),
    ]
}

fn query(text: &str) -> LogQuery {
    let uri = format!("/automations?{text}").parse().unwrap();
    axum::extract::Query::<LogQuery>::try_from_uri(&uri).unwrap().0
}

fn log_page(text: &str, rows: Vec<Automation>, next: Option<&str>) -> Markup {
    let query = query(text);
    let open = query.open();
    let rows = rows
        .into_iter()
        .map(|automation| Row { jobs: open.contains(&automation.id).then(jobs), automation })
        .collect();
    let content = automations_view::log(&query, &Log { rows, next: next.map(str::to_owned) });
    let region = Region { id: "log", label: "Automations", url: query.url(), content };
    let apps = [hub(json!({"status": "active"})), gateway()];
    layout::page("Automation Log", &frame(Section::Log), automations_view::log_page(&query, &apps, &region))
}

fn one_page() -> Markup {
    let automation = automations().remove(1);
    let content = automations_view::automation(&automations_view::One {
        automation: &automation,
        jobs: &jobs(),
        may_retry: true,
        may_decide: true,
        now: NOW.parse().unwrap(),
        first: None,
        next: Some("/automations/a2?cursor=x".into()),
    });
    let region = Region { id: "automation", label: "Automation", url: "/automations/a2".into(), content };
    let title = "Updating user roles in Northwind Analytics";
    layout::page(title, &frame(Section::Log), automations_view::automation_page(title, &region))
}

fn tab_page(integration: &Integration, tab: Tab, content: Markup) -> Markup {
    let content = integrations::tab(integration, true, content);
    let region = Region { id: "tab", label: tab.label(), url: tab.path(&integration.id), content };
    let page = integrations::details(integration, "SCIM 2.0 app", tab, &region);
    layout::page(tab.label(), &frame(Section::Integrations), page)
}

fn pages() -> Vec<(&'static str, Markup)> {
    let active = hub(json!({"status": "active"}));
    let broken = hub(paused());
    let more = || Pages { first: None, next: Some("/integrations/hub/activity?cursor=x".into()) };
    let none = || Pages { first: None, next: None };
    let gateway = gateway();
    let rows = [(&active, "SCIM 2.0 app"), (&gateway, "SCIM 2.0 app"), (&broken, "GitHub")];
    let listed = |rows: &[(&Integration, &str)]| {
        layout::page("Integrations", &frame(Section::Integrations), integrations::list(rows))
    };
    vec![
        ("log", log_page("", automations(), Some("c"))),
        ("log-open", log_page("open=a2", automations(), Some("c"))),
        ("log-empty", log_page("", vec![], None)),
        ("log-nothing-matches", log_page("status=retrying&app=hub", vec![], None)),
        ("log-filtered", log_page("status=completed&cursor=c", automations().split_off(5), None)),
        ("automation", one_page()),
        ("integrations", listed(&rows)),
        ("integrations-empty", listed(&[])),
        ("activity", tab_page(&active, Tab::Activity, integrations::activity(&activity(), &more()))),
        ("activity-paused", tab_page(&broken, Tab::Activity, integrations::activity(&activity(), &none()))),
        ("activity-empty", tab_page(&active, Tab::Activity, integrations::activity(&[], &none()))),
        ("access", tab_page(&active, Tab::Access, integrations::access(&active, &access(), &none()))),
        ("access-empty", tab_page(&gateway, Tab::Access, integrations::access(&gateway, &[], &none()))),
        ("sign-in", sign_in::confirm("main.0123456789ab.s_secret")),
        ("signed-out", sign_in::signed_out()),
        ("not-found", super::problem(&Problem::no_route(), "7d1e0a52-6c6f-4a6e-9b0e-2f8a4c1d9e77")),
        ("refused", super::problem(&Problem::forbidden("ask an admin for this"), "7d1e0a52-6c6f")),
    ]
}

/// What the Content-Security-Policy would refuse must not be on any page.
#[test]
fn no_page_has_inline_script_or_style_or_asks_anybody_else() {
    for (name, page) in pages() {
        let page = page.into_string();
        for bad in
            [" style=", "<style", " onclick=", "javascript:", "http://", "https://", "hx-on", "[object"]
        {
            assert!(!page.contains(bad), "{name}: {bad}");
        }
        assert!(!page.contains("<script>"), "{name}");
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_a_title() {
    for (name, page) in pages() {
        let page = page.into_string();
        assert_eq!(page.matches("<h1>").count(), 1, "{name}");
        assert_eq!(page.matches("<main").count(), 1, "{name}");
        assert!(page.contains(" · Usher</title>") && page.contains("<html lang=\"en\">"), "{name}");
    }
}

#[test]
fn ids_are_unique_on_every_page() {
    for (name, page) in pages() {
        let page = page.into_string();
        let mut seen = BTreeSet::new();
        for rest in page.split(" id=\"").skip(1) {
            let id = rest.split('"').next().unwrap();
            assert!(seen.insert(id.to_owned()), "{name}: {id}");
        }
    }
}

#[test]
fn what_people_write_is_text() {
    let evil = automation("a1", "<img src=x onerror=alert(1)>", "adding_users", "api", json!({}), NOW);
    let page = log_page("", vec![evil], None).into_string();
    assert!(!page.contains("<img") && page.contains("&lt;img"));
}

/// Writes the pages to `.screenshots/gallery`, to be looked at:
/// `cargo test -p usher-fn-console gallery -- --ignored`.
#[test]
#[ignore = "writes files to look at"]
fn write_the_gallery() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.screenshots/gallery");
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    for file in std::fs::read_dir(assets).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.join("assets").join(file.file_name())).unwrap();
    }
    let pages = pages();
    for (name, page) in &pages {
        // Files have no server: no refreshing, and assets beside them.
        let page = page.0.replace("/assets/", "assets/").replace("hx-trigger=\"every 2s\"", "");
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    let index = html! { ul { @for (name, _) in &pages { li { a href={ (name) ".html" } { (name) } } } } };
    std::fs::write(folder.join("index.html"), index.into_string()).unwrap();
}
