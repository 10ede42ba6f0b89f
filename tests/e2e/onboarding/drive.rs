//! Onboards people one after the other, as an identity provider does, and counts what each step takes.

use std::time::Duration;

use serde_json::{Value, json};
use usher_local::embedded::{Calls, Usage};

use super::{
    stopwatch::Stopwatch,
    world::{Answer, World},
};

/// One step of the path, for everybody who was onboarded.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// Requests that came through API Gateway.
    pub(crate) http_requests: u64,
    /// Invocations of a function, were every message and stream record delivered alone: more than there are.
    pub(crate) invocations: u64,
    /// Requests to a queue, were every message received and deleted alone.
    pub(crate) queue_requests: u64,
    /// Those of them that a function waits for.
    pub(crate) queue_waits: u64,
    /// How often an app's credentials were opened.
    pub(crate) opened_credentials: u64,
    /// Requests to the app.
    pub(crate) app_requests: u64,
    /// What was asked of the database.
    pub(crate) usage: Usage,
    /// How long the handlers computed on this machine, its database and app included.
    pub(crate) worked: Duration,
}

impl Step {
    fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    fn add(&mut self, calls: &Calls, worked: Duration) {
        let (so_far, more) = (self.usage, calls.total());
        self.usage = Usage {
            calls: so_far.calls + more.calls,
            refused: so_far.refused + more.refused,
            read_units: so_far.read_units + more.read_units,
            write_units: so_far.write_units + more.write_units,
        };
        self.worked += worked;
    }

    fn request(&mut self, answer: &Answer, worked: Duration) {
        assert!(answer.status < 300, "{}: {}", self.name, answer.body);
        self.http_requests += 1;
        self.invocations += 1;
        self.add(&answer.calls, worked);
    }
}

/// What so many people took.
#[derive(Debug)]
pub(crate) struct Onboarded {
    pub(crate) people: usize,
    pub(crate) steps: Vec<Step>,
}

impl Onboarded {
    /// Write and read units of one person.
    pub(crate) fn units_per_person(&self) -> (f64, f64) {
        let people = self.people as f64;
        let sum = |of: fn(&Usage) -> f64| self.steps.iter().map(|step| of(&step.usage)).sum::<f64>() / people;
        (sum(|usage| usage.write_units), sum(|usage| usage.read_units))
    }
}

/// A user as identity providers send them; every one of the same size.
pub(crate) fn user(number: usize) -> Value {
    let name = format!("person-{number:06}@example.com");
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": format!("00u-external-{number:06}"),
        "userName": name,
        "name": {"givenName": "Person", "familyName": format!("Number {number:06}")},
        "displayName": format!("Person Number {number:06}"),
        "emails": [{"value": name, "type": "work", "primary": true}],
        "title": "Colleague",
        "active": true,
    })
}

/// The PATCH by which people join a team.
pub(crate) fn joining(people: &[String]) -> Value {
    let members: Value = people.iter().map(|person| json!({ "value": person })).collect();
    let operation = json!({"op": "add", "path": "members", "value": members});
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

/// A team that the hub is shared with.
pub(crate) async fn shared_team(world: &World, name: &str) -> String {
    let made = world.scim("POST", "/Groups", json!({ "displayName": name })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    world.share(&made.id()).await;
    world.settle().await;
    made.id()
}

/// Onboards people: each is looked for, created, put into a shared team, and seated, before the next.
pub(crate) async fn onboard(world: &World, people: usize) -> Onboarded {
    let team = shared_team(world, "Onboarded").await;
    let path = format!("/Groups/{team}?excludedAttributes=members");
    let names = [
        "SCIM: is there such a user",
        "SCIM: create the user",
        "planner: the person's change",
        "SCIM: the team gets a member",
        "planner: the team's change, the job's message",
        "connector: the job",
        "planner: what the job wrote",
    ];
    let [mut look, mut create, mut person, mut join, mut decide, mut execute, mut after] =
        names.map(Step::named);
    world.app_calls();
    for number in 0..people {
        let began = Stopwatch::begin();
        let filter = format!("/Users?filter=userName+eq+%22person-{number:06}@example.com%22");
        look.request(&world.scim("GET", &filter, Value::Null).await, began.elapsed());

        let began = Stopwatch::begin();
        let made = world.scim("POST", "/Users", user(number)).await;
        create.request(&made, began.elapsed());
        plan(world, &mut person).await;

        let began = Stopwatch::begin();
        join.request(&world.scim("PATCH", &path, joining(&[made.id()])).await, began.elapsed());
        plan(world, &mut decide).await;

        let messages = world.messages();
        let [message] = &messages[..] else { panic!("one person joined, {} jobs", messages.len()) };
        // Sent by the planner; received and deleted by Lambda for the connector.
        decide.queue_requests += 1;
        decide.queue_waits += 1;
        execute.queue_requests += 2;
        let began = Stopwatch::begin();
        let calls = world.execute(message).await;
        execute.add(&calls, began.elapsed());
        execute.invocations += 1;
        execute.opened_credentials += 1;
        plan(world, &mut after).await;
    }
    execute.app_requests += world.app_calls() as u64;
    assert_eq!(world.messages(), [], "every job is done at its first attempt");
    Onboarded { people, steps: vec![look, create, person, join, decide, execute, after] }
}

async fn plan(world: &World, step: &mut Step) {
    let (woken, began) = (world.woken(), Stopwatch::begin());
    let calls = world.plan().await;
    step.add(&calls, began.elapsed());
    step.invocations += world.woken() - woken;
}
