//! Each simulated vendor is driven by the vendor's own SDK, or checked against the vendor's own description, through the same story as by our connector: whatever it
//! answers in another way than the vendor's own code understands fails here.

use usher_tests::{
    apps::{
        adobe,
        business::{RunningBusinessApp, Vendor},
        github, google, hubspot, meta, pinterest, tiktok,
    },
    process::run_python,
};

/// Runs the story of a vendor's SDK.
async fn story(vendor: &'static Vendor, arguments: &[&str]) {
    let app = RunningBusinessApp::start(vendor).await.unwrap();
    let script = format!("vendor_{}.py", vendor.key);
    run_python("vendors", &script, &[&[app.origin().as_str()], arguments].concat()).await.unwrap();
}

#[tokio::test]
async fn adobes_client_gets_along_with_the_simulated_adobe() {
    story(&adobe::ADOBE, &[adobe::ORGANIZATION, adobe::CLIENT, adobe::CLIENT_SECRET]).await;
}

/// GitHub has no typed SDK of its own; it publishes what every call is answered with.
#[tokio::test]
async fn the_simulated_github_answers_as_githubs_api_description_and_schema_say() {
    let app = RunningBusinessApp::start(&github::GITHUB).await.unwrap();
    let origin = app.origin();
    let arguments = [origin.as_str(), github::ORGANIZATION, github::OWNER_TOKEN];
    run_python("specs", "vendor_github.py", &arguments).await.unwrap();
}

/// Google Ads' SDK speaks gRPC: its own messages are written and read as JSON.
#[tokio::test]
async fn googles_clients_get_along_with_the_simulated_google() {
    let arguments = [google::CUSTOMER, google::MANAGER, google::TAG_MANAGER_ACCOUNT, google::ACCESS_TOKEN];
    story(&google::GOOGLE, &arguments).await;
}

#[tokio::test]
async fn hubspots_sdk_gets_along_with_the_simulated_hubspot() {
    story(&hubspot::HUBSPOT, &[hubspot::TOKEN]).await;
}

#[tokio::test]
async fn metas_sdk_gets_along_with_the_simulated_meta() {
    story(&meta::META, &[meta::BUSINESS, meta::TOKEN, meta::APP_SECRET]).await;
}

#[tokio::test]
async fn pinterests_sdk_gets_along_with_the_simulated_pinterest() {
    story(&pinterest::PINTEREST, &[pinterest::BUSINESS, pinterest::ACCESS_TOKEN]).await;
}

#[tokio::test]
async fn tiktoks_sdk_gets_along_with_the_simulated_tiktok() {
    story(&tiktok::TIKTOK, &[tiktok::BUSINESS_CENTER, tiktok::TOKEN]).await;
}
