//! One step in the app.

use std::collections::BTreeSet;

use aws_lc_rs::rand;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use usher_connector::{Error, Op, Outcome, PendingKind, Result, Step, StepContext};
use usher_domain::{access::Seat, directory::Profile};

use crate::{
    client::Client,
    document::{Add, Assets, Call},
    observe::{KEPT, about},
    role,
    template::Values,
};

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    let document = &client.document;
    match (&step.op, &document.add) {
        (Op::Create { profile, seat }, Add::Create(call)) => {
            let values = newcomer(client, profile, seat).await?.with("password", Some(&password()?));
            client.call("creating the account", call, &values).await?;
            return Ok(Outcome::Done { account: None });
        }
        (Op::Invite { profile, seat }, Add::Invite(call)) => {
            client.call("inviting", call, &newcomer(client, profile, seat).await?).await?;
            return Ok(Outcome::Pending {
                kind: PendingKind::InviteAcceptance,
                reference: None,
                expires_at: None,
            });
        }
        _ => {}
    }
    let id = context.account.ok_or_else(|| {
        Error::invalid("changing the app: the id of the person is missing; this is a defect in Usher")
    })?;
    let person = Values::default().with("id", Some(id));
    let (doing, call, values): (_, Option<&Call>, _) = match &step.op {
        Op::CancelInvitation => {
            let cancel = document.invitations.as_ref().map(|invitations| &invitations.cancel);
            ("cancelling the invitation", cancel, person)
        }
        Op::SetRoles { roles } => (
            "setting the role",
            document.set_role.as_ref(),
            kept(&context.observation.detail, person).with_value("role", role::given(client, roles).await?),
        ),
        Op::Remove => {
            // Whoever holds none that is known is removed as the lowest.
            let held = role::given(client, &context.observation.observed.seat.roles).await;
            let lowest = document.roles.first().map(|role| role.value()).unwrap_or_default();
            (
                "removing the account",
                Some(&document.remove),
                person.with_value("role", held.unwrap_or(lowest)),
            )
        }
        Op::GrantAsset { asset, permissions } => {
            let values = person.with("asset", Some(asset));
            let assets = document.assets.as_ref();
            let values = assets.map(|assets| granted(assets, permissions, values)).unwrap_or_default();
            ("granting an asset", assets.map(|assets| &assets.grant), values)
        }
        Op::RevokeAsset { asset } => {
            let revoke = document.assets.as_ref().map(|assets| &assets.revoke);
            ("revoking an asset", revoke, person.with("asset", Some(asset)))
        }
        _ => return Err(no_such_step()),
    };
    client.call(doing, call.ok_or_else(no_such_step)?, &values).await?;
    Ok(Outcome::Done { account: None })
}

/// With what the app has to be told again.
fn kept(detail: &Value, values: Values) -> Values {
    let kept = detail.get(KEPT).and_then(Value::as_object).into_iter().flatten();
    kept.fold(values, |values, (name, value)| values.with_value(&format!("kept.{name}"), value.clone()))
}

fn no_such_step() -> Error {
    Error::invalid("the app's document has no such step; this is a defect in Usher")
}

async fn newcomer(client: &Client, profile: &Profile, seat: &Seat) -> Result<Values> {
    Ok(about(profile).with_value("role", role::given(client, &seat.roles).await?))
}

fn granted(assets: &Assets, permissions: &BTreeSet<String>, values: Values) -> Values {
    let mut values = values;
    let mut all = Vec::new();
    for permission in &assets.permissions {
        let is_granted = permissions.contains(&permission.key);
        let value = if is_granted { permission.value() } else { permission.otherwise.clone() };
        if is_granted {
            all.push(value.clone());
            values = values.with_value("permission", value.clone());
        }
        values = values.with_value(&format!("permission.{}", permission.key), value);
    }
    values.with_value("permissions", json!(all))
}

/// A password that nobody is told.
fn password() -> Result<String> {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).map_err(|_| {
        Error::transient(
            "creating the account: the machine has no randomness for a password; it is tried again",
        )
    })?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
