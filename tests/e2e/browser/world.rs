//! What the browser looks at: Usher as a process, with the demo's app, and somebody signed in.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{client::ScimClient, process::Usher};

use super::driver::Browser;

/// Usher with people and teams.
pub(super) struct World {
    pub(super) usher: Usher,
    /// The demo's hub.
    pub(super) hub: &'static str,
    pub(super) ada: String,
    pub(super) grace: String,
    pub(super) marketing: String,
    people: usize,
}

impl World {
    /// People and teams that nothing is shared with yet.
    pub(super) async fn new() -> Self {
        Self::of(0).await
    }

    /// The same, where so many people more are going to come.
    pub(super) async fn of(people: usize) -> Self {
        let usher = Usher::options().demo().start().await.unwrap();
        let scim = usher.scim();
        let person = async |name: &str, display: &str| {
            let rest = json!({"displayName": display, "emails": [{"value": format!("{name}@northwind.example"), "primary": true}]});
            scim.create_user(&format!("{name}@northwind.example"), &rest).await.unwrap().id().to_owned()
        };
        let ada = person("ada", "Ada Byron").await;
        let grace = person("grace", "Grace Hopper").await;
        person("edsger", "Edsger Wybe Dijkstra-van der Veen").await;
        let team = scim.create_group("Marketing", &[&ada, &grace]).await.unwrap();
        let marketing = team.id().to_owned();
        scim.create_group("Brand", &[]).await.unwrap();
        Self { usher, hub: "social", ada, grace, marketing, people }
    }

    /// How long what happens by itself may take, to all people.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(60) + Duration::from_millis(500) * u32::try_from(self.people).unwrap()
    }

    /// The identity provider.
    pub(super) fn scim(&self) -> ScimClient {
        self.usher.scim()
    }

    /// Asks the admin API.
    pub(super) async fn api(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        self.usher.api().send(method, path, body).await.unwrap().ok().unwrap()
    }

    /// A browser that is signed in.
    pub(super) async fn browser(&self) -> Browser {
        let ready = self.usher.ready();
        let browser = Browser::start(&ready.origin).await;
        browser.open(&ready.sign_in).await;
        browser.click("Sign in").await;
        browser.says("Needs attention").await;
        browser
    }
}
