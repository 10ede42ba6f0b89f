//! One step in the account.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use usher_connector::{Error, Method, Op, Outcome, Result, Step, StepContext, the_one_role};
use usher_domain::{access::Seat, directory::Profile};

use crate::{
    client::Client,
    team::{self, Teams},
    user::User,
};

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    if let Op::Create { profile, seat } = &step.op {
        return create(client, profile, seat).await;
    }
    let id = context.account.ok_or_else(|| {
        Error::invalid("changing the account: the id of the person is missing; this is a defect in Usher")
    })?;
    match &step.op {
        Op::Remove => client.delete("removing the user", id).await?,
        Op::SetRoles { roles } => {
            let role = the_one_role("HubSpot", roles)?.to_owned();
            change(client, "setting the permission set", id, |user| user.roles = [role].into()).await?;
        }
        Op::GrantAsset { asset, permissions } => {
            let (team, role) = (team::id(asset)?, team::role(asset, permissions)?);
            change(client, "adding to a team", id, |user| user.teams.put(team, Some(role))).await?;
        }
        Op::RevokeAsset { asset } => {
            let team = team::id(asset)?;
            change(client, "taking out of a team", id, |user| user.teams.put(team, None)).await?;
        }
        _ => return Err(Error::invalid("HubSpot has no such step; this is a defect in Usher")),
    }
    Ok(Outcome::Done { account: None })
}

async fn create(client: &Client, profile: &Profile, seat: &Seat) -> Result<Outcome> {
    let email = profile.email.as_deref().ok_or_else(|| {
        Error::invalid("creating the user: the directory gives no e-mail address; fill it in, then retry")
    })?;
    let mut body = settings(&seat.roles, &Teams::of(&seat.assets)?)?;
    body.insert("email".to_owned(), email.into());
    body.insert("sendWelcomeEmail".to_owned(), client.send_welcome_email.into());
    let made = client.write("creating the user", Method::Post, &[], Value::Object(body)).await?;
    Ok(Outcome::Done { account: Some(made.account.id) })
}

/// A change is of everything at once, so it is made to what the user has at this moment.
async fn change(
    client: &Client,
    doing: &'static str,
    id: &str,
    change: impl FnOnce(&mut User),
) -> Result<()> {
    let mut user = client.user(doing, id).await?;
    change(&mut user);
    let body = settings(&user.roles, &user.teams)?;
    client.write(doing, Method::Put, &[id], Value::Object(body)).await.map(|_| ())
}

fn settings(roles: &BTreeSet<String>, teams: &Teams) -> Result<Map<String, Value>> {
    let mut settings = Map::new();
    if !roles.is_empty() {
        settings.insert("roleId".to_owned(), the_one_role("HubSpot", roles)?.into());
    }
    if let Some(primary) = &teams.primary {
        settings.insert("primaryTeamId".to_owned(), primary.clone().into());
    }
    settings.insert("secondaryTeamIds".to_owned(), json!(teams.secondary));
    Ok(settings)
}
