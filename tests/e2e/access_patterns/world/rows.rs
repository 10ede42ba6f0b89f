//! The rows of the world, past the store.

use super::*;

impl World {
    /// What opens the workspace.
    pub(crate) fn tokens(&self) -> Value {
        json!({"scim_token": self.scim_token, "api_key": self.api_key})
    }

    /// Where its app is.
    pub(crate) fn app_url(&self) -> String {
        self.app.base_url()
    }

    /// With these rows in place of its own, later.
    pub(crate) async fn reopened(self, tokens: &Value, rows: &[Value]) -> Self {
        let call = async |operation: &str, request: Value| {
            let target = format!("DynamoDB_20120810.{operation}");
            let answer = self.db.endpoint.respond(&target, request.to_string().into_bytes()).await;
            let (status, body) = answer.expect("an answer");
            assert_eq!(status, 200, "{body}");
        };
        let table = usher_local::embedded::TABLE;
        for row in self.rows().await {
            let key = json!({"pk": row["pk"], "sk": row["sk"]});
            call("DeleteItem", json!({"TableName": table, "Key": key})).await;
        }
        for row in rows {
            call("PutItem", json!({"TableName": table, "Item": row})).await;
        }
        let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        let (scim_token, api_key) = (text("scim_token"), text("api_key"));
        self.ids.0.fetch_add(1_000_000, Ordering::Relaxed);
        self.wait(60 * 60);
        Self { scim_token, api_key, ..self }
    }

    /// Every row of the table, past the store.
    pub(crate) async fn rows(&self) -> Vec<Value> {
        let scan = json!({"TableName": usher_local::embedded::TABLE}).to_string();
        let answer = self.db.endpoint.respond("DynamoDB_20120810.Scan", scan.into_bytes()).await;
        let (status, body) = answer.expect("an answer");
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        assert!(answer.get("LastEvaluatedKey").is_none(), "a test's table fits one answer");
        answer["Items"].as_array().expect("items").clone()
    }
}
