//! Signing in with a real identity provider, in a real browser, and what becomes of it when the provider deactivates somebody.

use reqwest::Method;
use serde_json::json;
use usher_tests::process::{Canaille, Usher};

use super::driver::Browser;
use crate::sign_in::canaille::Company;

#[tokio::test]
async fn a_person_signs_in_sees_what_the_role_allows_and_is_signed_out_by_deactivation() {
    let usher = Usher::options().demo().start().await.unwrap();
    let mut company = Company::new(usher, "admin").await;
    let browser = Browser::start(&company.usher.ready().origin).await;

    // Whoever is not signed in says their workspace, goes through the provider's own pages, and arrives where they wanted.
    browser.open("/people").await;
    browser.says("You are not signed in").await;
    browser.fill("workspace", "demo").await;
    browser.click("Continue").await;
    browser.click("Continue with 127.0.0.1").await;
    browser.fill_when_there("login", "ada").await;
    browser.click("Continue").await;
    browser.fill_when_there("password", Canaille::PASSWORD).await;
    browser.click("Sign in").await;
    browser.arrives_at("/people").await;

    // An Admin sees the log and the people, and neither connections nor how people sign in.
    let text = browser.text().await;
    assert!(text.contains("Automation Log") && !text.contains("Identity providers"), "{text}");
    browser.open("/settings").await;
    browser.arrives_at("/settings/sessions").await;
    browser.says("With the identity provider").await;
    assert!(!browser.text().await.contains("Sign-in"));
    browser.open("/connections").await;
    browser.says("Not allowed").await;

    // Promoted, without signing in again.
    let ada = company.person("ada").await;
    company.api(Method::PUT, &format!("/members/{ada}"), Some(json!({"role": "super_admin"}))).await;
    browser.open("/settings/sign-in").await;
    browser.says("At the identity provider").await;
    browser.says("Identity providers").await;

    // A page that is open notices too.
    browser.open("/automations").await;
    browser.says("Automation Log").await;
    company.canaille.lock_user("ada").await.unwrap();
    browser.says("You are not signed in").await;
    browser.open("/people").await;
    browser.says("You are not signed in").await;

    // Back again, still known at the provider; signing out ends that too.
    company.canaille.unlock_user("ada").await.unwrap();
    browser.open("/sign-in?workspace=demo").await;
    browser.click("Continue with 127.0.0.1").await;
    browser.arrives_at("/").await;
    browser.click("Sign out").await;
    browser.arrives_at("/sign-in").await;
    browser.says("Sign in to demo").await;
    browser.click("Continue with 127.0.0.1").await;
    browser.fill_when_there("login", "ada").await;
    browser.close().await;
}
