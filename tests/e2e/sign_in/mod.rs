//! Signing in with the company's identity provider, and what a session is.

pub(crate) mod browser;
pub(crate) mod canaille;
mod flow;
pub(crate) mod provider;
mod refused;
mod sessions;
mod settings;

use serde_json::{Value, json};

use self::{
    browser::{Browser, Seen},
    provider::{Provider, SECRET},
};
use crate::access_patterns::world::World;

/// A workspace whose people sign in with a provider, and one Admin, Ada.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) provider: Provider,
    pub(crate) ada: String,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let (world, provider) = (World::new().await, Provider::start().await);
        let ada = colleague(&world, "ada").await;
        let scene = Self { world, provider, ada };
        scene.set(json!({})).await;
        scene.promote(&scene.ada, "admin").await;
        scene
    }

    /// Sets the provider, with something else than usual.
    async fn set(&self, other: Value) {
        let mut body = json!({"issuer": self.provider.issuer, "client_id": "usher", "client_secret": SECRET});
        for (name, value) in other.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self.world.api("PUT", "/sign-in/openid", body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn promote(&self, person: &str, role: &str) {
        let answer = self.world.api("PUT", &format!("/members/{person}"), json!({ "role": role })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn patch(&self, person: &str, operation: Value) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation],
        });
        let answer = self.world.scim("PATCH", &format!("/Users/{person}"), body).await;
        assert!(answer.status < 300, "{}", answer.body);
    }

    /// Begins to sign in: the address at the provider.
    async fn begin(&self, browser: &mut Browser<'_>, return_to: &str) -> reqwest::Url {
        let seen = browser.open(&format!("/sign-in/openid?workspace=main&return_to={return_to}")).await;
        reqwest::Url::parse(seen.location()).unwrap()
    }

    /// Comes back from the provider with a code.
    async fn come_back(&self, browser: &mut Browser<'_>, asked: &reqwest::Url, code: &str) -> Seen {
        browser.open(&format!("/sign-in/openid/callback?code={code}&state={}", state(asked))).await
    }

    /// The whole way, with these claims.
    pub(crate) async fn sign_in(&self, browser: &mut Browser<'_>, claims: Value) -> Seen {
        let asked = self.begin(browser, "/").await;
        let code = self.provider.grant(&asked, self.world.now(), claims);
        self.come_back(browser, &asked, &code).await
    }
}

/// Somebody of the directory.
async fn colleague(world: &World, name: &str) -> String {
    let user = json!({"userName": name, "active": true, "displayName": name,
        "emails": [{"value": format!("{name}@example.com"), "primary": true}]});
    world.scim("POST", "/Users", user).await.id()
}

fn state(asked: &reqwest::Url) -> String {
    asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}
