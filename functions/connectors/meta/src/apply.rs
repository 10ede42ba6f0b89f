//! One step at Meta.

use usher_connector::{
    Error, Method, Op, Outcome, PendingKind, Request, Result, Step, StepContext, the_one_role,
};

use crate::{assets::Kind, client::Client};

const DONE: Outcome = Outcome::Done { account: None };

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    if let Op::Invite { profile, seat } = &step.op {
        let email = profile.email.clone().ok_or_else(|| {
            Error::invalid("inviting: the directory gives no e-mail address; fill it in, then retry")
        })?;
        let fields = vec![("email", email), ("role", the_one_role("a business", &seat.roles)?.to_owned())];
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
        Op::SetRoles { roles } => Request::new(Method::Post, "setting the role", [id])
            .form(vec![("role", the_one_role("a business", roles)?.to_owned())]),
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
