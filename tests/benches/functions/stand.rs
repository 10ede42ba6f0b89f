//! What the programs find: a workspace with a person who has a seat, and AWS's services behind TLS.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use usher_domain::change::{Actor, Cause, Change, Subject as Changed, Trigger};
use usher_local::{
    processes::Programs,
    suite::{Lane, Options, Suite},
    template::{FunctionSettings, Place, Template},
};
use usher_tests::{
    apps::scim::RunningScimApp,
    client::{AppListing, JsonClient, ScimClient, eventually_ok},
};

use crate::{measure::Subject, programs::Program, tls};

/// How long the first seat may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running suite, whose services the measured programs use.
pub(crate) struct Stand {
    pub(crate) services: String,
    template: Template,
    events: BTreeMap<&'static str, Value>,
    pub(crate) folder: TempDir,
    _app: RunningScimApp,
}

impl Stand {
    pub(crate) async fn start(programs: &[Program]) -> Self {
        let folder = TempDir::new().unwrap();
        let beside = programs[0].path.parent().unwrap().to_owned();
        let lane = Lane::Processes(Programs::of(beside));
        let options = Options { port: 0, data: folder.path().join("data"), demo: false, lane };
        let suite = Suite::start(&options).await.unwrap();
        let (origin, access) = (suite.origin.clone(), suite.access.clone());
        let behind = suite.processes.clone().unwrap().services().to_owned();
        tokio::spawn(suite.serve(std::future::pending()));

        let app = RunningScimApp::start("app-token").await.unwrap();
        let scim = ScimClient::new(&format!("{origin}/scim/v2/{}", access.connection), &access.scim_token);
        let api = JsonClient::new(&format!("{origin}/api/v1"), &access.api_token);
        let person = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
        let team = scim.create_group("Marketing", &[&person]).await.unwrap().id().to_owned();
        let hub = hub(&api, &app, &team).await;
        let listing = AppListing::new(&app.base_url(), app.token());
        eventually_ok(PATIENCE, async || match listing.member("ada").await {
            Ok(Some(member)) if member.active => Ok(()),
            other => Err(format!("ada should be seated: {other:?}")),
        })
        .await;
        let first = async |path: &str| {
            let list = api.send(Method::GET, path, None).await.unwrap().json;
            list["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{path}: {list}")).to_owned()
        };
        let automation = first("/automations").await;
        let job = first(&format!("/automations/{automation}/jobs")).await;

        let path = format!("/scim/v2/{}/Users/{person}", access.connection);
        let message = |body: Value| {
            json!({"Records": [{"messageId": "m", "receiptHandle": "r", "body": body.to_string(), "attributes": {},
                "messageAttributes": {}, "eventSource": "aws:sqs"}]})
        };
        let events = BTreeMap::from([
            ("scim", request(&path, &access.scim_token)),
            ("console", request("/api/v1/integrations", &access.api_token)),
            ("planner", change(&person)),
            ("reconciler", json!({"source": "aws.scheduler"})),
            ("webhooks", message(json!({"workspace": "main", "endpoint": "gone", "delivery": "gone"}))),
            (
                "connector",
                message(json!({"workspace": "main", "integration": hub, "person": person, "job": job})),
            ),
        ]);
        let place = Place {
            origin,
            services: behind.clone(),
            parameters: [("LogLevel".to_owned(), "error".to_owned())].into(),
        };
        let template = Template::deployed(&place).unwrap();
        let address = behind.trim_start_matches("http://").to_owned();
        let services = tls::in_front_of(address, folder.path()).await;
        Self { services, template, events, folder, _app: app }
    }

    /// The deployed programs, each with an event of its kind.
    pub(crate) fn subjects(&self, programs: &[Program]) -> Vec<Subject> {
        let subject = |program: &Program| {
            let function = |(_, settings): &(&String, &FunctionSettings)| settings.binary == program.name;
            let (function, _) = self.template.functions.iter().find(function).unwrap();
            let kind = if program.name.starts_with("connector-") { "connector" } else { &program.name };
            self.subject(&program.name, function, &format!("'{}'", program.path.display()), kind, false)
        };
        programs.iter().map(subject).collect()
    }

    /// A program with a function's role, settings and event.
    pub(crate) fn subject(
        &self,
        name: &str,
        function: &str,
        command: &str,
        event: &str,
        rival: bool,
    ) -> Subject {
        let mut settings = self.template.functions[function].clone();
        let roots = self.folder.path().join("roots.pem").display().to_string();
        // How the authorities are told that are trusted: to rustls, Node.js and Python.
        for variable in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"] {
            settings.environment.insert(variable.to_owned(), roots.clone());
        }
        Subject {
            name: name.to_owned(),
            function: function.to_owned(),
            settings,
            command: command.to_owned(),
            services: self.services.clone(),
            event: self.events[event].clone(),
            rival,
        }
    }
}

/// A hub in the app, shared with the team.
async fn hub(api: &JsonClient, app: &RunningScimApp, team: &str) -> String {
    let hub = json!({
        "name": "The hub",
        "kind": "business_hub",
        "connector": "scim",
        "config": {"base_url": app.base_url(), "roles": {"as": "roles_attribute"}},
        "credentials": {"bearer_token": app.token()},
        "catalogue": {"roles": [{"key": "editor", "name": "Editor", "rank": 1}]},
    });
    let made = api.send(Method::POST, "/integrations", Some(&hub)).await.unwrap().ok().unwrap();
    let hub = made["integration"]["id"].as_str().unwrap().to_owned();
    let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
    let path = format!("/integrations/{hub}/shares/teams/{team}");
    api.send(Method::PUT, &path, Some(&share)).await.unwrap().ok().unwrap();
    hub
}

/// A request as the HTTP API hands it on.
fn request(path: &str, token: &str) -> Value {
    let http = json!({"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""});
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"authorization": format!("Bearer {token}"), "host": "localhost"},
        "requestContext": {"accountId": "0", "apiId": "a", "domainName": "localhost", "domainPrefix": "local",
            "http": http, "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_u64},
        "isBase64Encoded": false,
    })
}

/// That a person changed, as the stream tells it: the planner looks at the person's access once more.
fn change(person: &str) -> Value {
    let cause = Cause {
        actor: Actor::Usher,
        trigger: Trigger::Scim,
        correlation_id: "benchmark".to_owned(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let subject = Changed::Person { person: person.parse().unwrap(), left: Vec::new() };
    let change = Change::new("benchmark".parse().unwrap(), "main".parse().unwrap(), subject, cause);
    let document = serde_json::to_string(&change).unwrap();
    let image = json!({"type": {"S": "change"}, "doc": {"S": document}});
    json!({"Records": [{"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": image}}]})
}
