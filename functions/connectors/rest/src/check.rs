//! Whether a document makes sense: what its JSON Schema cannot say.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    document::{Add, Call, Condition, Document, KnownBy, Listing, Lookup},
    template::placeholders,
};

/// What is wrong with a document, each with its place.
pub(crate) fn flaws(document: &Document) -> Vec<String> {
    let mut check = Check::default();
    let Document { person, members, invitations, roles, assets, add, set_role, remove, whoami, .. } =
        document;
    let identity = ["email", "user_name"];
    let matched = match person.known_by {
        KnownBy::Email => ("person.email", &person.email),
        KnownBy::UserName => ("person.user_name", &person.user_name),
    };
    if matched.1.is_none() {
        check.flaw(matched.0, "people are known by it, so it must be told where it is");
    }
    check.pointer("person.id", &person.id);
    for (place, pointer) in [
        ("person.email", &person.email),
        ("person.user_name", &person.user_name),
        ("person.name", &person.name),
    ] {
        pointer.iter().for_each(|pointer| check.pointer(place, pointer));
    }
    person.keeps.values().for_each(|pointer| check.pointer("person.keeps", pointer));
    person.suspended.iter().for_each(|it| check.condition("person.suspended", it));
    person.by_id.iter().for_each(|lookup| check.lookup("person.by_id", lookup, &["id"]));
    person.find.iter().for_each(|lookup| check.lookup("person.find", lookup, &identity));
    check.listing("members", members, &[]);
    whoami.iter().for_each(|lookup| check.lookup("whoami", lookup, &[]));

    let newcomer = ["email", "user_name", "name", "given_name", "family_name", "role"];
    match add {
        Add::Create(call) => check.call("add.create", call, &[&newcomer[..], &["password"]].concat()),
        Add::Invite(call) => {
            check.call("add.invite", call, &newcomer);
            if invitations.is_none() {
                check
                    .flaw("invitations", "people are invited, so it must be told how invitations are listed");
            }
            if person.known_by != KnownBy::Email {
                check.flaw("person.known_by", "people are invited by e-mail address, so it must be `email`");
            }
        }
    }
    if let Some(invitations) = invitations {
        check.listing("invitations.list", &invitations.list, &[]);
        for (place, pointer) in [
            ("invitations.id", &invitations.id),
            ("invitations.email", &invitations.email),
            ("invitations.role", &invitations.role),
        ] {
            check.pointer(place, pointer);
        }
        invitations.expires.iter().for_each(|pointer| check.pointer("invitations.expires", pointer));
        invitations.expired.iter().for_each(|it| check.condition("invitations.expired", it));
        invitations.declined.iter().for_each(|it| check.condition("invitations.declined", it));
        check.call("invitations.cancel", &invitations.cancel, &["id"]);
    }
    check.keys("roles", roles.iter().map(|role| (&role.key, &role.held)));
    if let Some(numbers) = &document.role_numbers {
        check.listing("role_numbers.list", &numbers.list, &[]);
        check.pointer("role_numbers.name", &numbers.name);
        check.pointer("role_numbers.number", &numbers.number);
    }
    if set_role.is_none() && roles.len() > 1 {
        check.flaw("set_role", "there is more than one role, so it must be told how to change it");
    }
    let kept: Vec<String> = person.keeps.keys().map(|name| format!("kept.{name}")).collect();
    let known: Vec<&str> = ["id", "role"].into_iter().chain(kept.iter().map(String::as_str)).collect();
    set_role.iter().for_each(|call| check.call("set_role", call, &known));
    check.call("remove", remove, &["id", "role"]);
    if let Some(assets) = assets {
        check.listing("assets.list", &assets.list, &[]);
        check.listing("assets.held", &assets.held, &["id"]);
        check.pointer("assets.id", &assets.id);
        check.pointer("assets.held_id", &assets.held_id);
        assets.name.iter().for_each(|name| check.pointer("assets.name", name));
        check.keys("assets.permissions", assets.permissions.iter().map(|it| (&it.key, &it.held)));
        let named: Vec<String> =
            assets.permissions.iter().map(|it| format!("permission.{}", it.key)).collect();
        let mut known = vec!["id", "asset", "permissions"];
        known.extend(named.iter().map(String::as_str));
        if assets.one_of {
            known.push("permission");
        }
        check.call("assets.grant", &assets.grant, &known);
        check.call("assets.revoke", &assets.revoke, &["id", "asset"]);
    }
    for (number, rule) in document.errors.iter().enumerate() {
        let place = format!("errors[{number}]");
        if rule.status.is_none() && rule.when.is_none() {
            check.flaw(&place, "it would fit every answer; give `status` or `when`");
        }
        rule.when.iter().for_each(|it| check.condition(&place, it));
    }
    check.0
}

#[derive(Default)]
struct Check(Vec<String>);

impl Check {
    fn flaw(&mut self, place: &str, what: &str) {
        self.0.push(format!("`{place}`: {what}"));
    }

    fn pointer(&mut self, place: &str, pointer: &str) {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            self.flaw(place, &format!("`{pointer}` is not a JSON pointer; begin it with `/`"));
        }
    }

    fn condition(&mut self, place: &str, condition: &Condition) {
        self.pointer(place, &condition.at);
        let given = [&condition.equals, &condition.differs_from, &condition.contains];
        if given.iter().filter(|value| value.is_some()).count() != 1 {
            self.flaw(place, "give just one of `equals`, `differs_from` and `contains`");
        }
    }

    fn keys<'a>(&mut self, place: &str, keys: impl Iterator<Item = (&'a String, &'a Condition)>) {
        let mut seen = BTreeSet::new();
        for (key, held) in keys {
            if key.is_empty() || !seen.insert(key) {
                self.flaw(place, &format!("the key `{key}` is empty or there twice"));
            }
            self.condition(place, held);
        }
        if seen.is_empty() {
            self.flaw(place, "name at least one");
        }
    }

    fn templates<'a>(
        &mut self,
        place: &str,
        known: &[&str],
        path: &'a [String],
        others: impl Iterator<Item = &'a String>,
    ) {
        if path.is_empty() {
            self.flaw(place, "the path is empty");
        }
        for template in path.iter().chain(others) {
            for name in placeholders(template).into_iter().filter(|name| !known.contains(name)) {
                let known = known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
                let known =
                    if known.is_empty() { "none is".to_owned() } else { format!("known are {known}") };
                self.flaw(place, &format!("`{{{name}}}` is not known here; {known}"));
            }
        }
    }

    fn lookup(&mut self, place: &str, lookup: &Lookup, known: &[&str]) {
        self.templates(place, known, &lookup.path, lookup.query.values());
        self.pointer(place, &lookup.item);
    }

    fn listing(&mut self, place: &str, listing: &Listing, known: &[&str]) {
        self.templates(place, known, &listing.path, listing.query.values());
        self.pointer(place, &listing.items);
        listing.only.iter().for_each(|only| self.condition(place, only));
    }

    fn call(&mut self, place: &str, call: &Call, known: &[&str]) {
        let mut texts = Vec::new();
        call.body.iter().for_each(|body| collect(body, &mut texts));
        self.templates(place, known, &call.path, call.query.values().chain(texts));
    }
}

fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, texts)),
        _ => {}
    }
}
