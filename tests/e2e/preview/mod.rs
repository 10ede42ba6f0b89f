//! A preview says what then happens: random changes are asked about, made for real, and planned and executed by the
//! real planner and executor over the embedded database.

mod office;
mod works;

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, seq::IndexedRandom};
use serde_json::{Value, json};
use usher_domain::{access::Access, job::Message};

use office::{Office, Recorded, Said, seat};

const CHANGES: usize = 30;

/// The seeds of a test: so many, as many as `USHER_SEEDS` says, or the one that `USHER_SEED` says.
fn seeds(many: u64) -> std::ops::Range<u64> {
    let set = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    match set("USHER_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..set("USHER_SEEDS").unwrap_or(many),
    }
}

fn not_before(access: Option<&Access>) -> Value {
    json!(access.and_then(|access| access.desired.as_ref()).and_then(|desired| desired.not_before))
}

/// What the preview did not say right, of one change.
fn compare(seed: u64, said: &Said, before: &Recorded, after: &Recorded) -> BTreeMap<String, u64> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let keys: BTreeSet<_> = said.keys().chain(before.keys()).chain(after.keys()).collect();
    for key in keys {
        let at = format!("seed {seed}: {key:?}");
        let (was, is) = (before.get(key), after.get(key));
        let Some(told) = said.get(key) else {
            assert_eq!(seat(was), seat(is), "{at} was not foretold");
            continue;
        };
        assert_eq!(told["before"], seat(was), "{at} before: {told}");
        assert_eq!(told["after"], seat(is), "{at} after: {told}");
        let change = told["change"].as_str().unwrap();
        *seen.entry(change.to_owned()).or_default() += 1;
        let version = |access: Option<&Access>| access.map_or(0, Access::version);
        if change != "unchanged" && told["work"] != "left_alone" {
            assert_eq!(version(was) + 1, version(is), "{at}: {told}");
            assert_eq!(told["dissolves"], json!(is.is_some_and(|access| access.job.is_none())), "{at}");
        }
        if change == "unchanged" && told["work"] == "none" && told["work_before"] == "none" {
            let job = |access: Option<&Access>| access.and_then(|access| access.job.clone());
            assert_eq!((job(was), job(is)), (None, None), "{at}: {told}");
        }
        if change.starts_with("removed") {
            assert_eq!(told["removal_begins_at"], not_before(is), "{at}: {told}");
        }
    }
    seen
}

/// Asks, makes and compares. Answers how often each kind of change was seen.
async fn run(seed: u64) -> BTreeMap<String, u64> {
    let mut office = Office::new(seed, 7).await;
    office.world.plan().await;
    let mut deleted: BTreeSet<String> = BTreeSet::new();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..CHANGES {
        let change = office.change();
        let hub = office.hubs.choose(&mut office.rng).unwrap().clone();
        let limit = office.rng.random_range(1..5);
        let before = office.recorded().await;
        let said = office.previewed(&hub, &change, limit).await;
        assert_eq!(office.recorded().await, before, "seed {seed}: a preview wrote something: {change}");
        let accepted = office.make(&hub, &change).await;
        office.world.plan().await;
        let after = office.recorded().await;
        let joining = change["people"].as_array().filter(|_| change["kind"] == "add_members");
        let names_the_deleted =
            joining.into_iter().flatten().any(|person| deleted.contains(person.as_str().unwrap()));
        match said {
            // The connection refuses a write that names somebody who is not there. The preview says so (see below),
            // and what it would be without them.
            Ok(_) if names_the_deleted => {
                assert!(!accepted, "seed {seed}: {change}");
                assert_eq!(before, after);
            }
            Ok(said) => {
                if change["kind"] == "delete_person" {
                    deleted.insert(change["person"].as_str().unwrap().to_owned());
                }
                assert!(accepted, "seed {seed}: refused after a preview: {change}");
                for (kind, count) in compare(seed, &said, &before, &after) {
                    *seen.entry(kind).or_default() += count;
                }
            }
            Err(status) => {
                assert!(!accepted, "seed {seed}: {status} was said, and it was accepted: {change}");
                assert!((400..500).contains(&status));
            }
        }
        // Some changes meet open jobs, others an app that agrees.
        if office.rng.random_ratio(1, 3) {
            for message in office.world.messages() {
                let Message::Job(job) = &message else { continue };
                if job.integration == office.world.hub {
                    office.world.execute(&message).await;
                }
            }
            office.world.plan().await;
        }
    }
    seen
}

#[tokio::test]
async fn a_preview_of_a_random_change_is_what_then_happens() {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let seeds = seeds(6);
    let one = seeds.end - seeds.start == 1;
    for seed in seeds {
        for (kind, count) in run(seed).await {
            *seen.entry(kind).or_default() += count;
        }
    }
    for kind in ["added", "roles_changed", "assets_changed", "entitlements_changed", "removed", "unchanged"] {
        assert!(one || seen.contains_key(kind), "no run has seen anybody {kind}: {seen:?}");
    }
}

#[tokio::test]
async fn a_preview_tells_what_would_be_refused_or_give_nothing() {
    let mut office = Office::new(1, 7).await;
    office.world.plan().await;
    let (team, hub) = (office.team(), office.world.hub.clone());
    let path = format!("/integrations/{hub}/preview");
    let unknown = json!({"kind": "put_team_share", "team": team, "app_access":
        {"kind": "invite", "roles": ["owner"], "entitlements": ["gold"]}});
    let answer = office.world.api("POST", &path, json!({ "change": unknown })).await.body;
    let codes = |answer: &Value| -> Vec<String> {
        let violations = answer["items"][0]["violations"].as_array().unwrap();
        violations.iter().map(|violation| violation["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(codes(&answer).starts_with(&["unknown_role".into(), "unknown_entitlement".into()]), "{answer}");
    let hub_only = json!({"kind": "put_team_share", "team": team, "app_access": {"kind": "hub_only"}});
    let answer = office.world.api("POST", &path, json!({ "change": hub_only })).await.body;
    assert_eq!(codes(&answer)[0], "hub_only");
    let join = json!({"kind": "add_members", "team": team, "people": [office.people[6], "nobody"]});
    let answer = office.world.api("POST", &path, json!({ "change": join })).await.body;
    assert_eq!(codes(&answer), ["not_in_directory", "inactive"]);

    let share = json!({"change": {"kind": "end_team_share", "team": team}});
    assert_eq!(office.world.api("POST", "/preview", share.clone()).await.status, 422);
    assert_eq!(office.world.api("POST", &path, share).await.status, 404);
    let missing = json!({"change": {"kind": "delete_team", "team": "nothing"}});
    assert_eq!(office.world.api("POST", "/preview", missing).await.status, 404);
    let guards = json!({"change": {"kind": "set_guards", "guards": {"losses": {"percent": 200}}}});
    assert_eq!(office.world.api("POST", &path, guards).await.status, 422);
}
