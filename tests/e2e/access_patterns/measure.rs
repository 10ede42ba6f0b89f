//! What every operation asks of the database, taken from real calls.

use serde_json::{Value, json};
use usher_domain::{
    access::AccessState,
    job::{JobState, Message},
    ports::{Execution, Finish},
};
use usher_local::embedded::{Calls, Usage};

use super::{
    directory, scim,
    world::{Answer, World},
};

/// People of the directory: more than a page of a list, a transaction or a batch read holds.
const PEOPLE: usize = 130;
/// The one section whose rows are steps.
const ONBOARDING: &str = "Everything for one new colleague who joins a shared team";

/// What one operation asked of the database.
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    pub(crate) calls: Calls,
}

/// Operations of one function.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
}

impl Section {
    /// The sum of the rows, where they are the steps of one thing.
    pub(crate) fn sum(&self) -> Option<Usage> {
        let plus = |sum: Usage, row: Usage| Usage {
            calls: sum.calls + row.calls,
            refused: sum.refused + row.refused,
            read_units: sum.read_units + row.read_units,
            write_units: sum.write_units + row.write_units,
        };
        let totals = self.rows.iter().map(|row| row.calls.total());
        (self.title == ONBOARDING).then(|| totals.fold(Usage::default(), plus))
    }
}

/// A section in the making.
pub(crate) struct Rows(pub(crate) Section);

impl Rows {
    pub(crate) fn new(title: &'static str) -> Self {
        Self(Section { title, rows: Vec::new() })
    }

    pub(crate) fn add(&mut self, operation: &'static str, calls: Calls) {
        self.0.rows.push(Row { operation, calls });
    }

    /// A request, which must be answered with this status.
    pub(crate) fn answered(&mut self, operation: &'static str, status: u16, answer: Answer) -> Answer {
        assert_eq!(answer.status, status, "{operation}: {}", answer.body);
        self.add(operation, answer.calls.clone());
        answer
    }
}

/// Measures everything, in one directory of 130 people.
pub(crate) async fn all() -> Vec<Section> {
    let world = World::new().await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(world.scim("POST", "/Users", user(number)).await.id());
    }
    world.settle().await;
    let cursors = directory::cursors(&world).await;
    let mut sections = vec![
        scim::authentication(&world).await,
        scim::users(&world, &people).await,
        scim::groups(&world, &people).await,
        planning(&world, &people).await,
        execution(&world).await,
        onboarding(&world).await,
        upkeep(&world).await,
        console(&world).await,
    ];
    // Measured last, so that nobody has to work off what they leave to be planned; shown with what they are like.
    let custom = directory::custom(&world).await;
    let sizes = directory::sizes(&world, &people).await;
    sections.splice(3..3, [sizes, cursors, custom]);
    sections
}

/// A user as identity providers send them; every one of the same size.
pub(super) fn user(number: usize) -> Value {
    let name = format!("person-{number:04}@example.com");
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": format!("00u-external-{number:04}"),
        "userName": name,
        "name": {"givenName": "Person", "familyName": format!("Number {number:04}")},
        "displayName": format!("Person Number {number:04}"),
        "emails": [{"value": name, "type": "work", "primary": true}],
        "title": "Colleague",
        "active": true,
    })
}

pub(super) fn members(people: &[String]) -> Value {
    people.iter().map(|person| json!({ "value": person })).collect()
}

pub(super) fn patch(operation: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

pub(crate) fn join(people: &[String]) -> Value {
    patch(json!({"op": "add", "path": "members", "value": members(people)}))
}

pub(super) fn leave(person: &str) -> Value {
    patch(json!({"op": "remove", "path": format!("members[value eq \"{person}\"]")}))
}

/// A group with members.
pub(super) async fn group(world: &World, name: &str, people: &[String]) -> String {
    let body = json!({"displayName": name, "members": members(people)});
    let made = world.scim("POST", "/Groups", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.id()
}

async fn planning(world: &World, people: &[String]) -> Section {
    let mut rows = Rows::new("Planning");
    // Two who are in no other group.
    let (first, second) = (&people[100..101], &people[101..102]);
    let team = group(world, "Shared", first).await;
    let slim = format!("/Groups/{team}?excludedAttributes=members");
    let title = async |person: &[String], title: &str| {
        let body = patch(json!({"op": "replace", "path": "title", "value": title}));
        world.scim("PATCH", &format!("/Users/{}", person[0]), body).await;
    };
    world.settle().await;
    title(second, "Stranger").await;
    rows.add("one person changed, in no group", world.plan().await);
    world.share(&team).await;
    rows.add("a team of one is shared: decided, one job", world.plan().await);
    world.settle().await;
    title(first, "Director").await;
    rows.add("one person changed, in one group: evaluated, no change", world.plan().await);
    for name in ["Second", "Third", "Fourth", "Fifth"] {
        group(world, name, first).await;
    }
    world.settle().await;
    title(first, "Colleague").await;
    rows.add("one person changed, in five groups: evaluated, no change", world.plan().await);
    world.scim("PATCH", &slim, join(second)).await;
    rows.add("one person joins a shared team: decided, one job", world.plan().await);
    world.settle().await;
    world.scim("PATCH", &slim, leave(&second[0])).await;
    rows.add("one person leaves a shared team: decided, one job", world.plan().await);
    world.settle().await;
    world.scim("PATCH", &slim, join(people)).await;
    rows.add("129 people join a shared team (3 staged pages): decided, 129 jobs", world.plan().await);
    // The jobs themselves are measured one by one.
    world.messages();
    rows.0
}

async fn execution(world: &World) -> Section {
    let mut rows = Rows::new("Execution");
    let team = group(world, "Executed", &[]).await;
    world.share(&team).await;
    // Newcomers have no seat yet.
    let mut newcomers = Vec::new();
    for number in [9_100, 9_101] {
        newcomers.push(world.scim("POST", "/Users", user(number)).await.id());
    }
    world.settle().await;
    world.scim("PATCH", &format!("/Groups/{team}"), join(&newcomers)).await;
    world.plan().await;
    let messages = world.messages();
    let [first, second] = &messages[..] else { panic!("two people joined, {} jobs", messages.len()) };

    let Message::Job(job) = first else { panic!("{first:?}") };
    let (loaded, calls) = world.costing(world.store.load(job)).await;
    let loaded = loaded.expect("the rows").expect("the job");
    rows.add("load", calls);
    let until = world.now() + std::time::Duration::from_secs(300);
    let start = world.store.start(&loaded, world.now(), until, AccessState::Inviting, None, None);
    let (started, calls) = world.costing(start).await;
    rows.add("start: lease, access, job", calls);
    let finish = Finish {
        app_calls: 3,
        state: JobState::Done,
        error: None,
        due_at: None,
        steps: vec!["created the account".to_owned()],
        manual: None,
        reinvitations: 0,
        released: None,
        observed: None,
        settled: None,
        access_state: AccessState::Onboarded,
        activity: None,
        at: world.now(),
    };
    let started = started.expect("the lease");
    let (finished, calls) = world.costing(world.store.finish(&started, &finish)).await;
    finished.expect("the outcome");
    rows.add("finish: outcome, access, job", calls);
    rows.add("a whole job, with its two rows of activity", world.execute(second).await);
    rows.add("a message of a job that is done", world.execute(second).await);
    let calls = world.plan().await;
    rows.add("the stream's records of both jobs (planner)", calls);
    let path = format!("/Groups/{team}");
    world.scim("DELETE", &path, Value::Null).await;
    world.settle().await;
    rows.0
}

async fn onboarding(world: &World) -> Section {
    let mut rows = Rows::new(ONBOARDING);
    let team = group(world, "Onboarding", &[]).await;
    world.share(&team).await;
    world.settle().await;
    // Not measured, so that the colleague is not the first.
    let earlier = world.scim("POST", "/Users", user(9_200)).await.id();
    world.scim("PATCH", &format!("/Groups/{team}"), join(&[earlier])).await;
    world.settle().await;

    let made = rows.answered("SCIM: create user", 201, world.scim("POST", "/Users", user(9_201)).await);
    rows.add("planner: the person's change", world.plan().await);
    let path = format!("/Groups/{team}?excludedAttributes=members");
    rows.answered("SCIM: add one member", 200, world.scim("PATCH", &path, join(&[made.id()])).await);
    rows.add("planner: the team's change, and the job's message", world.plan().await);
    let messages = world.messages();
    let [message] = &messages[..] else { panic!("one person joined, {} jobs", messages.len()) };
    rows.add("executor: the job", world.execute(message).await);
    rows.add("planner: the job's records", world.plan().await);
    rows.0
}

async fn upkeep(world: &World) -> Section {
    let mut rows = Rows::new("Reconciler");
    rows.add("the first run of a day: one workspace's meters are read", world.reconcile().await);
    rows.add("a run of one workspace with nothing to do", world.reconcile().await);
    rows.0
}

async fn console(world: &World) -> Section {
    let mut rows = Rows::new("Console (each proves its API key or session first: one GetItem)");
    let hub = &world.hub;
    for (operation, path) in [
        ("the workspace", "/api/v1/workspace".to_owned()),
        ("connections", "/api/v1/connections".to_owned()),
        ("people, page of 50", format!("/api/v1/connections/{}.idp/people?limit=50", world.workspace)),
        ("teams, page of 50", format!("/api/v1/connections/{}.idp/teams?limit=50", world.workspace)),
        ("integrations", "/api/v1/integrations".to_owned()),
        ("one integration with its shares", format!("/api/v1/integrations/{hub}")),
        ("access in an integration, page of 50", format!("/api/v1/integrations/{hub}/access?limit=50")),
        ("activity of an integration, page of 50", format!("/api/v1/integrations/{hub}/activity?limit=50")),
        ("automations, page of 50", "/api/v1/automations?limit=50".to_owned()),
        ("Automation Log (web page)", "/automations".to_owned()),
        ("Activity tab (web page)", format!("/integrations/{hub}/activity")),
        ("Access tab (web page)", format!("/integrations/{hub}/access")),
    ] {
        rows.answered(operation, 200, world.console(&path).await);
    }
    let automations = world.console("/api/v1/automations?limit=1").await;
    let automation = automations.body["items"][0]["id"].as_str().expect("an automation");
    let path = format!("/api/v1/automations/{automation}/jobs?limit=50");
    rows.answered("jobs of an automation with one job", 200, world.console(&path).await);
    rows.0
}
