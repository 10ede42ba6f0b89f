//! A SCIM client (RFC 7644) as small as a test needs it.

use std::ops::Deref;

use reqwest::Method;
use serde_json::{Value, json};

use super::{JsonClient, Reply};
use crate::Result;

/// A SCIM base URL and its token. Resources go by the name of their collection: `Users`, `Groups`.
#[derive(Clone, Debug)]
pub struct ScimClient(JsonClient);

impl Deref for ScimClient {
    type Target = JsonClient;

    fn deref(&self) -> &JsonClient {
        &self.0
    }
}

/// The body of a PATCH with these operations.
#[must_use]
pub fn patch_op(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

impl ScimClient {
    /// A client for a SCIM server.
    #[must_use]
    pub fn new(base_url: &str, token: &str) -> Self {
        Self(JsonClient::with_media_type(base_url, token, "application/scim+json"))
    }

    /// POST.
    ///
    /// # Errors
    /// When no answer arrives; so with all requests here.
    pub async fn create(&self, collection: &str, resource: &Value) -> Result<Reply> {
        self.send(Method::POST, &format!("/{collection}"), Some(resource)).await
    }

    /// POST of a user with this name, an e-mail address made of it, and further attributes.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn create_user(&self, user_name: &str, more: &Value) -> Result<Reply> {
        let address =
            if user_name.contains('@') { user_name.to_owned() } else { format!("{user_name}@example.com") };
        let mut user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "name": {"givenName": user_name, "familyName": "Example"},
            "emails": [{"value": address, "type": "work", "primary": true}],
            "active": true,
        });
        merge(&mut user, more);
        self.create("Users", &user).await
    }

    /// POST of a group with these members, by id.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn create_group(&self, display_name: &str, members: &[&str]) -> Result<Reply> {
        let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": display_name,
            "members": members,
        });
        self.create("Groups", &group).await
    }

    /// GET of one resource.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn get(&self, collection: &str, id: &str) -> Result<Reply> {
        self.send(Method::GET, &format!("/{collection}/{id}"), None).await
    }

    /// PUT.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn replace(&self, collection: &str, id: &str, resource: &Value) -> Result<Reply> {
        self.send(Method::PUT, &format!("/{collection}/{id}"), Some(resource)).await
    }

    /// PATCH with these operations, a JSON array.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn patch(&self, collection: &str, id: &str, operations: &Value) -> Result<Reply> {
        self.send(Method::PATCH, &format!("/{collection}/{id}"), Some(&patch_op(operations))).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn delete(&self, collection: &str, id: &str) -> Result<Reply> {
        self.send(Method::DELETE, &format!("/{collection}/{id}"), None).await
    }

    /// GET of a list, with query parameters.
    ///
    /// # Errors
    /// When no answer arrives.
    pub async fn list(&self, collection: &str, query: &[(&str, &str)]) -> Result<Reply> {
        let url = reqwest::Url::parse_with_params("http://query", query)?;
        self.send(Method::GET, &format!("/{collection}?{}", url.query().unwrap_or_default()), None).await
    }

    /// The resources that a filter finds, of the first page.
    ///
    /// # Errors
    /// When the filter is refused or no answer arrives.
    pub async fn find(&self, collection: &str, filter: &str) -> Result<Vec<Value>> {
        resources(self.list(collection, &[("filter", filter)]).await?.ok()?)
    }

    /// Every resource, page by page.
    ///
    /// # Errors
    /// When a page is refused or does not arrive, or the pages do not add up to the announced total: what was read in
    /// part is not "all".
    pub async fn all(&self, collection: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        loop {
            let start = (all.len() + 1).to_string();
            let page = self.list(collection, &[("startIndex", &start), ("count", "100")]).await?.ok()?;
            let total = page["totalResults"].as_u64().ok_or("a list without totalResults")?;
            let resources = resources(page)?;
            if resources.is_empty() && (all.len() as u64) < total {
                return Err(format!("{} of {total} {collection} were listed", all.len()).into());
            }
            all.extend(resources);
            if all.len() as u64 >= total {
                return Ok(all);
            }
        }
    }
}

fn resources(mut list: Value) -> Result<Vec<Value>> {
    match list["Resources"].take() {
        Value::Array(resources) => Ok(resources),
        // "Resources: … REQUIRED if totalResults is non-zero" (RFC 7644 §3.4.2).
        Value::Null => Ok(Vec::new()),
        other => Err(format!("Resources is no list: {other}").into()),
    }
}

fn merge(into: &mut Value, more: &Value) {
    if let (Some(into), Some(more)) = (into.as_object_mut(), more.as_object()) {
        into.extend(more.clone());
    }
}
