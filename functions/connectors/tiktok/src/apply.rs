//! One step in the Business Center.

use serde_json::json;
use usher_connector::{Error, Op, Outcome, PendingKind, Result, Step, StepContext, the_one_role};
use usher_domain::{access::Seat, directory::Profile};

use crate::{assets::Kind, client::Client, plan::INVITED_WITH};

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    match &step.op {
        Op::Invite { profile, seat } => return invite(client, profile, seat).await,
        Op::CancelInvitation => {
            // TikTok knows an invitation by the address that it went to.
            let account = context.observation.observed.account.as_ref();
            let email = account.and_then(|account| account.profile.email.as_deref()).ok_or_else(|| {
                Error::invalid("cancelling the invitation: its address is missing; this is a defect in Usher")
            })?;
            let body = json!({"user_email": email});
            return client.write("cancelling the invitation", ["member", "delete"], body).await;
        }
        _ => {}
    }
    let id = context.account.ok_or_else(|| {
        Error::invalid(
            "changing the Business Center: the id of the person is missing; this is a defect in Usher",
        )
    })?;
    match &step.op {
        Op::Remove => client.write("removing the member", ["member", "delete"], json!({"user_id": id})).await,
        Op::SetRoles { roles } => {
            let body = json!({"user_id": id, "user_role": the_one_role("a Business Center", roles)?});
            client.write("setting the role", ["member", "update"], body).await
        }
        Op::GrantAsset { asset, permissions } => {
            let (kind, asset) = Kind::of(asset)?;
            client.write("granting an asset", ["asset", "assign"], kind.assign(asset, id, permissions)).await
        }
        Op::RevokeAsset { asset } => {
            let (kind, asset) = Kind::of(asset)?;
            let body = json!({"user_id": id, "asset_type": kind.name, "asset_id": asset});
            client.write("revoking an asset", ["asset", "unassign"], body).await
        }
        _ => Err(Error::invalid("TikTok has no such step; this is a defect in Usher")),
    }
}

async fn invite(client: &Client, profile: &Profile, seat: &Seat) -> Result<Outcome> {
    let email = profile.email.as_deref().ok_or_else(|| {
        Error::invalid("inviting: the directory gives no e-mail address; fill it in, then retry")
    })?;
    let mut body = json!({"emails": [email], "user_role": the_one_role("a Business Center", &seat.roles)?});
    let mut assets = Vec::new();
    for (asset, permissions) in &seat.assets {
        let (kind, asset) = Kind::of(asset)?;
        // An invitation that is made anew comes with everything; the rest follows the acceptance.
        let permissions = kind.effective(permissions);
        let fits = body
            .get("advertiser_role")
            .is_none_or(|role| Some(role) == permissions.first().map(|role| json!(role)).as_ref());
        if kind.name == INVITED_WITH && fits {
            body["advertiser_role"] = json!(permissions.first());
            assets.push(asset);
        }
    }
    if !assets.is_empty() {
        body["asset_type"] = json!(INVITED_WITH);
        body["asset_ids"] = json!(assets);
    }
    client.write("inviting", ["member", "invite"], body).await?;
    Ok(Outcome::Pending { kind: PendingKind::InviteAcceptance, reference: None, expires_at: None })
}
