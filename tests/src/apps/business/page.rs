//! The app's page: members and invitations, for a person who watches a seat appear, and what that person can do as somebody
//! who is invited, or to the app.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{
    super::{
        faults::Fault,
        page::{button, chips, members, shell},
    },
    BusinessApp, Invitation, InvitationState, Organisation,
};

/// The faults that are offered: name, words, and what every request then meets.
pub(super) const FAULTS: [(&str, &str, Fault); 5] = [
    ("too-many-requests", "Asks to be left alone for a minute", Fault::TooManyRequests { retry_after: 60 }),
    ("server-error", "Is broken", Fault::ServerError),
    ("bad-token", "Takes the credentials no more", Fault::BadToken),
    ("forbidden", "Allows nothing", Fault::Forbidden),
    ("cut-after-effect", "Does it and does not answer", Fault::CutAfterEffect),
];
/// Names what turns them off.
pub(super) const NO_FAULT: &str = "none";

/// The page; `control` is where the app's controls are.
pub(super) fn render(app: &BusinessApp, control: &str) -> Markup {
    let organisation = app.organisation();
    let shown = organisation.people().len() + organisation.invitations().len();
    let content = html! {
        (members(shown, &table(&organisation, control)))
        h2 { "What is wrong with it" }
        @let on = FAULTS.iter().any(|(.., fault)| app.faults().has(*fault));
        (button(&format!("{control}/faults/{NO_FAULT}"), "Nothing", !on))
        @for (name, words, fault) in &FAULTS {
            (button(&format!("{control}/faults/{name}"), words, app.faults().has(*fault)))
        }
    };
    shell(app.vendor().name, &format!("A simulated app. {}", organisation.name), &content)
}

fn table(organisation: &Organisation, control: &str) -> Markup {
    let name = |asset: &str| organisation.asset(asset).map_or(asset.to_owned(), |found| found.name.clone());
    let assets = |grants: &BTreeMap<String, BTreeSet<String>>| {
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
                        td { span class="off" { (state(invitation.state)) } (answers(invitation, control)) }
                        td { (invitation.role) }
                        td { (chips(assets(&invitation.grants).iter().map(String::as_str))) }
                    }
                }
            }
        }
    }
}

/// What somebody who is invited can do.
fn answers(invitation: &Invitation, control: &str) -> Markup {
    let ends = [("accept", "Accept"), ("decline", "Decline"), ("expire", "Let it run out")];
    let to = |end: &str| format!("{control}/invitations/{}/{end}", invitation.email);
    html! {
        @if invitation.state == InvitationState::Pending {
            div { @for (end, words) in ends { (button(&to(end), words, false)) } }
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
