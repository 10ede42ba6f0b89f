use super::*;
use crate::{
    automation::Automation,
    change::{Actor, Cause, Trigger},
    job::{JobState, Task},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn endpoint() -> Endpoint {
    Endpoint {
        id: "e".parse().unwrap(),
        workspace: "main".parse().unwrap(),
        name: "Pager".into(),
        url: "https://pager.example/".into(),
        events: [EventType::JobHeld].into(),
        sealed_secret: "first".into(),
        former: None,
        state: EndpointState::Enabled,
        failing_since: None,
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
    }
}

fn delivery() -> Delivery {
    Delivery::of(&Event::test(&endpoint().id, "1", "c", at("2026-01-01T00:00:00Z")), &endpoint())
}

fn refused(status: u16, when: &str) -> Attempt {
    Attempt { at: at(when), status: Some(status), problem: Some("no".into()) }
}

#[test]
fn an_event_that_is_noticed_twice_is_one_delivery_to_each_endpoint() {
    let other = Endpoint { id: "f".parse().unwrap(), ..endpoint() };
    let event = Event::test(&endpoint().id, "1", "c", at("2026-01-01T00:00:00Z"));
    assert_eq!(Delivery::of(&event, &endpoint()).id, delivery().id);
    assert_ne!(Delivery::of(&event, &other).id, delivery().id);
    let next = Event::test(&endpoint().id, "2", "c", at("2026-01-01T00:00:00Z"));
    assert_ne!(Delivery::of(&next, &endpoint()).id, delivery().id);
}

#[test]
fn an_endpoint_is_told_of_what_it_asked_for() {
    assert!(endpoint().wants(EventType::JobHeld) && endpoint().wants(EventType::Test));
    assert!(!endpoint().wants(EventType::JobCompleted));
    let state = EndpointState::Disabled { reason: "x".into(), since: at("2026-01-01T00:00:00Z") };
    assert!(!Endpoint { state, ..endpoint() }.wants(EventType::JobHeld));
}

#[test]
fn a_delivery_is_tried_until_it_is_accepted_or_given_up() {
    let mut tried = delivery();
    for attempt in 1..MAX_ATTEMPTS {
        tried = tried.tried(refused(500, "2026-01-01T00:00:10Z"), None, 0);
        assert_eq!((tried.state, tried.attempts), (DeliveryState::Retrying, attempt));
        assert!(tried.due_at > at("2026-01-01T00:00:10Z"));
    }
    let lost = tried.tried(refused(500, "2026-01-02T02:00:00Z"), None, 0);
    assert_eq!(lost.state, DeliveryState::Failed);
    let accepted = Attempt { at: at("2026-01-02T02:00:00Z"), status: Some(204), problem: None };
    let found = tried.tried(accepted, None, 0);
    assert_eq!(found.state, DeliveryState::Delivered);
    // By hand it gets all attempts again, under the same id.
    let again = lost.again(at("2026-01-03T00:00:00Z"));
    assert_eq!((again.state, again.attempts, &again.id), (DeliveryState::Queued, 0, &lost.id));
}

#[test]
fn an_endpoint_is_disabled_when_it_is_gone_or_nothing_arrived_for_as_long_as_a_delivery_was_tried() {
    let reason = |endpoint: &Endpoint| match &endpoint.state {
        EndpointState::Disabled { reason, .. } => reason.clone(),
        EndpointState::Enabled => String::new(),
    };
    let now = at("2026-01-02T03:00:00Z");
    let gone = delivery().tried(refused(410, "2026-01-01T00:00:00Z"), None, 0);
    assert_eq!(gone.state, DeliveryState::Failed);
    assert!(reason(&endpoint().after(&gone, now).unwrap()).contains("410"));

    let first = delivery().tried(refused(500, "2026-01-01T00:00:00Z"), None, 0);
    let failing = endpoint().after(&first, at("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(failing.failing_since, Some(at("2026-01-01T00:00:00Z")));
    assert_eq!(failing.after(&first, now), None, "nothing new");
    let given_up = Delivery { state: DeliveryState::Failed, ..first.clone() };
    assert!(reason(&failing.after(&given_up, now).unwrap()).contains("more than a day"));
    // Something else arrived meanwhile: this one is wrong, not the endpoint.
    let arrived = Delivery { state: DeliveryState::Delivered, ..first };
    let well = failing.after(&arrived, at("2026-01-01T10:00:00Z")).unwrap();
    assert_eq!(well.failing_since, None);
    assert!(well.after(&given_up, now).unwrap().is_enabled());
}

#[test]
fn an_automation_is_told_of_when_nothing_of_it_is_open() {
    let automation = |counts: &[(JobState, u64)]| Automation {
        id: "a".parse().unwrap(),
        workspace: "main".parse().unwrap(),
        integration: "i".parse().unwrap(),
        target: "Hub".into(),
        task: Task::AddingUsers,
        cause: Cause {
            actor: Actor::Usher,
            trigger: Trigger::Scim,
            correlation_id: "c-1".into(),
            at: at("2026-01-01T00:00:00Z"),
        },
        counts: counts.iter().copied().collect(),
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: at("2026-01-01T00:01:00Z"),
    };
    let kind = |counts: &[_]| Event::of_automation(&automation(counts)).map(|event| event.kind);
    assert_eq!(kind(&[(JobState::Done, 1), (JobState::Running, 1)]), None);
    assert_eq!(kind(&[(JobState::Failed, 1), (JobState::Queued, 1)]), None);
    assert_eq!(kind(&[(JobState::Done, 2), (JobState::Queued, 0)]), Some(EventType::AutomationCompleted));
    assert_eq!(kind(&[(JobState::Done, 2), (JobState::Failed, 1)]), Some(EventType::AutomationNotCompleted));
    let held = |running| {
        Event::of_automation(&automation(&[(JobState::Held, 1), (JobState::Running, running)])).unwrap()
    };
    assert_eq!(held(1).kind, EventType::AutomationAwaitingApproval);
    assert_eq!(held(1).key, held(2).key, "once");
    let payload: serde_json::Value = serde_json::from_str(&held(1).payload()).unwrap();
    assert_eq!(payload["type"], "automation.awaiting_approval");
    assert_eq!(payload["data"]["correlation_id"], "c-1");
}

#[test]
fn names_are_those_of_the_wire() {
    for kind in EventType::ALL.into_iter().chain([EventType::Test]) {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
    assert_eq!(EventType::named("job.held"), Some(EventType::JobHeld));
    assert_eq!(EventType::named("webhook.test"), None, "nobody asks for tries");
}

#[test]
fn a_secret_before_a_rotation_counts_until_its_end() {
    let rotated = endpoint().rotated("second".into(), at("2026-01-02T00:00:00Z"));
    let secrets = |endpoint: &Endpoint, when: &str| -> Vec<String> {
        endpoint.secrets(at(when)).map(str::to_owned).collect()
    };
    assert_eq!(secrets(&endpoint(), "2026-01-01T00:00:00Z"), ["first"]);
    assert_eq!(secrets(&rotated, "2026-01-01T23:59:59Z"), ["second", "first"]);
    assert_eq!(secrets(&rotated, "2026-01-02T00:00:00Z"), ["second"]);
    assert_eq!(
        secrets(&rotated.rotated("third".into(), at("2026-01-02T00:00:00Z")), "2026-01-01T00:00:00Z"),
        ["third", "second"]
    );
}
