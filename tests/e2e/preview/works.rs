//! What a preview says of the work is what becomes of it: everything is settled, a change is asked about and made, and
//! then everything is worked off to its end, in the order in which jobs may begin.

use std::collections::BTreeMap;

use rand::{RngExt, seq::IndexedRandom};
use serde_json::{Value, json};
use usher_domain::{
    access::Access,
    id::JobId,
    job::{Job, JobState, Message},
    ports::Facts,
};

use super::{
    office::{Office, Recorded, Said, in_app, seat},
    seeds,
};
use crate::guards;

const CHANGES: usize = 14;

async fn job(office: &Office, id: &JobId) -> Job {
    Facts::job(&*office.world.store, &office.world.workspace, id).await.unwrap().unwrap()
}

/// Works everything off: whoever's jobs may begin at the same time, in the order of their ids.
async fn settle(office: &Office) {
    let mut waiting: Vec<Message> = Vec::new();
    loop {
        office.world.plan().await;
        waiting.extend(office.world.messages());
        let mut jobs: Vec<(Job, Message)> = Vec::new();
        for message in std::mem::take(&mut waiting) {
            let Message::Job(named) = &message else { continue };
            let job = job(office, &named.job).await;
            if named.integration == office.world.hub && job.state.is_open() && job.state != JobState::Held {
                jobs.push((job, message));
            }
        }
        let Some(next) = jobs.iter().map(|(job, _)| job.due_at.unwrap_or(job.created_at)).min() else {
            return;
        };
        if next > office.world.now() {
            office.world.wait(next.duration_since(office.world.now()).as_secs());
        }
        let now = office.world.now();
        let (mut due, later): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|(job, _)| job.due_at.is_none_or(|due| due <= now));
        due.sort_by(|(one, _), (other, _)| one.person.cmp(&other.person));
        for (_, message) in due {
            office.world.execute(&message).await;
        }
        waiting.extend(later.into_iter().map(|(_, message)| message));
    }
}

/// What became of somebody's work.
async fn became(office: &Office, before: Option<&Access>, after: &Access) -> &'static str {
    if let Some(open) = &after.job {
        let job = job(office, open).await;
        assert_eq!(job.state, JobState::Held, "nothing else is left open: {job:?}");
        return "held";
    }
    let last = |access: &Access| access.recent_jobs.last().cloned();
    let newest = last(after).filter(|newest| before.and_then(last).as_ref() != Some(newest));
    let newest = match newest {
        Some(newest) => Some(job(office, &newest).await),
        None => None,
    };
    match newest.map(|job| (job.state, job.error)) {
        Some((JobState::Done, _)) => return "begins",
        Some((JobState::Failed, Some(error))) if ["policy_denied", "seat_limit"].contains(&&*error.class) => {
            return "refused";
        }
        Some((JobState::Superseded, _)) | None => {}
        other => panic!("{other:?}"),
    }
    let decided = after.desired.as_ref().map(|desired| serde_json::to_value(&desired.presence).unwrap());
    let decided = decided.filter(|decided| decided["kind"] == "seated").map(|mut seat| {
        seat.as_object_mut().unwrap().remove("kind");
        seat
    });
    let settled = decided.unwrap_or_default() == in_app(Some(after));
    if (after.is_exempt() || after.is_rejected()) && !settled { "left_alone" } else { "none" }
}

/// Whether somebody new becomes an admin: then another one may go, which a preview does not count on.
fn brings_an_admin(said: &Said) -> bool {
    said.values().any(|told| {
        let roles = told["after"]["roles"].as_array().into_iter().flatten();
        told["change"] == "added" && roles.into_iter().any(|role| role == "admin")
    })
}

/// Compares what was said of the first hub with what became of it.
async fn compare(
    office: &Office,
    said: &Said,
    before: &Recorded,
    after: &Recorded,
) -> Result<Vec<String>, String> {
    let mut seen = Vec::new();
    for (key, told) in said.iter().filter(|((hub, _), _)| *hub == office.world.hub) {
        let (was, is) = (before.get(key), after.get(key));
        let Some(is) = is else {
            if told["work"] == "none" { continue } else { return Err(format!("nothing became of {told}")) }
        };
        let work = became(office, was, is).await;
        let last_admin = told["work_detail"].as_str().is_some_and(|why| why.contains("nobody else"));
        if last_admin && work == "begins" && brings_an_admin(said) {
            continue;
        }
        if told["work"] != work {
            return Err(format!("{work}, and it was said: {told}"));
        }
        // What the app has now is what was said, or what it had.
        let expected = if work == "begins" { told["after"].clone() } else { in_app(was) };
        if in_app(Some(is)) != expected || (work == "begins" && seat(Some(is)) != expected) {
            return Err(format!("the app has {}, and it was said: {told}", in_app(Some(is))));
        }
        if told["change"] != "unchanged" || told["work"] != told["work_before"] {
            seen.push(work.to_owned());
            seen.extend(told["work_detail"].as_str().filter(|_| work == "refused").map(|why| {
                let words: Vec<&str> = why.split(' ').take(2).collect();
                words.join(" ")
            }));
        }
    }
    Ok(seen)
}

/// Decides about some of the work that is held.
async fn rule(office: &mut Office) {
    for access in office.recorded().await.into_values() {
        let Some(open) = access.job.filter(|_| access.integration == office.world.hub) else { continue };
        let verdict = match office.rng.random_range(0..4) {
            0 => "approve",
            1 => "reject",
            _ => continue,
        };
        let ruled = office.world.api("POST", &format!("/jobs/{open}/{verdict}"), Value::Null).await;
        assert_eq!(ruled.status, 200, "{}", ruled.body);
    }
}

/// A change, as it is asked about; now and then one that takes the admin role from whom it was given to first.
fn change(office: &mut Office) -> Value {
    let admin = office.people[1].clone();
    match office.rng.random_range(0..12) {
        0 => json!({"kind": "end_person_share", "person": admin}),
        1 => json!({"kind": "put_person_share", "person": admin, "app_access": invite(&["viewer"])}),
        2 => json!({"kind": "put_person_share", "person": admin, "app_access": invite(&["admin"])}),
        _ => office.change(),
    }
}

fn invite(roles: &[&str]) -> Value {
    json!({"kind": "invite", "roles": roles})
}

/// Asks, makes, works off and compares. Answers how often each kind of work was seen, or what was not as was said.
async fn run(seed: u64) -> Result<BTreeMap<String, u64>, String> {
    let mut office = Office::new(seed, 9).await;
    office.gives_assets = false;
    let hub = office.world.hub.clone();
    let guards = json!({"kind": "set_guards", "guards": office.guards()});
    office.make(&hub, &guards).await;
    for team in office.teams.clone() {
        let share = json!({"kind": "put_team_share", "team": team, "app_access": office.access()});
        office.make(&hub, &share).await;
    }
    let admin =
        json!({"kind": "put_person_share", "person": office.people[1], "app_access": invite(&["admin"])});
    office.make(&hub, &admin).await;
    for person in office.people.clone() {
        let mark = match office.rng.random_range(0..6) {
            0 => "exempt",
            1 => "protected",
            _ => continue,
        };
        settle(&office).await;
        office.make(&hub, &json!({"kind": "set_mark", "person": person, "mark": mark})).await;
    }
    settle(&office).await;
    // Some may have no more than a few seats.
    if office.rng.random_ratio(1, 2) {
        let seats = office.rng.random_range(2..6);
        office.world.decide(|tenancy| tenancy.quotas.seats = Some(seats)).await;
    }
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..CHANGES {
        let change = change(&mut office);
        if change["kind"] == "set_guards" {
            // Guards change what becomes of work that is open: somebody's removals wait.
            let end = json!({"kind": "end_team_share", "team": office.team()});
            office.make(&hub, &end).await;
            office.world.plan().await;
        }
        let before = office.recorded().await;
        let Ok(said) = office.previewed(&hub, &change, 1_000).await else { continue };
        if !office.make(&hub, &change).await {
            continue;
        }
        settle(&office).await;
        let after = office.recorded().await;
        let compared = compare(&office, &said, &before, &after).await;
        for work in compared.map_err(|wrong| format!("seed {seed}: {change}: {wrong}"))? {
            *seen.entry(work).or_default() += 1;
        }
        if office.rng.random_ratio(1, 2) {
            rule(&mut office).await;
            settle(&office).await;
        }
        let minutes = *[0, 7, 30, 90].choose(&mut office.rng).unwrap();
        office.world.wait(minutes * 60);
    }
    Ok(seen)
}

#[tokio::test]
async fn what_becomes_of_the_work_is_what_was_said() {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let seeds = seeds(12);
    let one = seeds.end - seeds.start == 1;
    for seed in seeds {
        for (work, count) in run(seed).await.unwrap() {
            *seen.entry(work).or_default() += count;
        }
    }
    for work in [
        "none",
        "begins",
        "held",
        "refused",
        "left_alone",
        "this person",
        "this account",
        "nobody else",
        "the workspace",
    ] {
        assert!(one || seen.contains_key(work), "no run has seen {work}: {seen:?}");
    }
}

/// The comparison notices what the preview did not know, whatever that is.
#[tokio::test]
async fn a_preview_that_is_not_told_everything_is_found_out() {
    for untold in ["nothing", "guards", "marks", "time"] {
        let office = Office::new(1, 5).await;
        let hub = office.world.hub.clone();
        let api = async |method: &str, path: &str, body: Value| {
            let answer = office.world.api(method, &format!("/integrations/{hub}{path}"), body).await;
            assert!(answer.status < 300, "{}", answer.body);
        };
        let limit = |count: u32| json!({"guards": {"losses": {"count": count, "percent": 0}}});
        api("PATCH", "", limit(1)).await;
        for person in &office.people[..3] {
            let share = json!({"app_access": invite(&["viewer"])});
            api("PUT", &format!("/shares/people/{person}"), share).await;
        }
        settle(&office).await;
        // The hour lets one pass, and this is it.
        api("DELETE", &format!("/shares/people/{}", office.people[0]), Value::Null).await;
        settle(&office).await;

        let before = office.recorded().await;
        let change = json!({"kind": "end_person_share", "person": office.people[1]});
        let said = office.previewed(&hub, &change, 10).await.unwrap();
        match untold {
            "guards" => api("PATCH", "", limit(9)).await,
            "time" => office.world.wait(2 * 3_600),
            "marks" => {
                let mark = json!({"kind": "protected", "reason": "nobody knows"});
                api("PUT", &format!("/people/{}/mark", office.people[1]), mark).await;
            }
            _ => {}
        }
        assert!(office.make(&hub, &change).await);
        settle(&office).await;
        let compared = compare(&office, &said, &before, &office.recorded().await).await;
        assert_eq!(compared.is_ok(), untold == "nothing", "{untold}: {compared:?}");
    }
}

/// What guards would have counted goes with the cursor.
#[tokio::test]
async fn pages_tell_together_what_one_answer_tells() {
    let office = guards::Office::new(12, json!({})).await;
    let change = json!({"kind": "end_team_share", "team": office.team});
    let mut told = Vec::new();
    for limit in [12, 5] {
        let (mut works, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let question = json!({"change": change, "limit": limit, "cursor": cursor});
            let answer = office.ok("POST", "/preview", question).await;
            let people = answer["items"][0]["people"].as_array().unwrap().clone();
            works.extend(people.iter().map(|person| person["work"].clone()));
            cursor = answer["next"].clone();
            if cursor.is_null() {
                break;
            }
        }
        told.push(works);
    }
    let held = told[0].iter().filter(|work| **work == "held").count();
    assert_eq!((told[0].len(), held), (12, 7), "20 % of 12 seats are fewer than 5");
    assert_eq!(told[0], told[1]);
}
