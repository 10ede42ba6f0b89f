//! One step at Meta.

use std::collections::BTreeSet;

use usher_connector::{Class, Error, Method, Op, Outcome, PendingKind, Request, Result, Step, StepContext};

use crate::{assets::Kind, client::Client};

const DONE: Outcome = Outcome::Done { account: None };

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    if let Op::Invite { profile, seat } = &step.op {
        let email = profile.email.clone().ok_or_else(|| {
            Error::invalid("inviting: the directory gives no e-mail address; fill it in, then retry")
        })?;
        let fields = vec![("email", email), ("role", role(&seat.roles)?)];
        let path = [client.business(), "business_users"];
        client.write(Request::new(Method::Post, "inviting", path).form(fields)).await?;
        return Ok(Outcome::Pending {
            kind: PendingKind::InviteAcceptance,
            reference: None,
            expires_at: None,
        });
    }
    let id = context.account.ok_or_else(|| {
        Error::invalid("changing the business: the id of the person is missing; this is a defect in Usher")
    })?;
    let request = match &step.op {
        Op::CancelInvitation => Request::delete("cancelling the invitation", [id]),
        Op::Remove => Request::delete("removing the person", [id]),
        Op::SetRoles { roles } => {
            Request::new(Method::Post, "setting the role", [id]).form(vec![("role", role(roles)?)])
        }
        Op::GrantAsset { asset, permissions } => {
            let (_, asset) = Kind::of(asset)?;
            let tasks = serde_json::Value::from_iter(permissions.iter().map(String::as_str)).to_string();
            Request::new(Method::Post, "granting an asset", [asset, "assigned_users"])
                .form(vec![("user", id.to_owned()), ("tasks", tasks)])
        }
        Op::RevokeAsset { asset } => {
            let (_, asset) = Kind::of(asset)?;
            Request::delete("revoking an asset", [asset, "assigned_users"]).query("user", id)
        }
        _ => return Err(Error::invalid("Meta has no such step; this is a defect in Usher")),
    };
    client.write(request).await?;
    Ok(DONE)
}

/// The one role.
fn role(roles: &BTreeSet<String>) -> Result<String> {
    let mut roles = roles.iter();
    match (roles.next(), roles.next()) {
        (Some(role), None) => Ok(role.clone()),
        _ => Err(Error::new(Class::Invalid, "a business gives just one role; choose one, then retry")),
    }
}
