//! The document that describes an app: where what is asked, what is read where, what refusals mean. Its JSON Schema is
//! `document.schema.json`, made from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use usher_connector::Method;

use crate::refusal::ErrorRule;

/// How Usher deals with an app that has a REST API.
///
/// A *pointer* is a JSON pointer (RFC 6901) into an answer or an item of a list: "" is all of it. A *template* is a text with
/// placeholders in braces, filled in when the call is made. In a body, a text that is nothing but a placeholder becomes what the
/// placeholder stands for, which need not be a text. A path whose last segment is empty ends with a slash.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The app's name, for messages.
    pub name: String,
    /// How calls say who makes them.
    pub auth: Auth,
    /// How the app shows somebody who is in it.
    pub person: Person,
    /// Everybody who is in the app.
    pub members: Listing,
    /// Those who were asked in and did not accept yet. Needed where people are invited.
    #[serde(default)]
    pub invitations: Option<Invitations>,
    /// The roles, the lowest one first. Everybody has just one.
    pub roles: Vec<Role>,
    /// Where an app that numbers its roles tells the numbers. A role's `value` is then its name there, and `{role}` the number.
    #[serde(default)]
    pub role_numbers: Option<RoleNumbers>,
    /// What is granted in the app.
    #[serde(default)]
    pub assets: Option<Assets>,
    /// How somebody comes into the app.
    pub add: Add,
    /// Gives somebody who is in the app a role in place of the one they have: `{id}`, `{role}`, `{kept.NAME}`.
    #[serde(default)]
    pub set_role: Option<Call>,
    /// Takes somebody out of the app: `{id}`, `{role}` (the one they have).
    pub remove: Call,
    /// Tells the account that the credentials belong to, which is then never removed: `item` is its id.
    #[serde(default)]
    pub whoami: Option<Lookup>,
    /// What refusals mean, the first that fits. Where none does, the HTTP status decides.
    #[serde(default)]
    pub errors: Vec<ErrorRule>,
}

/// How calls say who makes them. The secrets are the integration's credentials.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// A name and a password (RFC 7617). Credentials: `{"username": "…", "password": "…"}`.
    Basic,
    /// A bearer token (RFC 6750). Credentials: `{"token": "…"}`.
    Bearer,
    /// A token that is signed anew for every call (RFC 7519, HS256). Credentials: `{"key": "ID:SECRET"}`, the secret in
    /// hexadecimal digits.
    Signed {
        /// What stands before the token in `Authorization`.
        prefix: String,
        /// Whom it is for: `aud`.
        audience: String,
        /// For how many seconds it is good.
        seconds: u32,
    },
    /// A token in a header. Credentials: `{"token": "…"}`.
    Header {
        /// The header's name.
        name: String,
        /// What stands before the token in it.
        #[serde(default)]
        prefix: String,
    },
}

/// By what an app knows people before they are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// By e-mail address.
    Email,
    /// By user name.
    UserName,
}

/// How the app shows somebody who is in it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// By what people are matched: the pointer of that name must be given.
    pub known_by: KnownBy,
    /// Pointer: the app's id, a text or a number, which never changes.
    pub id: String,
    /// Pointer: the e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Pointer: the user name.
    #[serde(default)]
    pub user_name: Option<String>,
    /// Pointer: the name to show.
    #[serde(default)]
    pub name: Option<String>,
    /// When somebody is in the app and switched off. Usher leaves that to the app's admins.
    #[serde(default)]
    pub suspended: Option<Condition>,
    /// Pointers: what the app has to be told again when the role is set, as `{kept.NAME}`. It is never stored.
    #[serde(default)]
    pub keeps: BTreeMap<String, String>,
    /// One person by id: `{id}`. Without it the members are read.
    #[serde(default)]
    pub by_id: Option<Lookup>,
    /// One person by what people are known by: `{email}`, `{user_name}`. Without it the members are read.
    #[serde(default)]
    pub find: Option<Lookup>,
}

/// A read of one thing. A refusal whose class is `not_found` says that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Templates: the path below the base URL, segment by segment.
    pub path: Vec<String>,
    /// Templates: the query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Pointer: where in the answer it is.
    #[serde(default)]
    pub item: String,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Templates: the path below the base URL, segment by segment.
    pub path: Vec<String>,
    /// Templates: the query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Pointer: where in the answer the items are.
    #[serde(default)]
    pub items: String,
    /// Whether an empty list may be left out of the answer.
    #[serde(default)]
    pub may_be_missing: bool,
    /// Which items count.
    #[serde(default)]
    pub only: Option<Condition>,
    /// How the list goes on. Without it the first answer is all.
    #[serde(default)]
    pub paging: Option<Paging>,
}

/// How a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// By number. It ends with a page that is not full.
    Page {
        /// The parameter with the page's number.
        page: String,
        /// The parameter with the page's size.
        size: String,
        /// The number of the first page.
        #[serde(default = "one")]
        first: u64,
        /// Pointer: how many items there are in all. Then a list that ends early is noticed.
        #[serde(default)]
        total: Option<String>,
    },
    /// By how many items are left out. It ends with a page that is not full.
    Offset {
        /// The parameter with how many are left out.
        offset: String,
        /// The parameter with the page's size.
        size: String,
        /// Pointer: how many items there are in all. Then a list that ends early is noticed.
        #[serde(default)]
        total: Option<String>,
    },
    /// By a cursor that each answer gives. It ends with an answer without one.
    Cursor {
        /// The parameter with the cursor.
        cursor: String,
        /// The parameter with the page's size.
        size: String,
        /// Pointer: the cursor of the next page.
        next: String,
    },
}

fn one() -> u64 {
    1
}

/// Something that is so or not. Exactly one of the comparisons is given.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Pointer: what is looked at.
    pub at: String,
    /// It is this.
    #[serde(default)]
    pub equals: Option<Value>,
    /// It is there, and not this.
    #[serde(default)]
    pub differs_from: Option<Value>,
    /// It is a list with this in it.
    #[serde(default)]
    pub contains: Option<Value>,
}

/// Invitations that were not accepted.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invitations {
    /// All of them.
    pub list: Listing,
    /// Pointer: the id.
    pub id: String,
    /// Pointer: the address that it went to.
    pub email: String,
    /// Pointer: the role that it carries, as `{role}` is.
    pub role: String,
    /// When it ended by itself.
    #[serde(default)]
    pub expired: Option<Condition>,
    /// Pointer: when it ends, in milliseconds since 1970 or as RFC 3339 has it.
    #[serde(default)]
    pub expires: Option<String>,
    /// When the person said no.
    #[serde(default)]
    pub declined: Option<Condition>,
    /// Takes one back: `{id}`.
    pub cancel: Call,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The key, as shares have it.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// What `{role}` stands for; the key where it is left out.
    #[serde(default)]
    pub value: Option<Value>,
    /// When somebody has it.
    pub held: Condition,
}

/// Where an app tells how it numbers its roles.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleNumbers {
    /// All roles.
    pub list: Listing,
    /// Pointer: a role's name.
    pub name: String,
    /// Pointer: its number, whatever that is.
    pub number: String,
}

/// What is granted in the app.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assets {
    /// All of them.
    pub list: Listing,
    /// Pointer: an asset's id.
    pub id: String,
    /// Pointer: an asset's name.
    #[serde(default)]
    pub name: Option<String>,
    /// What can be granted on one, the least first.
    pub permissions: Vec<Permission>,
    /// Whether somebody has just one permission on an asset: of several the last one counts.
    #[serde(default)]
    pub one_of: bool,
    /// What one person has: `{id}`. Each item is an asset.
    pub held: Listing,
    /// Pointer: the asset's id in such an item.
    pub held_id: String,
    /// Grants: `{id}`, `{asset}`, and `{permission}` (the one with `one_of`), `{permissions}` (a list) or `{permission.KEY}`.
    pub grant: Call,
    /// Whether what is granted replaces what was. Where it does not, that is revoked first.
    #[serde(default = "yes")]
    pub grant_replaces: bool,
    /// Takes everything on an asset away: `{id}`, `{asset}`.
    pub revoke: Call,
}

fn yes() -> bool {
    true
}

/// Something that can be granted.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The key, as shares have it.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// What it is in a call; the key where it is left out.
    #[serde(default)]
    pub value: Option<Value>,
    /// What `{permission.KEY}` is where it is not granted.
    #[serde(default)]
    pub otherwise: Value,
    /// When somebody has it.
    pub held: Condition,
}

/// How somebody comes into the app. `{email}`, `{user_name}`, `{name}`, `{given_name}`, `{family_name}`, `{role}`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Add {
    /// An account is made, usable at once. `{password}` is a new random one that nobody is told: the person has it reset, or
    /// signs in by other means.
    Create(Call),
    /// The person is invited by e-mail address, and accepts.
    Invite(Call),
}

/// A call that changes something.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The method.
    pub method: Verb,
    /// Templates: the path below the base URL, segment by segment.
    pub path: Vec<String>,
    /// Templates: the query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Templates: the JSON that is sent.
    #[serde(default)]
    pub body: Option<Value>,
}

/// A method that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// Makes something.
    Post,
    /// Replaces something.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
}

impl From<Verb> for Method {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Post => Self::Post,
            Verb::Put => Self::Put,
            Verb::Patch => Self::Patch,
            Verb::Delete => Self::Delete,
        }
    }
}

impl Role {
    /// What it is in a call.
    pub(crate) fn value(&self) -> Value {
        self.value.clone().unwrap_or_else(|| self.key.clone().into())
    }
}

impl Permission {
    /// What it is in a call.
    pub(crate) fn value(&self) -> Value {
        self.value.clone().unwrap_or_else(|| self.key.clone().into())
    }
}
