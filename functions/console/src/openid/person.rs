//! Who somebody is whom the identity provider vouches for: a person that SCIM pushed, and nobody else.

use std::collections::BTreeMap;

use usher_domain::{
    access::PersonFacts,
    directory::{IndexedAttribute, IndexedValue, Scope, UserRecord},
    id::{PersonId, WorkspaceId},
    sign_in::{Identity, OpenIdProvider, Origin},
    workspace::WorkspaceRole,
};

use super::provider::Asserted;
use crate::{
    App,
    audit::Act,
    auth::{Caller, Via},
    error::Problem,
};

/// The person, if they may come in.
///
/// # Errors
/// 403 with the reason and who can help.
pub(super) async fn recognise(
    app: &App,
    settings: &OpenIdProvider,
    asserted: &Asserted,
    correlation_id: &str,
) -> Result<PersonFacts, Problem> {
    let workspace = &settings.workspace;
    check_domain(settings, asserted)?;
    let known = app.store.identity(workspace, &settings.issuer, &asserted.subject).await?;
    let pinned = match &known {
        Some(identity) => app.facts.person(workspace, &identity.person).await?,
        None => None,
    };
    let person = match pinned.filter(|person| !person.deleted) {
        Some(person) => person,
        // Nobody yet, or somebody who was deleted and came back as somebody new.
        None => link(app, settings, asserted, known.as_ref()).await?,
    };
    if !person.active {
        return Err(Problem::not_signed_in(
            "your account was deactivated by the identity provider's directory",
        ));
    }
    check_standing(app, workspace, person.clone(), correlation_id).await?;
    Ok(person)
}

fn check_domain(settings: &OpenIdProvider, asserted: &Asserted) -> Result<(), Problem> {
    let address = asserted.email.as_deref().unwrap_or_default();
    if settings.takes_address(address) {
        return Ok(());
    }
    Err(Problem::not_signed_in(
        "this workspace takes no e-mail addresses of your address's domain; ask its admin",
    ))
}

/// Finds the person by the address that the provider has checked, and writes down that the subject is this person.
async fn link(
    app: &App,
    settings: &OpenIdProvider,
    asserted: &Asserted,
    instead_of: Option<&Identity>,
) -> Result<PersonFacts, Problem> {
    let workspace = &settings.workspace;
    let address = asserted.email.as_deref().ok_or_else(|| {
        Problem::not_signed_in(
            "the identity provider does not say your e-mail address; ask its admin to release the `email` scope to Usher",
        )
    })?;
    if !asserted.email_verified && !settings.trusts_email {
        return Err(Problem::not_signed_in(
            "the identity provider has not verified your e-mail address; verify it there and sign in again",
        ));
    }
    let found = find(app, workspace, address).await?;
    let person = match found.as_slice() {
        [person] => app.facts.person(workspace, person).await?,
        [] => None,
        _ => {
            return Err(Problem::not_signed_in(
                "several people of the directory have your e-mail address; ask the directory's admin to give it to one",
            ));
        }
    };
    let person = person.ok_or_else(|| {
        Problem::not_signed_in(
            "nobody in the workspace's directory has your e-mail address; ask the identity provider's admin to assign you to \
             Usher's provisioning",
        )
    })?;
    let others = app.store.identities_of(workspace, &person.id).await?;
    if others.iter().any(|other| other.issuer == settings.issuer && other.subject != asserted.subject) {
        return Err(Problem::not_signed_in(
            "you signed in with another account of the identity provider before; if that one is gone, ask an admin of the \
             workspace to forget it",
        ));
    }
    let identity = Identity {
        workspace: workspace.clone(),
        issuer: settings.issuer.clone(),
        subject: asserted.subject.clone(),
        person: person.id.clone(),
        since: app.clock.now(),
    };
    app.store.put_identity(&identity, instead_of).await?;
    Ok(person)
}

/// The people of the workspace's directories under an address: as an e-mail address, else as a user name.
async fn find(app: &App, workspace: &WorkspaceId, address: &str) -> Result<Vec<PersonId>, Problem> {
    let connections = app.store.connections(workspace).await?;
    let directories: Vec<_> =
        connections.iter().filter(|connection| connection.scope == Scope::Workspace).collect();
    for attribute in [IndexedAttribute::Email, IndexedAttribute::UserName] {
        let by = IndexedValue::new(attribute, address);
        let mut found: BTreeMap<PersonId, UserRecord> = BTreeMap::new();
        for directory in &directories {
            let people = app.store.find_people(&directory.id, &by).await?;
            found.extend(people.into_iter().map(|person| (person.id.clone(), person)));
        }
        if !found.is_empty() {
            // Whoever was deactivated and has a successor under the same address is not in the successor's way.
            let active: Vec<_> = found.values().filter(|person| person.is_active()).collect();
            let counted = if active.is_empty() { found.values().collect() } else { active };
            return Ok(counted.into_iter().map(|person| person.id.clone()).collect());
        }
    }
    Ok(Vec::new())
}

/// Whoever has neither a role in the workspace nor one in a hub has nothing to do here.
async fn check_standing(
    app: &App,
    workspace: &WorkspaceId,
    person: PersonFacts,
    correlation_id: &str,
) -> Result<(), Problem> {
    if app.store.member(workspace, &person.id).await?.is_some() {
        return Ok(());
    }
    let caller = Caller {
        workspace: workspace.clone(),
        name: String::new(),
        role: WorkspaceRole::User,
        person: Some(person),
        via: Via::Session,
        credential: String::new(),
        origin: Origin::default(),
        correlation_id: correlation_id.to_owned(),
        act: Act::default(),
    };
    if !caller.hub_roles(app).await?.is_empty() {
        return Ok(());
    }
    Err(Problem::not_signed_in(
        "you are in the directory, and have no role in this workspace and in none of its hubs; ask its Owner or an admin for one",
    ))
}
