//! What the API tells of people, teams and invitations.

use serde_json::{Value, json};

use super::{
    super::business::{Asset, Invitation, InvitationState, Organisation, Person},
    ORGANIZATION,
};

/// The name in URLs: what stands before the `@`.
pub(super) fn login(person: &Person) -> String {
    person.email.split('@').next().unwrap_or_default().to_ascii_lowercase()
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or_default()
}

pub(super) fn user(person: &Person) -> Value {
    let login = login(person);
    let url = format!("https://api.github.com/users/{login}");
    json!({"login": login, "id": number(&person.id), "node_id": format!("U_{}", person.id),
        "avatar_url": "https://avatars.githubusercontent.com/u/1", "gravatar_id": "", "url": url,
        "html_url": format!("https://github.com/{login}"), "followers_url": format!("{url}/followers"),
        "following_url": format!("{url}/following{{/other_user}}"), "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"), "subscriptions_url": format!("{url}/subscriptions"),
        "organizations_url": format!("{url}/orgs"), "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events{{/privacy}}"), "received_events_url": format!("{url}/received_events"),
        "type": "User", "site_admin": false})
}

/// A user's own page. The address there is the one that the user chose to show; nobody here did.
pub(super) fn public_user(person: &Person) -> Value {
    let mut user = user(person);
    let more = json!({"name": person.name, "company": null, "blog": "", "location": null, "email": null, "hireable": null,
        "bio": null, "user_view_type": "public", "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"});
    if let (Some(user), Value::Object(more)) = (user.as_object_mut(), more) {
        user.extend(more);
    }
    user
}

pub(super) fn organization(organisation: &Organisation) -> Value {
    let url = format!("https://api.github.com/orgs/{ORGANIZATION}");
    json!({"login": ORGANIZATION, "id": 1, "node_id": "O_1", "url": url, "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events"), "hooks_url": format!("{url}/hooks"), "issues_url": format!("{url}/issues"),
        "members_url": format!("{url}/members{{/member}}"), "public_members_url": format!("{url}/public_members{{/member}}"),
        "avatar_url": "https://avatars.githubusercontent.com/u/2", "description": organisation.name})
}

pub(super) fn membership(organisation: &Organisation, person: &Person) -> Value {
    let url = format!("https://api.github.com/orgs/{ORGANIZATION}");
    json!({"url": format!("{url}/memberships/{}", login(person)), "state": "active", "role": person.role,
        "organization_url": url, "direct_membership": true, "enterprise_teams_providing_indirect_membership": [],
        "organization": self::organization(organisation), "user": user(person)})
}

/// A team's number: GitHub has one beside the name in URLs.
pub(super) fn team_id(organisation: &Organisation, slug: &str) -> usize {
    1_000 + organisation.assets().iter().position(|team| team.id == slug).unwrap_or_default()
}

pub(super) fn team(organisation: &Organisation, team: &Asset) -> Value {
    let id = team_id(organisation, &team.id);
    let url = format!("https://api.github.com/organizations/1/team/{id}");
    json!({"id": id, "node_id": format!("T_{id}"), "name": team.name, "slug": team.id, "description": null,
        "privacy": "closed", "notification_setting": "notifications_enabled", "permission": "pull", "type": "organization",
        "organization_id": 1, "url": url, "html_url": format!("https://github.com/orgs/{ORGANIZATION}/teams/{}", team.id),
        "members_url": format!("{url}/members{{/member}}"), "repositories_url": format!("{url}/repos"), "parent": null})
}

/// A team on its own page.
pub(super) fn whole_team(organisation: &Organisation, asset: &Asset) -> Value {
    let mut whole = team(organisation, asset);
    let mut organization = organization(organisation);
    let more = json!({"html_url": format!("https://github.com/{ORGANIZATION}"), "has_organization_projects": true,
        "has_repository_projects": true, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "type": "Organization", "created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "archived_at": null});
    if let (Some(organization), Value::Object(more)) = (organization.as_object_mut(), more) {
        organization.extend(more);
    }
    let members = organisation.people().iter().filter(|person| person.grants.contains_key(&asset.id)).count();
    whole["organization"] = organization;
    whole["members_count"] = members.into();
    whole["repos_count"] = 0.into();
    whole["created_at"] = "2020-01-01T00:00:00Z".into();
    whole["updated_at"] = "2026-01-01T00:00:00Z".into();
    whole
}

/// Owners maintain every team that they are in.
pub(super) fn team_membership(organisation: &Organisation, person: &Person, team: &str) -> Option<Value> {
    let held = person.grants.get(team)?;
    let maintains = held.contains("maintainer") || person.role == organisation.admin_role;
    let role = if maintains { "maintainer" } else { "member" };
    let url = format!("https://api.github.com/organizations/1/team/{}", team_id(organisation, team));
    let url = format!("{url}/memberships/{}", login(person));
    Some(json!({"url": url, "role": role, "state": "active"}))
}

pub(super) fn invitation(organisation: &Organisation, invitation: &Invitation) -> Value {
    let failed = invitation.state != InvitationState::Pending;
    let at = |shown: bool, text: &str| if shown { json!(text) } else { Value::Null };
    let url = format!("https://api.github.com/organizations/1/invitations/{}/teams", invitation.id);
    json!({"id": number(&invitation.id), "login": null, "node_id": format!("OI_{}", invitation.id),
        "email": invitation.email, "role": if invitation.role == "member" { "direct_member" } else { "admin" },
        "created_at": invitation.sent_at.to_string(), "failed_at": at(failed, &invitation.expires_at.to_string()),
        "failed_reason": at(failed, "Invitation did not work out."),
        "inviter": organisation.people().first().map(user), "team_count": invitation.grants.len(),
        "invitation_teams_url": url, "invitation_source": "member"})
}

/// A member in GraphQL. Only addresses that the user verified are told.
pub(super) fn edge(person: &Person) -> Value {
    let emails: Vec<&str> = [person.email.as_str()].into_iter().filter(|email| email.contains('@')).collect();
    json!({"role": person.role.to_ascii_uppercase(), "node": {"databaseId": number(&person.id), "login": login(person),
        "name": person.name, "organizationVerifiedDomainEmails": emails}})
}
