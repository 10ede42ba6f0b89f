//! The app's users and groups, and the file that keeps them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    error::{Answer, ScimError},
    filter::Filter,
    habits::Habits,
    schema::{Attributes, ENTERPRISE, Kind},
};
use crate::Result;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Directory {
    // Ids grow with time, so both lists are in the order of creation.
    users: BTreeMap<String, Resource>,
    groups: BTreeMap<String, Resource>,
    /// User names in lower case: they are unique regardless of case (RFC 7643 §4.1.1).
    user_names: HashMap<String, String>,
    /// Who has an e-mail address, in lower case; the file has it with the users.
    #[serde(skip)]
    emails: HashMap<String, BTreeSet<String>>,
    /// What the app takes otherwise than the RFCs have it.
    #[serde(skip)]
    pub(super) habits: Habits,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) attributes: Attributes,
    created: Timestamp,
    modified: Timestamp,
    version: u64,
}

impl Resource {
    /// The weak entity tag (RFC 7644 §3.14).
    pub(super) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        values(&self.attributes, "members")
    }
}

/// Each `value` of a multi-valued attribute.
pub(super) fn values<'a>(attributes: &'a Attributes, name: &str) -> impl Iterator<Item = &'a str> {
    attributes
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| item["value"].as_str())
}

impl Directory {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path)?;
        let read: std::result::Result<Self, _> = serde_json::from_slice(&text);
        let mut directory = read.map_err(|error| format!("{}: {error}", path.display()))?;
        for user in directory.users.values() {
            index(&mut directory.emails, user);
        }
        Ok(directory)
    }

    /// Writes beside the file and renames, so that a crash leaves the old state or the new one.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, serde_json::to_vec(self)?)?;
        fs::rename(unfinished, path)
    }

    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.of(kind).values()
    }

    pub(super) fn get(&self, kind: Kind, id: &str) -> Answer<&Resource> {
        self.of(kind).get(id).ok_or_else(|| ScimError::unknown(id))
    }

    pub(super) fn find(&self, kind: Kind, filter: Option<&Filter>) -> Vec<&Resource> {
        let Some(filter) = filter else {
            return self.all(kind).collect();
        };
        if let (Kind::User, Some(name)) = (kind, filter.only("userName")) {
            let id = self.user_names.get(&name.to_lowercase());
            return id.and_then(|id| self.users.get(id)).into_iter().collect();
        }
        if let (Kind::User, Some(email)) = (kind, filter.only("emails.value")) {
            let ids = self.emails.get(&email.to_lowercase());
            return ids.into_iter().flatten().filter_map(|id| self.users.get(id)).collect();
        }
        let matches = |resource: &&Resource| {
            let mut attributes = resource.attributes.clone();
            attributes.insert("id".to_owned(), resource.id.clone().into());
            filter.matches(&attributes)
        };
        self.all(kind).filter(matches).collect()
    }

    pub(super) fn create(&mut self, kind: Kind, attributes: Attributes) -> Answer<Resource> {
        let attributes = self.checked(kind, None, attributes)?;
        if kind == Kind::User {
            self.habits.check_room()?;
        }
        let now = Timestamp::now();
        let resource =
            Resource { id: Uuid::now_v7().to_string(), attributes, created: now, modified: now, version: 1 };
        self.put(kind, resource.clone());
        Ok(resource)
    }

    pub(super) fn replace(&mut self, kind: Kind, id: &str, attributes: Attributes) -> Answer<Resource> {
        let before = self.get(kind, id)?.clone();
        let attributes = self.checked(kind, Some(id), attributes)?;
        if attributes == before.attributes {
            // "the server SHALL return … without a change" of version or time (RFC 7644 §3.5.2 for PATCH).
            return Ok(before);
        }
        let after =
            Resource { attributes, modified: Timestamp::now(), version: before.version + 1, ..before };
        self.forget(kind, id);
        self.put(kind, after.clone());
        Ok(after)
    }

    /// A user who goes leaves the groups too.
    pub(super) fn delete(&mut self, kind: Kind, id: &str) -> Answer<()> {
        self.get(kind, id)?;
        self.forget(kind, id);
        self.of_mut(kind).remove(id);
        for group in self.groups.values_mut().filter(|group| group.members().any(|member| member == id)) {
            if let Some(Value::Array(members)) = group.attributes.get_mut("members") {
                members.retain(|member| member["value"] != id);
            }
            group.version += 1;
        }
        Ok(())
    }

    /// The resource as a client sees it. `base` is the SCIM base URL that the client used.
    pub(super) fn rendered(&self, kind: Kind, resource: &Resource, base: &str) -> Value {
        let mut body = resource.attributes.clone();
        body.remove("password");
        let mut schemas = vec![kind.schema()];
        schemas.extend(body.contains_key(ENTERPRISE).then_some(ENTERPRISE));
        body.insert("schemas".to_owned(), json!(schemas));
        body.insert("id".to_owned(), json!(resource.id));
        if kind == Kind::User && self.habits.tells_groups {
            let groups: Vec<_> = self.groups_of(&resource.id).map(|group| member_of(group, base)).collect();
            if !groups.is_empty() {
                body.insert("groups".to_owned(), groups.into());
            }
        }
        body.insert(
            "meta".to_owned(),
            json!({
                "resourceType": kind.name(),
                "created": resource.created,
                "lastModified": resource.modified,
                "version": resource.etag(),
                "location": format!("{base}/{}s/{}", kind.name(), resource.id),
            }),
        );
        body.into()
    }

    pub(super) fn groups_of(&self, user: &str) -> impl Iterator<Item = &Resource> {
        self.groups.values().filter(move |group| group.members().any(|member| member == user))
    }

    fn checked(&self, kind: Kind, id: Option<&str>, attributes: Attributes) -> Answer<Attributes> {
        let mut attributes = kind.validated(attributes)?;
        match kind {
            Kind::User => {
                attributes.entry("active").or_insert(true.into());
                self.habits.check_user(&attributes)?;
                let name = user_name(&attributes);
                match self.user_names.get(&name.to_lowercase()) {
                    Some(owner) if Some(owner.as_str()) != id => return Err(ScimError::taken(&name)),
                    _ => {}
                }
            }
            Kind::Group => {
                if let Some(stranger) =
                    values(&attributes, "members").find(|member| !self.users.contains_key(*member))
                {
                    return Err(ScimError::bad(
                        "invalidValue",
                        format!("No user {stranger} to be a member."),
                    ));
                }
            }
        }
        Ok(attributes)
    }

    fn put(&mut self, kind: Kind, resource: Resource) {
        if kind == Kind::User {
            self.user_names.insert(user_name(&resource.attributes).to_lowercase(), resource.id.clone());
            index(&mut self.emails, &resource);
        }
        self.of_mut(kind).insert(resource.id.clone(), resource);
    }

    /// A user is no longer found by what was looked for so far.
    fn forget(&mut self, kind: Kind, id: &str) {
        let Some(user) = self.users.get(id).filter(|_| kind == Kind::User) else { return };
        self.user_names.remove(&user_name(&user.attributes).to_lowercase());
        for email in values(&user.attributes, "emails") {
            if let Some(ids) = self.emails.get_mut(&email.to_lowercase()) {
                ids.remove(id);
            }
        }
    }

    fn of(&self, kind: Kind) -> &BTreeMap<String, Resource> {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut BTreeMap<String, Resource> {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
        }
    }
}

fn index(emails: &mut HashMap<String, BTreeSet<String>>, user: &Resource) {
    for email in values(&user.attributes, "emails") {
        emails.entry(email.to_lowercase()).or_default().insert(user.id.clone());
    }
}

fn user_name(attributes: &Attributes) -> String {
    attributes.get("userName").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn member_of(group: &Resource, base: &str) -> Value {
    json!({
        "value": group.id,
        "display": group.attributes.get("displayName"),
        "$ref": format!("{base}/Groups/{}", group.id),
        "type": "direct",
    })
}
