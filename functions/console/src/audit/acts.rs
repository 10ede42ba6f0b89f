//! Which requests are acts, and what they are called: as the operations of the admin API, also where a page does the same.

use std::{collections::HashMap, sync::LazyLock};

use http::Method;
use usher_domain::id::IntegrationId;

use crate::openapi;

/// Somebody signed in.
pub(super) const SIGN_IN: &str = "signIn";

/// Where the admin API is.
const API: &str = "/api/v1";

/// Operations that ask by `POST` and change nothing.
const QUESTIONS: [&str; 2] = ["preview", "previewInIntegration"];

/// The forms of the pages: route, operation, and the address of the same thing in the admin API.
const FORMS: [(&str, &str, &str); 54] = [
    ("/automations/{automation}/{verdict}", "{verdict}Automation", "/automations/{automation}/{verdict}"),
    ("/automations/{automation}/retry", "retryAutomation", "/automations/{automation}/retry"),
    ("/automations/{automation}/cancel", "cancelAutomation", "/automations/{automation}/cancel"),
    ("/jobs/{job}/cancel", "cancelJob", "/jobs/{job}/cancel"),
    ("/jobs/{job}/retry", "retryJob", "/jobs/{job}/retry"),
    ("/jobs/{job}/{verdict}", "{verdict}Job", "/jobs/{job}/{verdict}"),
    ("/tasks/{task}/complete", "completeTask", "/tasks/{task}/complete"),
    ("/tasks/{task}/confirm", "confirmTask", "/tasks/{task}/confirm"),
    ("/tasks/{task}/send-back", "sendTaskBack", "/tasks/{task}/send-back"),
    (
        "/integrations/{integration}/held/{verdict}",
        "{verdict}Held",
        "/integrations/{integration}/held/{verdict}",
    ),
    ("/connections", "createConnection", "/connections"),
    ("/connections/{connection}/tokens", "rotateToken", "/connections/{connection}/tokens"),
    ("/integrations/new/{connector}", "createIntegration", "/integrations"),
    ("/integrations/{integration}/catalogue", "patchIntegration", "/integrations/{integration}"),
    ("/integrations/{integration}/app", "patchIntegration", "/integrations/{integration}"),
    // Whom it is shared with is in the form.
    ("/integrations/{integration}/share", "putTeamShare", "/integrations/{integration}/shares"),
    ("/integrations/{integration}/share/end", "deleteTeamShare", "/integrations/{integration}/shares"),
    ("/integrations/{integration}/settings", "patchIntegration", "/integrations/{integration}"),
    ("/integrations/{integration}/disconnect", "deleteIntegration", "/integrations/{integration}"),
    ("/integrations/{integration}/pause", "pauseIntegration", "/integrations/{integration}/pause"),
    ("/integrations/{integration}/resume", "resumeIntegration", "/integrations/{integration}/resume"),
    ("/integrations/{integration}/settings/sync", "patchIntegration", "/integrations/{integration}"),
    ("/integrations/{integration}/guards", "patchIntegration", "/integrations/{integration}"),
    ("/integrations/{integration}/sync", "startSync", "/integrations/{integration}/sync"),
    (
        "/integrations/{integration}/health-check",
        "startHealthCheck",
        "/integrations/{integration}/health-check",
    ),
    (
        "/people/{person}/access/{integration}/mark",
        "putMark",
        "/integrations/{integration}/people/{person}/mark",
    ),
    ("/teams", "createTeam", "/teams"),
    ("/teams/{team}", "patchTeam", "/teams/{team}"),
    ("/teams/{team}/people", "patchTeam", "/teams/{team}"),
    ("/teams/{team}/delete", "deleteTeam", "/teams/{team}"),
    ("/settings/members/{person}", "putMember", "/members/{person}"),
    ("/settings/members/{person}/remove", "deleteMember", "/members/{person}"),
    ("/settings/members/{person}/sign-out", "deleteSessionsOfMember", "/members/{person}/sessions"),
    ("/settings/members/{person}/sign-in-link", "createSignInLink", "/members/{person}/sign-in-links"),
    ("/settings/keys", "createApiKey", "/api-keys"),
    ("/settings/keys/{key}/revoke", "deleteApiKey", "/api-keys/{key}"),
    ("/settings/webhooks", "createWebhook", "/webhooks"),
    ("/settings/webhooks/{webhook}", "patchWebhook", "/webhooks/{webhook}"),
    ("/settings/webhooks/{webhook}/delete", "deleteWebhook", "/webhooks/{webhook}"),
    ("/settings/webhooks/{webhook}/secret", "rotateWebhookSecret", "/webhooks/{webhook}/secret"),
    ("/settings/webhooks/{webhook}/test", "testWebhook", "/webhooks/{webhook}/test"),
    (
        "/settings/webhooks/{webhook}/deliveries/{delivery}/resend",
        "resendDelivery",
        "/webhooks/{webhook}/deliveries/{delivery}/resend",
    ),
    ("/settings/sign-in", "putOpenIdProvider", "/sign-in/openid"),
    ("/settings/sign-in/end", "deleteOpenIdProvider", "/sign-in/openid"),
    ("/settings/sessions/{session}/end", "deleteSession", "/sessions/{session}"),
    ("/settings/sessions/end-all", "deleteSessionsOfMember", "/sessions"),
    // The rest of what a change would do.
    (
        "/integrations/{integration}/share/preview",
        "previewInIntegration",
        "/integrations/{integration}/preview",
    ),
    (
        "/integrations/{integration}/share/end/preview",
        "previewInIntegration",
        "/integrations/{integration}/preview",
    ),
    (
        "/integrations/{integration}/guards/preview",
        "previewInIntegration",
        "/integrations/{integration}/preview",
    ),
    (
        "/integrations/{integration}/disconnect/preview",
        "previewInIntegration",
        "/integrations/{integration}/preview",
    ),
    ("/teams/{team}/people/preview", "preview", "/preview"),
    ("/teams/{team}/delete/preview", "preview", "/preview"),
    // Whoever signs in or out stands for nobody yet, or not any more.
    ("/sign-in", "", ""),
    ("/sign-out", "", ""),
];

/// Whether an operation only asks.
pub(crate) fn is_question(operation: &str) -> bool {
    QUESTIONS.contains(&operation)
}

/// What a request is, as the audit log calls it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) operation: String,
    pub(super) target: String,
    pub(super) integration: Option<IntegrationId>,
}

/// The operations that change something: method and route, id and summary.
static OPERATIONS: LazyLock<HashMap<(Method, String), (String, String)>> = LazyLock::new(|| {
    openapi::writes().into_iter().map(|it| ((it.method, it.route), (it.id, it.summary))).collect()
});

/// The operation's name for people.
pub(crate) fn label(operation: &str) -> &str {
    static LABELS: LazyLock<HashMap<&str, &str>> =
        LazyLock::new(|| OPERATIONS.values().map(|(id, summary)| (id.as_str(), summary.as_str())).collect());
    if operation == SIGN_IN { "Sign in" } else { LABELS.get(operation).copied().unwrap_or(operation) }
}

/// Every act, with its name for people.
pub(crate) fn labels() -> Vec<(String, String)> {
    let writes = OPERATIONS.values().filter(|(id, _)| !is_question(id)).cloned();
    let mut all: Vec<_> = writes.chain([(SIGN_IN.to_owned(), "Sign in".to_owned())]).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

/// What a request is; `None` for one that changes nothing.
pub(super) fn of(method: &Method, route: &str, path: &str) -> Option<Done> {
    if let Some(below) = path.strip_prefix(API) {
        let known = OPERATIONS.get(&(method.clone(), route.to_owned()));
        let operation = known.map_or_else(|| format!("{method} {route}"), |(id, _)| id.clone());
        return (!is_question(&operation)).then(|| done(operation, below.to_owned()));
    }
    let form = FORMS.iter().find(|(form, ..)| *form == route);
    let (operation, target) = form.map_or_else(
        || (format!("{method} {route}"), path.to_owned()),
        |(_, operation, target)| {
            let named: Vec<_> =
                route.split('/').zip(path.split('/')).filter(|(name, _)| name.starts_with('{')).collect();
            let fill = |text: &str| {
                named.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
            };
            (fill(operation), fill(target))
        },
    );
    (!is_question(&operation)).then(|| done(operation, target))
}

fn done(operation: String, target: String) -> Done {
    let integration = target.strip_prefix("/integrations/").and_then(|rest| rest.split('/').next());
    let integration = integration.and_then(|id| id.parse().ok());
    Done { operation, target, integration }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, route: &str, path: &str) -> Option<(String, String, Option<String>)> {
        let done = super::of(&method, route, path)?;
        Some((done.operation, done.target, done.integration.map(String::from)))
    }

    #[test]
    fn an_act_is_named_as_in_the_api_whoever_does_it() {
        let api = "/api/v1/integrations/{integration}/pause";
        let by_api = of(Method::POST, api, "/api/v1/integrations/hub/pause");
        let by_page = of(Method::POST, "/integrations/{integration}/pause", "/integrations/hub/pause");
        let pause = Some(("pauseIntegration".into(), "/integrations/hub/pause".into(), Some("hub".into())));
        assert_eq!((by_api, by_page), (pause.clone(), pause));
        let verdict = of(Method::POST, "/jobs/{job}/{verdict}", "/jobs/j1/approve");
        assert_eq!(verdict, Some(("approveJob".into(), "/jobs/j1/approve".into(), None)));
        let question = "/api/v1/integrations/{integration}/preview";
        assert_eq!(of(Method::POST, question, "/api/v1/integrations/hub/preview"), None);
        let part = "/integrations/{integration}/disconnect/preview";
        assert_eq!(of(Method::POST, part, "/integrations/hub/disconnect/preview"), None);
        assert_eq!(label("pauseIntegration"), "Pause an integration");
    }

    /// A form without a line here would be in the log under its address.
    #[test]
    fn every_form_has_its_operation() {
        let pages = include_str!("../pages/mod.rs");
        let routes = pages.split(".route(").skip(1).filter(|route| route.contains("post("));
        let routes = routes.filter_map(|route| route.trim().strip_prefix('"')?.split('"').next());
        let mut missing: Vec<&str> =
            routes.filter(|route| !FORMS.iter().any(|(form, ..)| form == route)).collect();
        missing.sort_unstable();
        assert!(missing.is_empty(), "{missing:?}");
        for (route, operation, _) in FORMS.iter().filter(|(_, operation, _)| !operation.is_empty()) {
            for operation in ["approve", "reject"].map(|verdict| operation.replace("{verdict}", verdict)) {
                assert!(OPERATIONS.values().any(|(id, _)| *id == operation), "{route}: {operation}");
            }
        }
    }
}
