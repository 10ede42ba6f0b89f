//! Each simulated vendor is driven by the vendor's own SDK through the same story as by our connector: whatever it
//! answers in another way than the vendor's own code understands fails here.

use usher_tests::{
    apps::{
        business::{RunningBusinessApp, Vendor},
        meta, pinterest, tiktok,
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
