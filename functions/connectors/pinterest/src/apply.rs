//! One step in the business.

use serde_json::{Map, Value, json};
use usher_connector::{Error, Method, Op, Outcome, PendingKind, Result, Step, StepContext, the_one_role};
use usher_domain::{access::Seat, directory::Profile};

use crate::{
    assets::Kind,
    client::Client,
    wire::{first_result, text, undone},
};

const DONE: Outcome = Outcome::Done { account: None };

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    if let Op::Invite { profile, seat } = &step.op {
        return invite(client, profile, seat).await;
    }
    let id = context.account.ok_or_else(|| {
        Error::invalid("changing the business: the id of the person is missing; this is a defect in Usher")
    })?;
    match &step.op {
        Op::CancelInvitation => {
            let doing = "cancelling the invitation";
            let body = json!({"invite_ids": [id]});
            first_result(doing, &client.write(doing, Method::Delete, &["invites"], body).await?)?;
        }
        Op::Remove => {
            let doing = "removing the member";
            let role = the_one_role("a business", &context.observation.observed.seat.roles)?;
            let body = json!({"members": [{"member_id": id, "business_role": role}]});
            let answer = client.write(doing, Method::Delete, &["members"], body).await?;
            let deleted = answer.get("deleted_members").and_then(Value::as_array);
            if !deleted.is_some_and(|deleted| deleted.contains(&json!(id))) {
                return Err(undone(doing));
            }
        }
        Op::SetRoles { roles } => {
            let doing = "setting the role";
            let body = json!([{"member_id": id, "business_role": the_one_role("a business", roles)?}]);
            first_result(doing, &client.write(doing, Method::Patch, &["members"], body).await?)?;
        }
        Op::GrantAsset { asset, permissions } => {
            let doing = "granting an asset";
            let (_, asset) = Kind::of(asset)?;
            let body =
                json!({"accesses": [{"member_id": id, "asset_id": asset, "permissions": permissions}]});
            first_result(doing, &client.write(doing, Method::Patch, &ACCESS, body).await?)?;
        }
        Op::RevokeAsset { asset } => {
            let doing = "revoking an asset";
            let (_, asset) = Kind::of(asset)?;
            let body = json!({"accesses": [{"member_id": id, "asset_id": asset}]});
            first_result(doing, &client.write(doing, Method::Delete, &ACCESS, body).await?)?;
        }
        _ => return Err(Error::invalid("Pinterest has no such step; this is a defect in Usher")),
    }
    Ok(DONE)
}

/// Where members' access to assets is.
const ACCESS: [&str; 3] = ["members", "assets", "access"];

/// Invites, and gives the invitation its assets. Where the second did not come through, they follow the acceptance.
async fn invite(client: &Client, profile: &Profile, seat: &Seat) -> Result<Outcome> {
    let doing = "inviting";
    let email = profile.email.as_deref().ok_or_else(|| {
        Error::invalid("inviting: the directory gives no e-mail address; fill it in, then retry")
    })?;
    let body = json!({"invite_type": "MEMBER_INVITE", "business_role": the_one_role("a business", &seat.roles)?, "members": [email]});
    let result = first_result(doing, &client.write(doing, Method::Post, &["invites"], body).await?)?;
    let invitation =
        result.get("invite").and_then(|invite| text(invite, "id")).ok_or_else(|| undone(doing))?;
    if !seat.assets.is_empty() {
        let mut permissions = Map::new();
        for (asset, granted) in &seat.assets {
            permissions.insert(Kind::of(asset)?.1.to_owned(), json!(granted));
        }
        let body = json!({"invites": [
            {"invite_id": invitation, "invite_type": "MEMBER_INVITE", "asset_id_to_permissions": permissions}]});
        let doing = "giving the invitation its assets";
        first_result(
            doing,
            &client.write(doing, Method::Post, &["invites", "assets", "access"], body).await?,
        )?;
    }
    Ok(Outcome::Pending { kind: PendingKind::InviteAcceptance, reference: None, expires_at: None })
}
