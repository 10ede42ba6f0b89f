//! The app's page: members and invitations, for a person who watches a seat appear.

use maud::{Markup, html};

use super::{
    super::page::{chips, shell},
    BusinessApp, InvitationState, Organisation,
};

pub(super) fn render(app: &BusinessApp) -> Markup {
    let organisation = app.organisation();
    let shown = organisation.people().len() + organisation.invitations().len();
    shell(app.vendor().name, &organisation.name, shown, &table(&organisation))
}

fn table(organisation: &Organisation) -> Markup {
    let name = |asset: &str| organisation.asset(asset).map_or(asset.to_owned(), |found| found.name.clone());
    let assets = |grants: &std::collections::BTreeMap<String, std::collections::BTreeSet<String>>| {
        let shown = grants.iter().map(|(asset, permissions)| {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            format!("{}: {}", name(asset), permissions.join(", "))
        });
        shown.collect::<Vec<_>>()
    };
    html! {
        table {
            thead { tr { th { "Member" } th { "State" } th { "Role" } th { "Assets" } } }
            tbody {
                @for person in organisation.people() {
                    tr {
                        td { (person.name) small { (person.email) } }
                        td { span class="on" { "Active" } }
                        td { (person.role) }
                        td { (chips(assets(&person.grants).iter().map(String::as_str))) }
                    }
                }
                @for invitation in organisation.invitations() {
                    tr class="off-row" {
                        td { (invitation.email) }
                        td { span class="off" { (state(invitation.state)) } }
                        td { (invitation.role) }
                        td { (chips(assets(&invitation.grants).iter().map(String::as_str))) }
                    }
                }
            }
        }
    }
}

fn state(state: InvitationState) -> &'static str {
    match state {
        InvitationState::Pending => "Invited",
        InvitationState::Declined => "Declined",
        InvitationState::Expired => "Invitation expired",
    }
}
