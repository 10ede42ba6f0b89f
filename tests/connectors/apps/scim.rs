use async_trait::async_trait;
use serde_json::json;
use usher_connector::Connector;
use usher_tests::{
    apps::{Faults, Journal, scim::RunningScimApp},
    client::{AppListing, ScimClient},
};

use crate::kit::{Fixture, InApp, Knowledge, connect, transport};

const TOKEN: &str = "scim-app-token";

pub(crate) struct ScimFixture(RunningScimApp);

impl ScimFixture {
    pub(crate) async fn start() -> Self {
        Self(RunningScimApp::start(TOKEN).await.unwrap())
    }

    async fn with_token(&self, page_size: u32, token: &str) -> usher_connector::Result<Box<dyn Connector>> {
        let config = json!({"base_url": self.0.base_url(), "roles": {"as": "roles_attribute"}, "page_size": page_size});
        let factory = usher_connector_scim::factory(transport());
        connect(&factory, config, &json!({"bearer_token": token})).await
    }
}

#[async_trait]
impl Fixture for ScimFixture {
    async fn connector(&self, page_size: u32) -> Box<dyn Connector> {
        self.with_token(page_size, TOKEN).await.unwrap()
    }

    async fn stranger(&self) -> usher_connector::Result<Box<dyn Connector>> {
        self.with_token(10, "of-last-year").await
    }

    fn faults(&self) -> &Faults {
        self.0.app().faults()
    }

    fn journal(&self) -> &Journal {
        self.0.app().journal()
    }

    fn knowledge(&self) -> Knowledge {
        Knowledge {
            roles: ["viewer", "editor"],
            grant: None,
            secrets: &[TOKEN],
            acting_account: None,
            after: Some,
            tells_totals: true,
            tells_declined: false,
        }
    }

    async fn in_app(&self, email: &str) -> Vec<InApp> {
        let members = AppListing::new(&self.0.base_url(), TOKEN).members().await.unwrap();
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
        let made = ScimClient::new(&self.0.base_url(), TOKEN).create_user(email, &json!({})).await.unwrap();
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
