//! One step in the app.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_connector::{Class, Error, Method, Op, Outcome, Request, Result, Step, StepContext};
use usher_domain::{access::Seat, directory::Profile};

use crate::{
    client::Client,
    config::{Config, LeaveBy},
    mapping::Attribute,
    person,
    plan::detail,
    wire::{self, id_of},
};

const DONE: Outcome = Outcome::Done { account: None };

/// Does one step.
pub(crate) async fn apply(
    client: &Client,
    config: &Config,
    step: &Step,
    context: StepContext<'_>,
) -> Result<Outcome> {
    // Every other step is about an account.
    if let Op::Create { profile, seat } = &step.op {
        return create(client, config, profile, seat).await;
    }
    let Some(id) = context.account else {
        return Err(Error::new(
            Class::NotFound,
            "changing the account: it is not known; the app is looked at again",
        ));
    };
    match &step.op {
        Op::Remove => {
            let was_there = client.delete("removing the account", "Users", id).await?;
            return Ok(if was_there { DONE } else { Outcome::NoChange });
        }
        Op::Activate => set_active(client, "activating the account", id, true).await?,
        Op::Deactivate => set_active(client, "deactivating the account", id, false).await?,
        Op::UpdateProfile { profile } => {
            let user = detail(context.observation)?.user;
            let changes = person::changes(profile, config.user_name_from.of(profile), &user);
            if changes.is_empty() {
                return Ok(Outcome::NoChange);
            }
            client.patch("bringing the profile up to date", "Users", id, changes).await?;
        }
        Op::SetRoles { roles } => {
            let had = &context.observation.observed.seat.roles;
            set_values(client, "setting the roles", config.roles.attribute(), roles, had, id, &context)
                .await?;
        }
        Op::SetEntitlements { entitlements } => {
            let had = &context.observation.observed.seat.entitlements;
            let attribute = config.entitlements.attribute();
            set_values(client, "setting the entitlements", attribute, entitlements, had, id, &context)
                .await?;
        }
        Op::JoinGroup { name } => join(client, config, name, id).await?,
        Op::LeaveGroup { id: group, ours, .. } => {
            return leave(client, config.leave_by, group, id, *ours).await;
        }
        Op::Create { .. }
        | Op::Invite { .. }
        | Op::ResendInvitation
        | Op::CancelInvitation
        | Op::SetSeat { .. }
        | Op::GrantAsset { .. }
        | Op::RevokeAsset { .. } => {
            return Err(Error::invalid("a SCIM app has no such step; this is a defect in Usher"));
        }
    }
    Ok(DONE)
}

async fn create(client: &Client, config: &Config, profile: &Profile, seat: &Seat) -> Result<Outcome> {
    let doing = "creating the account";
    let user_name = config
        .user_name_from
        .of(profile)
        .ok_or_else(|| Error::invalid("creating the account: the directory gives no value for userName"))?;
    let mut user = person::new_user(profile, user_name);
    for (mapping, values) in [(&config.roles, &seat.roles), (&config.entitlements, &seat.entitlements)] {
        if let Some(attribute) = mapping.attribute().filter(|_| !values.is_empty()) {
            wire::set_path(&mut user, attribute.path, wanted(values, attribute, Vec::new()));
        }
    }
    let answer = client.call(Request::new(Method::Post, doing, ["Users"]).body(user)).await?;
    match answer.json().as_ref().and_then(id_of) {
        Some(id) => Ok(Outcome::Done { account: Some(id.to_owned()) }),
        // Without its id nothing more can be done for it; the next look finds it.
        None => Err(Error::new(
            Class::Ambiguous,
            format!("{doing}: the app did not say which id it gave; the account is looked for"),
        )),
    }
}

async fn set_active(client: &Client, doing: &'static str, id: &str, active: bool) -> Result<()> {
    client.patch(doing, "Users", id, vec![wire::replace("active", active.into())]).await
}

/// Makes an attribute hold exactly `values` of those that Usher has a say in. `had` is what it held of them.
async fn set_values(
    client: &Client,
    doing: &'static str,
    attribute: Option<Attribute<'_>>,
    values: &BTreeSet<String>,
    had: &BTreeSet<String>,
    id: &str,
    context: &StepContext<'_>,
) -> Result<()> {
    let Some(attribute) = attribute else {
        return Err(Error::invalid(format!(
            "{doing}: they are not kept in an attribute; this is a defect in Usher"
        )));
    };
    let user = detail(context.observation)?.user;
    // What came from elsewhere stays, and what stays keeps what the app says about it.
    let stays = |item: &&Value| {
        let value = wire::values(Some(item)).into_iter().next();
        let ours = wire::is_of_type(item, attribute.of_type);
        !ours || value.is_none_or(|value| values.contains(&value) || !had.contains(&value))
    };
    let kept = match wire::at_path(&user, attribute.path) {
        Some(Value::Array(items)) => items.iter().filter(stays).cloned().collect(),
        _ => Vec::new(),
    };
    let value = wanted(values, attribute, kept);
    client.patch(doing, "Users", id, vec![wire::replace(attribute.path, value)]).await
}

/// The value of an attribute: what is kept, and what is missing of `values`.
fn wanted(values: &BTreeSet<String>, attribute: Attribute<'_>, mut kept: Vec<Value>) -> Value {
    if !attribute.multi_valued {
        return values.first().map(|value| value.as_str().into()).unwrap_or_default();
    }
    for value in values {
        let is_it = |item: &Value| {
            wire::is_of_type(item, attribute.of_type) && wire::values(Some(item)).first() == Some(value)
        };
        if !kept.iter().any(is_it) {
            kept.push(match attribute.of_type {
                Some(of_type) => json!({"type": of_type, "value": value}),
                None => json!({"value": value}),
            });
        }
    }
    Value::Array(kept)
}

async fn join(client: &Client, config: &Config, name: &str, user: &str) -> Result<()> {
    let group = match client.find_group(name).await? {
        Some(group) => group,
        None if config.create_groups => client.create_group(name).await?,
        None => {
            return Err(Error::invalid(format!(
                "adding to a group: the app has no group named {name}; make it there, or set `create_groups`, then \
                 retry"
            )));
        }
    };
    let operation = json!({"op": "add", "path": "members", "value": [{"value": user}]});
    client.patch("adding to a group", "Groups", &group, vec![operation]).await
}

async fn leave(client: &Client, by: LeaveBy, group: &str, user: &str, ours: bool) -> Result<Outcome> {
    let operation = match by {
        LeaveBy::Path => {
            json!({"op": "remove", "path": format!("members[{}]", wire::equals("value", user))})
        }
        LeaveBy::Value => json!({"op": "remove", "path": "members", "value": [{"value": user}]}),
    };
    match client.patch("removing from a group", "Groups", group, vec![operation]).await {
        Ok(()) => Ok(DONE),
        Err(error) => match error.class() {
            Class::NotFound => Ok(Outcome::NoChange),
            // An app may keep groups by rules of its own. They give nothing once the account is gone.
            Class::PolicyDenied | Class::Invalid if !ours => Ok(Outcome::NoChange),
            _ => Err(error),
        },
    }
}
