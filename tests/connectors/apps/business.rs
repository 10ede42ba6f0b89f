//! The simulated business apps, as the kit sees them.

use async_trait::async_trait;
use serde_json::Value;
use usher_connector::{Connector, Factory, Transport};
use usher_tests::apps::{
    Faults, Journal,
    business::{InvitationState, RunningBusinessApp, Vendor},
};

use crate::kit::{Fixture, Grant, InApp, Knowledge, connect, transport};

/// What differs from vendor to vendor.
pub(crate) struct Settings {
    pub(crate) vendor: &'static Vendor,
    pub(crate) factory: fn(Transport) -> Box<dyn Factory>,
    /// Whether the app is asked for pages of a size.
    pub(crate) sizes_pages: bool,
    pub(crate) bad_credentials: Value,
    pub(crate) secrets: &'static [&'static str],
    pub(crate) roles: [&'static str; 2],
    pub(crate) grant: Grant,
    pub(crate) acting_account: Option<&'static str>,
    pub(crate) after: fn(u64) -> Option<u64>,
    pub(crate) tells_totals: bool,
    pub(crate) tells_declined: bool,
}

pub(crate) struct BusinessFixture {
    app: RunningBusinessApp,
    settings: Settings,
}

impl BusinessFixture {
    pub(crate) async fn start(settings: Settings) -> Self {
        Self { app: RunningBusinessApp::start(settings.vendor).await.unwrap(), settings }
    }
}

#[async_trait]
impl Fixture for BusinessFixture {
    async fn connector(&self, page_size: u32) -> Box<dyn Connector> {
        // Where the app cannot be asked for a page's size, it has this one.
        self.app.app().change(|organisation| organisation.page_size = page_size as usize);
        let Settings { vendor, factory, sizes_pages, .. } = &self.settings;
        let mut config = (vendor.settings)(&self.app.base_url());
        if *sizes_pages {
            config["page_size"] = page_size.into();
        }
        connect(&*factory(transport()), config, &(vendor.credentials)()).await.unwrap()
    }

    async fn stranger(&self) -> usher_connector::Result<Box<dyn Connector>> {
        let config = (self.settings.vendor.settings)(&self.app.base_url());
        let factory = (self.settings.factory)(transport());
        connect(&*factory, config, &self.settings.bad_credentials).await
    }

    fn faults(&self) -> &Faults {
        self.app.app().faults()
    }

    fn journal(&self) -> &Journal {
        self.app.app().journal()
    }

    fn knowledge(&self) -> Knowledge {
        let settings = &self.settings;
        Knowledge {
            roles: settings.roles,
            grant: Some(settings.grant),
            secrets: settings.secrets,
            acting_account: settings.acting_account,
            after: settings.after,
            tells_totals: settings.tells_totals,
            tells_declined: settings.tells_declined,
        }
    }

    async fn in_app(&self, email: &str) -> Vec<InApp> {
        let organisation = self.app.app().organisation();
        let seen = organisation.seen(email).into_iter();
        seen.map(|seen| InApp {
            id: seen.id,
            pending: seen.invitation == Some(InvitationState::Pending),
            over: seen.invitation.is_some_and(|state| state != InvitationState::Pending),
            role: seen.role,
            on_asset: seen
                .assets
                .into_iter()
                .filter(|(id, _)| self.settings.grant.asset.ends_with(id.as_str()))
                .flat_map(|(_, permissions)| permissions)
                .collect(),
        })
        .collect()
    }

    async fn add(&self, email: &str) -> String {
        self.app.app().change(|organisation| organisation.add(email, "Ada Lovelace", self.settings.roles[0]))
    }

    async fn fill(&self, from: usize, count: usize) {
        let role = self.settings.roles[0];
        // One change: each keeps what was before it.
        self.app.app().change(|organisation| {
            for number in from..count {
                organisation.add(&format!("colleague{number}@example.org"), "Colleague", role);
            }
        });
    }

    fn accept(&self, email: &str) {
        assert!(self.app.app().change(|organisation| organisation.accept(email)), "no invitation to accept");
    }

    fn decline(&self, email: &str) {
        self.end(email, InvitationState::Declined);
    }

    fn expire(&self, email: &str) {
        self.end(email, InvitationState::Expired);
    }
}

impl BusinessFixture {
    fn end(&self, email: &str, state: InvitationState) {
        assert!(self.app.app().change(|organisation| organisation.end_invitation(email, state)));
    }
}
