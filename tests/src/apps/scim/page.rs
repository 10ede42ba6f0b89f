//! The app's page: its members, for a person who watches a seat appear.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    super::page::{chips, members, shell},
    directory::{Directory, Resource, values},
    schema::{Attributes, Kind},
};

pub(super) fn render(name: &str, directory: &Directory) -> Markup {
    let content = members(directory.all(Kind::User).count(), &table(directory));
    shell(name, "A simulated app. Its members are managed by SCIM.", &content)
}

fn table(directory: &Directory) -> Markup {
    html! {
        table {
            thead { tr { th { "Member" } th { "State" } th { "Roles" } th { "Groups" } th { "Entitlements" } } }
            tbody { @for user in directory.all(Kind::User) { (row(directory, user)) } }
        }
    }
}

fn row(directory: &Directory, user: &Resource) -> Markup {
    let attributes = &user.attributes;
    let active = attributes.get("active") == Some(&Value::Bool(true));
    html! {
        tr class=[(!active).then_some("off-row")] {
            td { (full_name(attributes)) small { (text(attributes, "userName")) } }
            td { @if active { span class="on" { "Active" } } @else { span class="off" { "Inactive" } } }
            td { (chips(values(attributes, "roles"))) }
            td { (chips(directory.groups_of(&user.id).map(|group| text(&group.attributes, "displayName")))) }
            td { (chips(values(attributes, "entitlements"))) }
        }
    }
}

fn full_name(attributes: &Attributes) -> String {
    let part = |name: &str| attributes.get("name").and_then(|all| all[name].as_str()).unwrap_or_default();
    let display = text(attributes, "displayName");
    let joined = format!("{} {}", part("givenName"), part("familyName"));
    [display, part("formatted"), joined.trim()]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or("–")
        .to_owned()
}

fn text<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.get(name).and_then(Value::as_str).unwrap_or_default()
}
