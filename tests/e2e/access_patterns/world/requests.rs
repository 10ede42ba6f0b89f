//! What clients, admins and browsers ask of the world.

use super::*;

impl World {
    /// A SCIM request, as the identity provider sends it.
    pub(crate) async fn scim(&self, method: &str, path: &str, body: Value) -> Answer {
        self.scim_with(method, path, &[], body).await
    }

    /// A SCIM request with further headers.
    pub(crate) async fn scim_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let uri = format!("{}{path}", self.scim_base);
        self.ask_scim(&self.scim_token, (method, &uri), headers, body).await
    }

    /// A SCIM request to another connection of the workspace.
    pub(crate) async fn scim_at(
        &self,
        connection: &str,
        token: &str,
        (method, path): (&str, &str),
        body: Value,
    ) -> Answer {
        self.ask_scim(token, (method, &format!("/scim/v2/{connection}{path}")), &[], body).await
    }

    /// A SCIM request with another token, and without a body.
    pub(crate) async fn scim_as(&self, token: &str, method: &str, path: &str) -> Answer {
        let uri = format!("{}{path}", self.scim_base);
        self.ask_scim(token, (method, &uri), &[], Value::Null).await
    }

    async fn ask_scim(
        &self,
        token: &str,
        (method, uri): (&str, &str),
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/scim+json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(&self.scim, request.body(body).expect("a request")).await
    }

    /// A new OAuth client of the connection, and its secret.
    pub(crate) async fn client(&self) -> (String, String) {
        let path = format!("/api/v1/connections/{}.idp/clients", self.workspace);
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.api_key))
            .header("content-type", "application/json");
        let body = json!({"name": "Robot", "authentication": "client_secret"}).to_string();
        let made = self.send(&self.console, request.body(Body::from(body)).expect("a request")).await.body;
        let text = |value: &Value| value.as_str().expect("a client with a secret").to_owned();
        (text(&made["client"]["id"]), text(&made["client_secret"]))
    }

    /// A token request of a client.
    pub(crate) async fn grant(&self, client: &str, secret: &str) -> Answer {
        let body = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let request = Request::post(format!("{}/oauth/token", self.scim_base))
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(&self.scim, request.body(Body::from(body)).expect("a request")).await
    }

    /// A read of the admin API or of a page.
    pub(crate) async fn console(&self, path: &str) -> Answer {
        let request =
            Request::builder().uri(path).header("authorization", format!("Bearer {}", self.api_key));
        self.send(&self.console, request.body(Body::empty()).expect("a request")).await
    }

    /// A page of the console.
    pub(crate) async fn page(&self, path: &str) -> String {
        let request =
            Request::builder().uri(path).header("authorization", format!("Bearer {}", self.api_key));
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.console.clone().oneshot(request).await.expect("a router always answers");
        let page = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a whole body");
        String::from_utf8_lossy(&page).into_owned()
    }

    /// What a browser loads for an address: the bytes over the wire.
    pub(crate) async fn load(&self, path: &str) -> usize {
        let request = Request::builder()
            .uri(path)
            .header("authorization", format!("Bearer {}", self.api_key))
            .header("accept-encoding", "gzip, deflate, br");
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.console.clone().oneshot(request).await.expect("a router always answers");
        assert_eq!(answer.status(), 200, "{path}");
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a whole body");
        body.len()
    }

    /// The console, for requests of another kind.
    pub(crate) fn console_router(&self) -> Router {
        self.console.clone()
    }

    /// A request to the admin API with a body.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.api_as(&self.api_key, method, path, body).await
    }

    /// A request to the admin API with another key.
    pub(crate) async fn api_as(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(&self.console, request.body(body).expect("a request")).await
    }

    /// Makes another workspace in the same table, and answers the key of its Owner.
    pub(crate) async fn other_workspace(&self) -> String {
        let workspace: WorkspaceId = "other".parse().expect("an id");
        provisioning::create_workspace(&self.admin, &workspace, "Other").await.expect("a workspace");
        let owner = WorkspaceRole::Owner;
        let key = provisioning::create_api_key(&self.admin, &workspace, "Other", owner, None).await;
        key.expect("an API key")
    }

    /// Shares the hub with a team.
    pub(crate) async fn share(&self, team: &str) -> Answer {
        let body = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
        let path = format!("/integrations/{}/shares/teams/{team}", self.hub);
        let answer = self.api("PUT", &path, body).await;
        assert!(answer.status < 300, "{}", answer.body);
        answer
    }

    async fn send(&self, router: &Router, request: Request<Body>) -> Answer {
        let (answer, calls) = self
            .costing(async {
                let answer = router.clone().oneshot(request).await.expect("a router always answers");
                let (parts, body) = answer.into_parts();
                (parts, axum::body::to_bytes(body, usize::MAX).await.expect("a whole body"))
            })
            .await;
        let (parts, bytes) = answer;
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body, calls }
    }
}
