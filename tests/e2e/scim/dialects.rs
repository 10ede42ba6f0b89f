//! What a connection's protocol switches: its dialect, members who are no users, and what is announced.

use serde_json::json;
use usher_domain::{
    directory::Connection,
    protocol::{Protocol, UnknownMembers},
};
use usher_scim::Dialect;

use super::{Service, TOKEN, filtered, members, set};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

async fn speaking(protocol: Protocol) -> Service {
    let service = Service::new().await;
    service.replace(&Connection { protocol, ..service.connection("main.okta", &[TOKEN]) }).await;
    service
}

/// Each row of the table of dialects has its fixtures with the protocol's core; here it is seen that every kind of request is
/// read in the connection's own.
#[tokio::test]
async fn a_request_is_read_in_the_dialect_of_its_connection() {
    for (dialect, strict, merges) in
        [(Dialect::Tolerant, false, true), (Dialect::Rfc, true, true), (Dialect::InteropStrict, true, false)]
    {
        let service = speaking(Protocol { dialect, ..Protocol::default() }).await;
        let wanted = |lenient: u16| if strict { 400 } else { lenient };
        let exact = json!({"schemas": [USER], "userName": "ada", "name": {"givenName": "Ada"}});
        let made = service.json("POST", "/Users", exact).await;
        assert_eq!(made.status, 201, "{dialect}: {made:?}");
        let path = format!("/Users/{}", made.id());
        let body = json!({"schemas": [USER], "userName": "bob", "active": "True"});
        assert_eq!(service.json("POST", "/Users", body).await.status, wanted(201), "{dialect}: a body");
        let unnamed = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
        assert_eq!(service.json("PATCH", &path, unnamed).await.status, wanted(200), "{dialect}: a PATCH");
        let bare = filtered("/Users", "userName eq ada");
        assert_eq!(service.get(&bare).await.status, wanted(200), "{dialect}: a filter");
        let search = json!({"filter": "userName eq \"ada\""});
        assert_eq!(
            service.json("POST", "/Users/.search", search).await.status,
            wanted(200),
            "{dialect}: a search"
        );
        let name = json!({"schemas": [PATCH],
            "Operations": [{"op": "replace", "path": "name", "value": {"familyName": "Byron"}}]});
        let named = service.json("PATCH", &path, name).await.ok(200);
        assert_eq!(named["name"].get("givenName").is_some(), merges, "{dialect}: {named}");
        let bare = service.with("GET", "/Users", &[("authorization", TOKEN)], "").await;
        assert_eq!(bare.status, if strict { 401 } else { 200 }, "{dialect}: a token without its scheme");
        let config = service.get("/ServiceProviderConfig").await.ok(200);
        assert_eq!(config.get("interopProfileConformant").is_some(), dialect == Dialect::InteropStrict);
    }
}

/// Clients that know only RFC 7643 reject the announcement; the cursors work with and without.
#[tokio::test]
async fn cursors_are_announced_to_who_asked_for_it() {
    for announces_cursors in [false, true] {
        let service = speaking(Protocol { announces_cursors, ..Protocol::default() }).await;
        let config = service.get("/ServiceProviderConfig").await.ok(200);
        assert_eq!(config["pagination"]["cursor"].as_bool(), announces_cursors.then_some(true));
        assert_eq!(
            (&config["sort"]["supported"], &config["bulk"]["supported"]),
            (&json!(true), &json!(true))
        );
        service.get("/Users?cursor=").await.ok(200);
    }
}

#[tokio::test]
async fn members_who_are_no_users_are_refused_or_left_out() {
    for unknown_members in [UnknownMembers::Refuse, UnknownMembers::Skip] {
        let service = speaking(Protocol { unknown_members, ..Protocol::default() }).await;
        let skips = unknown_members == UnknownMembers::Skip;
        let ada = service.user("ada").await;
        let path = format!("/Groups/{}", service.group("G", &[]).await);
        let strangers = json!([{"value": ada}, {"value": "nobody"}, {"value": "no id at all"}]);
        let mut many: Vec<_> = (0..120).map(|n| json!({"value": format!("stranger-{n}")})).collect();
        many.push(json!({"value": ada}));
        let many = json!({"op": "add", "path": "members", "value": many});
        for (what, answer) in [
            (
                "POST",
                service.json("POST", "/Groups", json!({"displayName": "H", "members": strangers})).await,
            ),
            ("add", service.patch(&path, json!({"op": "add", "path": "members", "value": strangers})).await),
            (
                "replace",
                service.patch(&path, json!({"op": "replace", "path": "members", "value": strangers})).await,
            ),
            ("many", service.patch(&path, many).await),
            ("PUT", service.json("PUT", &path, json!({"displayName": "G", "members": strangers})).await),
        ] {
            if skips {
                assert!(answer.status < 300, "{what}: {answer:?}");
                assert_eq!(members(&answer.body), set(&[&ada]), "{what}");
            } else {
                assert_eq!(answer.error(), (400, "invalidValue"), "{what}");
            }
        }
        let only = service
            .patch(&path, json!({"op": "add", "path": "members", "value": [{"value": "nobody"}]}))
            .await;
        assert_eq!(only.status, if skips { 200 } else { 400 });
        let members = members(&service.get(&path).await.ok(200));
        assert_eq!(members, if skips { set(&[&ada]) } else { set(&[]) });
    }
}
