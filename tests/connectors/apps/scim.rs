use async_trait::async_trait;
use serde_json::{Value, json};
use usher_connector::Connector;
use usher_tests::{
    apps::{
        Faults, Journal,
        scim::{ACCOUNT, CLIENT, CLIENT_SECRET, RunningScimApp, TOKEN_PATH},
    },
    client::{AppListing, ScimClient},
};

use crate::kit::{Fixture, InApp, Knowledge, connect, transport};

const TOKEN: &str = "scim-app-token";

pub(crate) struct ScimFixture {
    app: RunningScimApp,
    /// Whether the connector is a client that gets its tokens itself.
    as_client: bool,
}

impl ScimFixture {
    pub(crate) async fn start() -> Self {
        Self { app: RunningScimApp::start(TOKEN).await.unwrap(), as_client: false }
    }

    /// Of an app whose tokens a client gets.
    pub(crate) async fn of_a_client() -> Self {
        Self { as_client: true, ..Self::start().await }
    }

    fn base_url(&self) -> String {
        self.app.base_url()
    }

    async fn with(&self, page_size: u32, credentials: &Value) -> usher_connector::Result<Box<dyn Connector>> {
        let origin = self.base_url().replace("/scim/v2", "");
        let config = json!({
            "base_url": self.base_url(),
            "roles": {"as": "roles_attribute"},
            "page_size": page_size,
            "token_url": format!("{origin}{TOKEN_PATH}"),
            "token_grant": "account_credentials",
            "token_parameters": {"account_id": ACCOUNT},
        });
        connect(&usher_connector_scim::factory(transport()), config, credentials).await
    }
}

#[async_trait]
impl Fixture for ScimFixture {
    async fn connector(&self, page_size: u32) -> Box<dyn Connector> {
        let credentials = match self.as_client {
            true => json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET}),
            false => json!({"bearer_token": TOKEN}),
        };
        self.with(page_size, &credentials).await.unwrap()
    }

    async fn stranger(&self) -> usher_connector::Result<Box<dyn Connector>> {
        let old = "of-last-year";
        let credentials = match self.as_client {
            true => json!({"client_id": CLIENT, "client_secret": old}),
            false => json!({"bearer_token": old}),
        };
        self.with(10, &credentials).await
    }

    fn faults(&self) -> &Faults {
        self.app.app().faults()
    }

    fn journal(&self) -> &Journal {
        self.app.app().journal()
    }

    fn knowledge(&self) -> Knowledge {
        Knowledge {
            roles: ["viewer", "editor"],
            grant: None,
            secrets: &[TOKEN, CLIENT_SECRET],
            acting_account: None,
            after: Some,
            tells_totals: true,
            tells_declined: false,
        }
    }

    async fn in_app(&self, email: &str) -> Vec<InApp> {
        let members = AppListing::new(&self.base_url(), TOKEN).members().await.unwrap();
        let members = members.into_iter().filter(|member| member.user_name.eq_ignore_ascii_case(email));
        members
            .map(|member| InApp {
                id: member.id,
                pending: false,
                over: false,
                role: member.roles.into_iter().next().unwrap_or_default(),
                on_asset: Default::default(),
            })
            .collect()
    }

    async fn add(&self, email: &str) -> String {
        let made = ScimClient::new(&self.base_url(), TOKEN).create_user(email, &json!({})).await.unwrap();
        made.id().to_owned()
    }

    fn accept(&self, _: &str) {
        panic!("a SCIM app invites nobody");
    }

    fn decline(&self, _: &str) {
        panic!("a SCIM app invites nobody");
    }

    fn expire(&self, _: &str) {
        panic!("a SCIM app invites nobody");
    }
}
