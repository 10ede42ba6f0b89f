//! Apps that do not tell whose the credentials are: an admin does, by the setting `acts_as`.

use serde_json::Value;
use usher_connector::{Class, Connector, Factory};
use usher_tests::apps::{
    business::{FOUNDER, RunningBusinessApp, Vendor},
    google::GOOGLE,
    pinterest::PINTEREST,
    tiktok::TIKTOK,
};

use crate::kit::{connect, transport};

fn apps() -> [(&'static Vendor, Box<dyn Factory>); 3] {
    [
        (&GOOGLE, Box::new(usher_connector_google::factory(transport()))),
        (&PINTEREST, Box::new(usher_connector_pinterest::factory(transport()))),
        (&TIKTOK, Box::new(usher_connector_tiktok::factory(transport()))),
    ]
}

async fn acting_as(
    app: &RunningBusinessApp,
    factory: &dyn Factory,
    named: impl Into<Value>,
) -> Box<dyn Connector> {
    let mut settings = (app.app().vendor().settings)(&app.base_url());
    settings["acts_as"] = named.into();
    connect(factory, settings, &(app.app().vendor().credentials)()).await.unwrap()
}

#[tokio::test]
async fn the_member_is_named_by_address_or_id() {
    for (vendor, factory) in apps() {
        let app = RunningBusinessApp::start(vendor).await.unwrap();
        let organisation = app.app().organisation();
        let founder = &organisation.people()[0];
        assert_eq!(founder.email, FOUNDER);
        for named in [FOUNDER.to_uppercase(), founder.id.clone()] {
            let connector = acting_as(&app, &*factory, named).await;
            assert_eq!(connector.acting_account().await.unwrap().as_ref(), Some(&founder.id));
            assert_eq!(connector.probe().await.unwrap().acting_account.as_ref(), Some(&founder.id));
        }
        let unnamed = acting_as(&app, &*factory, Value::Null).await;
        assert_eq!(unnamed.acting_account().await.unwrap(), None);
        assert_eq!(unnamed.probe().await.unwrap().acting_account, None);
    }
}

/// Then it is not known whom to spare: nothing may be taken away, and the health check says what to do.
#[tokio::test]
async fn a_name_that_nobody_has_is_an_error() {
    for (vendor, factory) in apps() {
        let app = RunningBusinessApp::start(vendor).await.unwrap();
        let connector = acting_as(&app, &*factory, "nobody@acme.example").await;
        for error in [connector.acting_account().await.unwrap_err(), connector.probe().await.unwrap_err()] {
            assert_eq!(error.class(), Class::Invalid);
            assert!(error.message().contains("`acts_as`") && !error.message().contains("nobody@"), "{error}");
        }
    }
}
