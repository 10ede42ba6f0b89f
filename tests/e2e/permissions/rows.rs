//! Every operation of the admin API, and who may use it. A new operation needs a line here: the test names those that
//! have none.

use serde_json::{Value, json};

/// Who may use an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Everybody who is known.
    Everybody,
    /// The Owner and Super Admins.
    Workspace,
    /// And Admins.
    Admins,
    /// And the hub's Owner.
    HubOwner,
    /// And the hub's Manager.
    HubManager,
    /// Those who manage some hub; what they see is their own. Others are refused.
    AnyHubManager,
}

/// One operation: its id, who may use it, and a request that is good for whoever may. In a path, `{hub}`, `{job}`,
/// `{automation}`, `{connection}`, `{team}`, `{person}` and `{issuer}` are there; `{new hub}`, `{new team}`, `{new client}`, `{new token}`, `{new key}`,
/// `{new member}`, `{new session}`, `{new webhook}`, `{new delivery}` (of the webhook that was made last), `{shared team}` and `{shared person}` are made for each call, because it may take them away.
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    pub(crate) who: Who,
    pub(crate) request: (&'static str, &'static str),
    pub(crate) body: Value,
}

fn row(operation: &'static str, who: Who, method: &'static str, path: &'static str, body: Value) -> Row {
    Row { operation, who, request: (method, path), body }
}

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    use Who::*;
    let none = || Value::Null;
    let share = || json!({"app_access": {"kind": "invite", "roles": ["viewer"]}});
    vec![
        row("getMe", Everybody, "GET", "/me", none()),
        row("getWorkspace", Admins, "GET", "/workspace", none()),
        row("patchWorkspace", Workspace, "PATCH", "/workspace", json!({"name": "Main"})),
        row("getUsage", AnyHubManager, "GET", "/usage", none()),
        row("listAudit", AnyHubManager, "GET", "/audit", none()),
        row("listMembers", Workspace, "GET", "/members", none()),
        row("putMember", Workspace, "PUT", "/members/{new member}", json!({"role": "admin"})),
        row("deleteMember", Workspace, "DELETE", "/members/{new member}", none()),
        row("createSignInLink", Workspace, "POST", "/members/{person}/sign-in-links", none()),
        row("deleteSessionsOfMember", Workspace, "DELETE", "/members/{person}/sessions", none()),
        row("deleteIdentityOfMember", Workspace, "DELETE", "/members/{person}/identity", none()),
        row("listSessions", Everybody, "GET", "/sessions", none()),
        row("deleteSession", Workspace, "DELETE", "/sessions/{new session}", none()),
        row("getSignIn", Workspace, "GET", "/sign-in", none()),
        row("putOpenIdProvider", Workspace, "PUT", "/sign-in/openid", json!({"issuer": "{issuer}", "client_id": "usher"})),
        row("deleteOpenIdProvider", Workspace, "DELETE", "/sign-in/openid", none()),
        row("listApiKeys", Workspace, "GET", "/api-keys", none()),
        row("createApiKey", Workspace, "POST", "/api-keys", json!({"name": "A key", "role": "user"})),
        row("deleteApiKey", Workspace, "DELETE", "/api-keys/{new key}", none()),
        row("listWebhooks", Workspace, "GET", "/webhooks", none()),
        row("createWebhook", Workspace, "POST", "/webhooks", json!({"name": "Pager", "url": "https://pager.example/", "events": ["job.held"]})),
        row("getWebhook", Workspace, "GET", "/webhooks/{new webhook}", none()),
        row("patchWebhook", Workspace, "PATCH", "/webhooks/{new webhook}", json!({"name": "The pager"})),
        row("deleteWebhook", Workspace, "DELETE", "/webhooks/{new webhook}", none()),
        row("rotateWebhookSecret", Workspace, "POST", "/webhooks/{new webhook}/secret", none()),
        row("testWebhook", Workspace, "POST", "/webhooks/{new webhook}/test", none()),
        row("listDeliveries", Workspace, "GET", "/webhooks/{new webhook}/deliveries", none()),
        row("resendDelivery", Workspace, "POST", "/webhooks/{new webhook}/deliveries/{new delivery}/resend", none()),
        row("listConnections", Workspace, "GET", "/connections", none()),
        row("createConnection", Workspace, "POST", "/connections", json!({"name": "Another"})),
        row("getConnection", Workspace, "GET", "/connections/{connection}", none()),
        row("patchConnection", Workspace, "PATCH", "/connections/{connection}", json!({"name": "The provider"})),
        row("getSchemas", Workspace, "GET", "/connections/{connection}/schemas", none()),
        row("putSchemas", Workspace, "PUT", "/connections/{connection}/schemas", json!({"schemas": [], "resourceTypes": []})),
        row("deleteSchemas", Workspace, "DELETE", "/connections/{connection}/schemas", none()),
        row("rotateToken", Workspace, "POST", "/connections/{connection}/tokens", json!({"overlap_seconds": 0})),
        row("deleteToken", Workspace, "DELETE", "/connections/{connection}/tokens/{new token}", none()),
        row("revokeTokens", Workspace, "DELETE", "/connections/{connection}/tokens", none()),
        row("listClients", Workspace, "GET", "/connections/{connection}/clients", none()),
        row("createClient", Workspace, "POST", "/connections/{connection}/clients", json!({"name": "Robot", "authentication": "client_secret"})),
        row("deleteClient", Workspace, "DELETE", "/connections/{connection}/clients/{new client}", none()),
        row("getAdmission", Workspace, "GET", "/connections/{connection}/admission", none()),
        row("putAdmission", Workspace, "PUT", "/connections/{connection}/admission", json!({"requests_per_second": 100})),
        row("listPeople", AnyHubManager, "GET", "/connections/{connection}/people", none()),
        row("listTeams", AnyHubManager, "GET", "/connections/{connection}/teams", none()),
        row("listUserManagedTeams", AnyHubManager, "GET", "/teams", none()),
        row("createTeam", Admins, "POST", "/teams", json!({"name": "Launch crew"})),
        row("getTeam", AnyHubManager, "GET", "/teams/{team}", none()),
        row("patchTeam", Admins, "PATCH", "/teams/{new team}", json!({"add": ["{person}"]})),
        row("deleteTeam", Admins, "DELETE", "/teams/{new team}", none()),
        row("listTeamMembers", AnyHubManager, "GET", "/teams/{team}/members", none()),
        row("listIntegrations", AnyHubManager, "GET", "/integrations", none()),
        row("createIntegration", Admins, "POST", "/integrations", json!({"name": "Another", "kind": "business_hub", "connector": "scim", "config": {"base_url": "https://app.example/scim/v2"}})),
        row("getIntegration", HubManager, "GET", "/integrations/{hub}", none()),
        row("patchIntegration", HubOwner, "PATCH", "/integrations/{hub}", json!({"name": "The hub"})),
        row("deleteIntegration", Admins, "DELETE", "/integrations/{new hub}?people=leave", none()),
        row("pauseIntegration", HubOwner, "POST", "/integrations/{hub}/pause", none()),
        row("resumeIntegration", HubOwner, "POST", "/integrations/{hub}/resume", none()),
        row("listShares", HubManager, "GET", "/integrations/{hub}/shares", none()),
        row("putTeamShare", HubManager, "PUT", "/integrations/{hub}/shares/teams/{team}", share()),
        row("deleteTeamShare", HubManager, "DELETE", "/integrations/{hub}/shares/teams/{shared team}", none()),
        row("putPersonShare", HubManager, "PUT", "/integrations/{hub}/shares/people/{person}", share()),
        row("deletePersonShare", HubManager, "DELETE", "/integrations/{hub}/shares/people/{shared person}", none()),
        row("listAccess", HubManager, "GET", "/integrations/{hub}/access", none()),
        row("explainAccess", HubManager, "GET", "/integrations/{hub}/people/{person}/explain", none()),
        row("previewInIntegration", HubManager, "POST", "/integrations/{hub}/preview", json!({"change": {"kind": "deactivate_person", "person": "{person}"}})),
        row("preview", AnyHubManager, "POST", "/preview", json!({"change": {"kind": "deactivate_person", "person": "{person}"}})),
        row("startSync", HubOwner, "POST", "/integrations/{hub}/sync", none()),
        row("getSync", HubManager, "GET", "/integrations/{hub}/sync", none()),
        row("startHealthCheck", HubOwner, "POST", "/integrations/{hub}/health-check", none()),
        row("listDrift", HubManager, "GET", "/integrations/{hub}/drift", none()),
        row("resendInvitation", HubManager, "POST", "/integrations/{hub}/people/{person}/resend-invitation", none()),
        row("listActivity", HubManager, "GET", "/integrations/{hub}/activity", none()),
        row("listAutomations", AnyHubManager, "GET", "/automations", none()),
        row("getAutomation", HubManager, "GET", "/automations/{automation}", none()),
        row("listJobs", HubManager, "GET", "/automations/{automation}/jobs", none()),
        row("getJob", HubManager, "GET", "/jobs/{job}", none()),
        row("cancelJob", HubOwner, "POST", "/jobs/{job}/cancel", none()),
        row("retryAutomation", HubManager, "POST", "/automations/{automation}/retry", none()),
        row("cancelAutomation", HubOwner, "POST", "/automations/{automation}/cancel", none()),
        row("listTasks", Everybody, "GET", "/tasks", none()),
        row("getTask", HubManager, "GET", "/tasks/{job}", none()),
        row("completeTask", HubManager, "POST", "/tasks/{job}/complete", json!({"evidence": "Done"})),
        row("confirmTask", HubManager, "POST", "/tasks/{job}/confirm", none()),
        row("sendTaskBack", HubManager, "POST", "/tasks/{job}/send-back", json!({"reason": "Not done"})),
        row("retryJob", HubManager, "POST", "/jobs/{job}/retry", none()),
        row("putMark", HubOwner, "PUT", "/integrations/{hub}/people/{person}/mark", json!({"kind": "protected", "reason": "a test"})),
        row("deleteMark", HubOwner, "DELETE", "/integrations/{hub}/people/{person}/mark", none()),
        row("approveJob", HubOwner, "POST", "/jobs/{job}/approve", none()),
        row("rejectJob", HubOwner, "POST", "/jobs/{job}/reject", none()),
        row("approveAutomation", HubOwner, "POST", "/automations/{automation}/approve", none()),
        row("rejectAutomation", HubOwner, "POST", "/automations/{automation}/reject", none()),
        row("approveHeld", HubOwner, "POST", "/integrations/{hub}/held/approve", none()),
        row("rejectHeld", HubOwner, "POST", "/integrations/{hub}/held/reject", none()),
    ]
}
