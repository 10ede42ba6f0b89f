//! The story of an admin, from signing in to a deprovisioned colleague.

use reqwest::Method;
use serde_json::json;

use super::world::World;

#[tokio::test]
async fn an_admin_shares_watches_explains_and_deprovisions() {
    let world = World::new().await;
    let browser = world.browser().await;

    // Sharing tells first what it does, and only then does it.
    browser.open("/integrations/social/shares").await;
    browser.says("Shared with nobody yet").await;
    browser.click("Share").await;
    browser.click("Marketing").await;
    browser.says("What this would do").await;
    browser.click("Editor").await;
    browser.says("no seat → Editor").await;
    browser.says("Share with Marketing: 2 added").await;
    let shares = format!("/integrations/{}/shares", world.hub);
    let none = world.api(Method::GET, &shares, None).await;
    assert_eq!(none["items"], json!([]), "a preview changes nothing");
    browser.click("Share with Marketing: 2 added").await;
    browser.says("Editor").await;
    browser.arrives_at("/integrations/social/shares").await;

    // The log moves by itself, also for what the identity provider does meanwhile.
    browser.open("/automations").await;
    browser.says("Completed").await;
    let scim = world.usher.scim();
    let colleague =
        scim.create_user("hedy@northwind.example", &json!({"displayName": "Hedy Lamarr"})).await.unwrap();
    let join = json!([{"op": "add", "path": "members", "value": [{"value": colleague.id()}]}]);
    scim.patch("Groups", &world.marketing, &join).await.unwrap();
    browser.says("Identity provider").await;

    // Why somebody has access.
    browser.open("/people?q=hedy").await;
    browser.click("Hedy Lamarr").await;
    browser.click("Explain access to Acme Social").await;
    browser.says("Counts").await;
    browser.says("team “Marketing” → share of Acme Social").await;

    // Who is deactivated leaves at once.
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    scim.patch("Users", colleague.id(), &off).await.unwrap();
    browser.open("/integrations/social/access?state=removed").await;
    browser.says("Hedy Lamarr").await;

    // Ending the share names who loses the seat, in numbers.
    browser.open("/integrations/social/shares").await;
    browser.click("End the share with Marketing").await;
    browser.says("End the share: 2 removed").await;
    browser.says("Ada Byron").await;
    browser.click("End the share: 2 removed").await;
    browser.says("Shared with nobody yet").await;
    browser.close().await;
}

/// Whoever sets up an identity provider sees its first call come.
#[tokio::test]
async fn a_connection_is_made_and_noticed() {
    let world = World::new().await;
    let browser = world.browser().await;
    browser.open("/connections/new").await;
    browser.fill("name", "Okta, production").await;
    browser.click("Make the connection").await;
    browser.says("Copy the token now").await;
    let text = browser.text().await;
    let word =
        |prefix: &str| text.split_whitespace().find(|word| word.starts_with(prefix)).unwrap().to_owned();
    let (base_url, token) = (word("http"), word("usher_scim_"));
    browser.click("Go on to Okta").await;
    browser.says("Waiting for the first call").await;
    let okta = usher_tests::client::ScimClient::new(&base_url, &token);
    okta.list("Users", &[("count", "1")]).await.unwrap().ok().unwrap();
    browser.says("The first call came at").await;
    assert!(!browser.text().await.contains(&token), "a token is shown once");
    browser.close().await;
}
