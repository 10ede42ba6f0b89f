//! The real SCIM server and the clients that read it.

use serde_json::json;
use usher_tests::{
    client::{AppListing, ScimClient},
    process::Scim2Server,
};

#[tokio::test]
async fn a_real_app_is_read_as_it_is() {
    let server = Scim2Server::start().await.unwrap();
    let client = ScimClient::new(server.base_url(), server.token());
    let app = AppListing::new(server.base_url(), server.token());

    let ada = client.create_user("ada@example.com", &json!({"roles": [{"value": "editor"}]})).await.unwrap();
    assert_eq!(ada.status, 201, "{}", ada.text);
    let group = client.create_group("Marketing", &[ada.id()]).await.unwrap();
    assert_eq!(group.status, 201, "{}", group.text);

    let member = app.member("ada@example.com").await.unwrap().expect("ada has an account");
    assert_eq!(member.id, ada.id());
    assert!(member.active);
    assert!(member.roles.contains("editor"));
    assert!(member.groups.contains("Marketing"));

    let deactivate = json!([{"op": "replace", "path": "active", "value": false}]);
    let patched = client.patch("Users", ada.id(), &deactivate).await.unwrap();
    assert!(patched.status.is_success(), "{}", patched.text);
    assert!(app.active().await.unwrap().is_empty());

    assert_eq!(client.delete("Users", ada.id()).await.unwrap().status, 204);
    assert_eq!(app.members().await.unwrap(), []);
}

#[tokio::test]
async fn every_server_is_empty_and_keeps_its_token() {
    let (first, second) = (Scim2Server::start().await.unwrap(), Scim2Server::start().await.unwrap());
    let created =
        ScimClient::new(first.base_url(), first.token()).create_user("ada", &json!({})).await.unwrap();
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(AppListing::new(second.base_url(), second.token()).members().await.unwrap(), []);
    assert!(AppListing::new(first.base_url(), "another token").members().await.is_err());
}
