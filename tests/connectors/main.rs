//! The connector kit: what every connector must do, each against its simulated app, and each simulated app against the
//! vendor's own SDK. A new connector adds a file under `apps` and two lines here.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod apps;
mod catalogue;
mod kit;
mod particulars;
mod sdk;
mod setup;
mod through_usher;
mod tokens;

use kit::kit;

kit!(scim, apps::scim::ScimFixture::start().await);
kit!(adobe, apps::adobe::fixture().await);
kit!(github, apps::github::fixture().await);
kit!(google, apps::google::fixture().await);
kit!(hubspot, apps::hubspot::fixture().await);
kit!(meta, apps::meta::fixture().await);
kit!(pinterest, apps::pinterest::fixture().await);
kit!(rest, apps::rest::fixture().await);
kit!(tiktok, apps::tiktok::fixture().await);
