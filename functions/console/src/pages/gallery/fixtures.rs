//! Made-up rows.

use serde_json::{Value, json};
use usher_domain::{
    access::Access,
    activity::Activity,
    automation::Automation,
    directory::{Connection, GroupRecord, UserRecord},
    integration::Integration,
    job::Job,
    ports::ListedDrift,
    share::Share,
    sync::{Drift, SyncRun},
    workspace::WorkspaceRole,
};

use crate::pages::layout::{Frame, Section};

pub(super) const NOW: &str = "2026-03-02T14:07:31Z";

pub(super) fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub(super) fn frame(section: Section) -> Frame {
    Frame {
        workspace: "Northwind Creative".into(),
        user: "Mia Okafor".into(),
        role: WorkspaceRole::SuperAdmin,
        sees_hubs: true,
        section,
    }
}

pub(super) fn automation(
    id: &str,
    target: &str,
    task: &str,
    trigger: &str,
    counts: Value,
    at: &str,
) -> Automation {
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

pub(super) fn automations() -> Vec<Automation> {
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

pub(super) fn job(id: &str, name: &str, task: &str, state: &str, rest: Value) -> Job {
    let mut job = json!({
        "id": id, "workspace": "main", "automation": "a2", "integration": "hub", "person": "p1", "target": name,
        "connector": "scim", "task": task, "version": 2, "state": state, "attempts": 1, "error": null,
        "due_at": null, "steps": [], "correlation_id": "c", "revision": 3,
        "created_at": "2026-03-02T14:05:02Z", "updated_at": "2026-03-02T14:05:09Z",
    });
    job.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    read(job)
}

pub(super) fn jobs() -> Vec<Job> {
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

/// To be done at once, to be done again, to be confirmed, and over.
pub(super) fn tasks() -> Vec<Job> {
    let by = |at: &str, key: &str, text: &str| json!({"by": {"id": "person/mia", "name": "Mia Okafor"}, "at": at, key: text});
    let manual = |report: Value, sent_back: Value, confirmed: Value| {
        json!({"manual": {
            "address": "ada.byron@northwind.example", "assignees": ["mia@northwind.example"],
            "steps": ["Open Brand portfolio where people and their access are managed", "Give the role Editor"],
            "asked_at": "2026-03-02T09:00:00Z", "report": report, "sent_back": sent_back, "confirmed": confirmed,
        }})
    };
    let none = || Value::Null;
    let report = || by("2026-03-02T10:00:00Z", "evidence", "Seen in the audit log of the app, entry 4711");
    let back = by("2026-03-02T11:00:00Z", "reason", "The role is still Viewer");
    let confirmed = by("2026-03-02T12:00:00Z", "", "");
    vec![
        job("t1", "Ada Byron", "removing_users", "waiting", manual(none(), none(), none())),
        job("t2", "Grace Hopper", "updating_user_roles", "waiting", manual(none(), back, none())),
        job(
            "t3",
            "Edsger Wybe Dijkstra-van der Veen",
            "adding_users",
            "waiting",
            manual(report(), none(), none()),
        ),
        job("t4", "Alan Kay", "adding_users", "done", manual(report(), none(), confirmed)),
    ]
}

pub(super) fn hub(status: Value) -> Integration {
    read(json!({
        "id": "hub", "workspace": "main", "name": "Brand portfolio", "kind": {"kind": "business_hub"},
        "connector": "scim", "config": {}, "sealed_credentials": null, "status": status, "version": 1,
        "catalogue": {"roles": [{"key": "editor", "name": "Editor", "exclusion_group": "role", "rank": 2}, {"key": "viewer", "name": "Viewer", "exclusion_group": "role", "rank": 1}, {"key": "billing", "name": "Billing"}], "entitlements": [{"value": "ads-studio", "name": "Ads Studio"}]},
        "created_at": "2026-02-11T08:30:00Z",
    }))
}

pub(super) fn gateway() -> Integration {
    let kind = json!({"kind": "id_lcm", "connection": "main.analytics"});
    let mut value = serde_json::to_value(hub(json!({"status": "active"}))).unwrap();
    value["kind"] = kind;
    value["name"] = "Northwind Analytics".into();
    read(value)
}

pub(super) fn paused() -> Value {
    json!({"status": "paused", "since": "2026-03-02T13:58:03Z",
        "reason": "the app refused the token (401); create a new one in the app, store it here, then resume."})
}

pub(super) fn activity() -> Vec<Activity> {
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

pub(super) fn access() -> Vec<Access> {
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

pub(super) fn connection(connected_at: Value, expires_at: Value) -> Connection {
    read(json!({
        "id": "main.okta", "name": "Okta, production", "scope": {"kind": "workspace"}, "etags": true,
        "connected_at": connected_at, "created_at": "2026-02-11T08:30:00Z",
        "tokens": [{"hash": "0", "hint": "9f3a", "created_at": "2026-02-11T08:30:00Z", "expires_at": expires_at}],
    }))
}

pub(super) fn person(id: &str, name: &str, active: bool) -> UserRecord {
    read(json!({
        "id": id, "connection": "main.okta", "version": 1, "created_at": "2026-02-12T09:00:00Z",
        "modified_at": NOW, "deleted_at": null,
        "resource": {"userName": format!("{id}@northwind.example"), "displayName": name, "active": active,
            "emails": [{"value": format!("{id}@northwind.example")}]},
    }))
}

pub(super) fn people() -> Vec<UserRecord> {
    vec![
        person("ada", "Ada Byron", true),
        person("edsger", "Edsger Wybe Dijkstra-van der Veen", false),
        person("grace", "Grace Hopper", true),
    ]
}

pub(super) fn team(id: &str, name: &str) -> GroupRecord {
    read(json!({
        "id": id, "connection": "main.okta", "version": 1, "created_at": "2026-02-12T09:00:00Z",
        "modified_at": NOW, "deleted_at": null, "resource": {"displayName": name},
    }))
}

pub(super) fn share(principal: Value, access: Value) -> Share {
    read(json!({
        "id": "team-t1", "integration": "hub", "principal": principal, "hub_role": "collaborator",
        "app_access": access, "created_at": "2026-02-13T10:00:00Z",
    }))
}

pub(super) fn editor() -> Value {
    json!({"kind": "invite", "roles": ["editor"], "assets": {}, "entitlements": ["ads-studio"]})
}

/// A sync that found a few things.
pub(super) fn sync_run() -> SyncRun {
    read(json!({
        "id": "hub.1", "workspace": "main", "integration": "hub", "connector": "scim", "kind": "sync",
        "cause": {"actor": {"kind": "usher"}, "trigger": "schedule", "correlation_id": "c", "at": NOW},
        "safeguard_percent": 20, "state": "finished", "phase": "sweep", "cursor": null, "pass": 1, "pages": 2,
        "since": NOW, "acting_account": null,
        "counts": {"members": 1280, "matched": 1278, "seats": 1279, "drift": {"unmatched": 1, "missing": 1, "other_assets": 312},
            "more_assets": 312, "repaired": 1},
        "discovered": {"roles": [{"key": "auditor", "name": "Auditor"}]},
        "reason": "312 of 1,279 people have assets in the app beyond what was decided for them, more than 5 and 20 %: they \
                   are left to them; look where the app differs, grant what is right, then sync once with a higher \
                   safeguard, or have other assets reported only",
        "failures": 0, "due_at": null, "lease_until": null, "synced_at": NOW, "revision": 9,
        "created_at": NOW, "updated_at": NOW,
    }))
}

/// What it found.
pub(super) fn drift() -> Vec<ListedDrift> {
    let drift = |kind: &str, seen: Value| -> Box<Drift> {
        read(json!({"kind": kind, "expected": {"roles": ["editor"]}, "seen": seen, "repair": false,
            "spared": kind == "other_assets", "sync": "hub.1", "found_at": NOW}))
    };
    let more = json!({"account": "u-12", "state": "active", "label": "Grace", "seat": {"kind": "whole", "value":
        {"roles": ["editor"], "assets": {"12": ["ADVERTISE", "ANALYZE"], "34": ["MANAGE"]}, "entitlements": []}}});
    let seen = json!({"account": "u-77", "state": "active", "label": "Zoe", "seat": {"kind": "roles", "value": ["admin"]}});
    let stranger = read(json!({"person": "p9", "kind": "unmatched", "expected": null, "seen": seen}));
    let mut known = access();
    vec![
        ListedDrift::Access(Box::new(known.remove(0)), drift("missing", json!(null))),
        ListedDrift::Access(Box::new(known.remove(0)), drift("other_assets", more)),
        ListedDrift::Stranger(Box::new(stranger), drift("unmatched", seen)),
    ]
}
