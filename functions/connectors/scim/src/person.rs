//! Profiles as SCIM users, and what has to change to make one like the other.

use serde_json::{Map, Value, json};
use usher_domain::directory::Profile;

use crate::wire::{self, USER, text};

/// The user to create. A password is never set: people come in through the identity provider.
pub(crate) fn new_user(profile: &Profile, user_name: &str) -> Value {
    let mut user = json!({"schemas": [USER], "userName": user_name, "active": true});
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            user[name] = value;
        }
    };
    let text = |value: &Option<String>| value.as_deref().map(Value::from);
    set("externalId", text(&profile.external_id));
    set("displayName", text(&profile.display_name));
    let name: Map<String, Value> = [("givenName", &profile.given_name), ("familyName", &profile.family_name)]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), text(value)?)))
        .collect();
    set("name", (!name.is_empty()).then_some(Value::Object(name)));
    set("emails", profile.email.as_deref().map(|email| json!([new_email(email)])));
    user
}

fn new_email(email: &str) -> Value {
    json!({"value": email, "type": "work", "primary": true})
}

/// The operations that make the app's user like the profile; none when it is. What the directory does not
/// say is left to the app.
pub(crate) fn changes(profile: &Profile, user_name: Option<&str>, user: &Value) -> Vec<Value> {
    let mut operations = Vec::new();
    let mut want = |path: &str, wanted: Option<&str>, has: Option<&str>| {
        if let Some(wanted) = wanted.filter(|wanted| Some(*wanted) != has) {
            operations.push(wire::replace(path, wanted.into()));
        }
    };
    // RFC 7643 §4.1.1: userName is case-insensitive; many apps fold it.
    let has = text(user, "userName");
    if !has.zip(user_name).is_some_and(|(has, wanted)| same(has, wanted)) {
        want("userName", user_name, has);
    }
    want("displayName", profile.display_name.as_deref(), text(user, "displayName"));
    let name = user.get("name").unwrap_or(&Value::Null);
    want("name.givenName", profile.given_name.as_deref(), text(name, "givenName"));
    want("name.familyName", profile.family_name.as_deref(), text(name, "familyName"));
    // Another system may find its people by an externalId of its own: it is filled in, never replaced.
    if text(user, "externalId").is_none() {
        want("externalId", profile.external_id.as_deref(), None);
    }
    if let Some(email) = profile.email.as_deref()
        && !wire::values(user.get("emails")).iter().any(|has| same(has, email))
    {
        operations.push(wire::replace("emails", emails_with(user, email)));
    }
    operations
}

/// The user's addresses with `email` in place of the primary one; the others stay.
fn emails_with(user: &Value, email: &str) -> Value {
    let mut emails = user.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
    let primary = emails.iter().position(|item| item.get("primary") == Some(&Value::Bool(true)));
    match primary.or((!emails.is_empty()).then_some(0)) {
        Some(index) if emails[index].is_object() => {
            emails[index]["value"] = email.into();
            // What an app shows for an address is about the old one.
            if let Some(item) = emails[index].as_object_mut() {
                item.remove("display");
                item.remove("$ref");
            }
        }
        _ => emails.push(new_email(email)),
    }
    Value::Array(emails)
}

/// Whether two values of a case-insensitive attribute are the same.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Profile {
        Profile {
            user_name: "ada".into(),
            email: Some("ada@example.org".into()),
            display_name: Some("Ada L".into()),
            given_name: Some("Ada".into()),
            family_name: None,
            external_id: Some("e1".into()),
        }
    }

    #[test]
    fn a_new_user_is_like_its_profile() {
        let user = new_user(&ada(), "ada");
        assert_eq!(changes(&ada(), Some("ada"), &user), [Value::Null; 0]);
        assert!(user.get("password").is_none());
        assert_eq!(user["name"], json!({"givenName": "Ada"}));
        let bare = new_user(&Profile::default(), "x");
        assert_eq!(bare, json!({"schemas": [USER], "userName": "x", "active": true}));
    }

    #[test]
    fn only_what_differs_is_changed() {
        let user = json!({"userName": "ADA", "externalId": "other", "displayName": "Ada L",
            "name": {"givenName": "Adele", "familyName": "Kept"}, "emails": [{"value": "ADA@example.org"}]});
        assert_eq!(
            changes(&ada(), Some("ada"), &user),
            [json!({"op": "replace", "path": "name.givenName", "value": "Ada"})]
        );
    }

    #[test]
    fn other_addresses_stay() {
        let user = json!({"userName": "ada", "externalId": "e1", "displayName": "Ada L",
            "name": {"givenName": "Ada"},
            "emails": [{"value": "home@x", "type": "home"}, {"value": "old@x", "type": "work", "primary": true}]});
        assert_eq!(
            changes(&ada(), Some("ada"), &user),
            [json!({"op": "replace", "path": "emails", "value": [
                {"value": "home@x", "type": "home"},
                {"value": "ada@example.org", "type": "work", "primary": true}]})]
        );
    }
}
