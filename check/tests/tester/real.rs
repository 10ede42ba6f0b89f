//! A real server that nobody here wrote, and servers that cannot be checked.

use serde_json::json;
use usher_check::Outcome;
use usher_tests::{client::ScimClient, process::Scim2Server};

use crate::run;

#[tokio::test]
async fn a_real_server_is_judged_and_left_as_it_was() {
    let server = Scim2Server::start().await.unwrap();
    let client = ScimClient::new(server.base_url(), server.token());
    let ada = client.create_user("ada@example.com", &json!({"title": "Captain"})).await.unwrap();
    let group = client.create_group("Crew", &[ada.id()]).await.unwrap();

    let report = run(server.base_url(), server.token(), &[]).await;
    let total = report.total();
    assert!(total.applied() > 550 && total.percent() >= 85, "{total:?}");
    assert_eq!((total.blocked, report.leftovers.len()), (0, 0));
    assert!(!report.is_success(), "it is no friend of Entra ID");

    // It is strict: what it lacks is what identity providers ask for, not what the RFC says of PATCH and PUT.
    for group in report.groups().iter().filter(|group| group.group.starts_with("RFC 7644 §3.5.2.")) {
        assert_eq!(group.score.passed, group.score.applied(), "{group:?}");
    }
    for id in ["patch.entra-members-remove", "auth.raw-token", "validator.group-duplicate"] {
        assert!(report.ids("failed").contains(&id), "{id}");
    }
    assert!(report.ids("skipped").iter().all(|id| id.starts_with("cursor.") || id.starts_with("me.")));

    for failed in report.checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed { .. })) {
        let Outcome::Failed { failure } = &failed.outcome else { continue };
        assert!(failure.request.is_some() && !failure.expected.is_empty() && !failure.steps.is_empty());
    }
    let (text, json) = (report.to_string(), report.to_json().to_string());
    assert!(!text.contains(server.token()) && !json.contains(server.token()), "the token is in no report");
    assert!(text.contains("expected") && text.contains("because") && text.contains("RFC 7644 §3.5.2.1"));

    // Others' data is as it was, and nothing else is there.
    for (list, before) in [("Users", &ada), ("Groups", &group)] {
        let now = client.list(list, &[]).await.unwrap().ok().unwrap();
        assert_eq!(now["totalResults"], 1, "{now}");
        assert_eq!(now["Resources"][0], before.json);
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_checked_is_a_reason_not_a_score() {
    let server = Scim2Server::start().await.unwrap();
    let refused = run(server.base_url(), "another token", &[]).await;
    assert!(refused.stopped.as_ref().is_some_and(|reason| reason.contains("token")), "{refused}");
    assert!(!refused.is_success() && refused.checks.is_empty());

    let elsewhere = run(&format!("{}/nowhere", server.base_url()), server.token(), &[]).await;
    assert!(elsewhere.stopped.as_ref().is_some_and(|reason| reason.contains("/Users")), "{elsewhere}");

    let nobody = run("http://127.0.0.1:1/scim", "t", &[]).await;
    assert!(nobody.stopped.as_ref().is_some_and(|reason| reason.contains("no answer")), "{nobody}");
}
