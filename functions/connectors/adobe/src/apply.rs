//! One step in the organisation: a command about one user.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use usher_connector::{Error, Op, Outcome, Result, Step, StepContext};
use usher_domain::{access::Seat, directory::Profile};

use crate::{client::Client, config::Identity, groups, observe::Detail};

const DONE: Outcome = Outcome::Done { account: None };

/// How many memberships one command can change.
const MOST: usize = 10;

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    if let Op::Create { profile, seat } = &step.op {
        return create(client, profile, seat, context.operation).await;
    }
    let user = named(context)?;
    let seen = &context.observation.observed.seat;
    match &step.op {
        Op::SetRoles { roles } => {
            change(client, "setting the admin rights", &user, roles, &seen.roles).await?;
        }
        Op::SetEntitlements { entitlements } => {
            change(client, "setting the product profiles", &user, entitlements, &seen.entitlements).await?;
        }
        Op::GrantAsset { asset, .. } => {
            let groups = json!({"group": [groups::user_group(asset)?]});
            command(client, "adding to a user group", &user, vec![json!({ "add": groups })]).await?;
        }
        Op::RevokeAsset { asset } => {
            let groups = json!({"group": [groups::user_group(asset)?]});
            command(client, "taking out of a user group", &user, vec![json!({ "remove": groups })]).await?;
        }
        Op::Remove => {
            let remove = json!({"removeFromOrg": {"deleteAccount": false}});
            command(client, "removing the user", &user, vec![remove]).await?;
        }
        _ => return Err(Error::invalid("Adobe has no such step; this is a defect in Usher")),
    }
    Ok(DONE)
}

/// Makes the account, with as much of the seat as one command takes; the rest follows with the next look.
async fn create(client: &Client, profile: &Profile, seat: &Seat, operation: &str) -> Result<Outcome> {
    let email = profile.email.as_deref().ok_or_else(|| unseen("address"))?;
    let mut person = Map::new();
    person.insert("email".to_owned(), email.into());
    for (field, value) in
        [("country", &client.country), ("firstname", &profile.given_name), ("lastname", &profile.family_name)]
    {
        person.extend(value.as_ref().map(|value| (field.to_owned(), json!(value))));
    }
    let create = match client.identity {
        Identity::Federated => json!({ "createFederatedID": person }),
        Identity::Enterprise => json!({ "createEnterpriseID": person }),
        Identity::Adobe => json!({ "addAdobeID": person }),
    };
    let mut groups: Vec<&str> = seat.roles.iter().chain(&seat.entitlements).map(String::as_str).collect();
    for asset in seat.assets.keys() {
        groups.push(groups::user_group(asset)?);
    }
    groups.truncate(MOST);
    let mut steps = vec![create];
    if !groups.is_empty() {
        steps.push(json!({"add": {"group": groups}}));
    }
    let user = json!({"user": email, "requestID": operation});
    command(client, "creating the user", &user, steps).await?;
    Ok(DONE)
}

/// From these groups to those; what is gained comes first. A command about few is done as a whole, or it is not.
async fn change(
    client: &Client,
    doing: &'static str,
    user: &Value,
    wanted: &BTreeSet<String>,
    seen: &BTreeSet<String>,
) -> Result<()> {
    let gained = wanted.difference(seen).map(|group| ("add", group));
    let changes: Vec<(&str, &String)> =
        gained.chain(seen.difference(wanted).map(|group| ("remove", group))).collect();
    for part in changes.chunks(MOST) {
        let steps = part.chunk_by(|(one, _), (next, _)| one == next).map(|same| {
            let groups: Vec<&String> = same.iter().map(|(_, group)| *group).collect();
            json!({same[0].0: {"group": groups}})
        });
        command(client, doing, user, steps.collect()).await?;
    }
    Ok(())
}

async fn command(client: &Client, doing: &'static str, user: &Value, steps: Vec<Value>) -> Result<()> {
    let mut command = user.clone();
    command["do"] = steps.into();
    client.command(doing, command).await
}

/// How commands name somebody who was seen.
fn named(context: StepContext<'_>) -> Result<Value> {
    let account = context.observation.observed.account.as_ref();
    let email = account.and_then(|account| account.profile.email.as_deref()).ok_or_else(|| unseen("user"))?;
    let mut user = json!({"user": email, "requestID": context.operation});
    if Detail::deserialize(&context.observation.detail).is_ok_and(|detail| detail.own) {
        user["useAdobeID"] = true.into();
    }
    Ok(user)
}

fn unseen(what: &str) -> Error {
    Error::invalid(format!(
        "changing the organisation: there is no {what} to change; this is a defect in Usher"
    ))
}
