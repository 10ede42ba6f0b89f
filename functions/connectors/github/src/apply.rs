//! One step in the organisation.

use serde::Deserialize;
use serde_json::json;
use usher_connector::{Error, Method, Op, Outcome, PendingKind, Result, Step, StepContext, the_one_role};
use usher_domain::{access::Seat, directory::Profile};

use crate::{
    client::Client,
    invitation,
    member::MEMBER,
    observe::Detail,
    team,
    wire::{number, text, undone},
};

const DONE: Outcome = Outcome::Done { account: None };

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    match &step.op {
        Op::Invite { profile, seat } => return invite(client, profile, seat).await,
        Op::CancelInvitation => {
            let id = context.account.and_then(invitation::id).ok_or_else(|| unseen("invitation"))?;
            client.delete("cancelling the invitation", &["invitations", id]).await?;
        }
        Op::Remove => {
            client.delete("removing the member", &["memberships", &login(context)?]).await?;
        }
        Op::SetRoles { roles } => {
            let (doing, role) = ("setting the role", the_one_role("an organisation", roles)?);
            let path = ["memberships", &login(context)?];
            let answer = client.write(doing, Method::Put, &path, json!({"role": role})).await?;
            if text(&answer, "role") != Some(role) {
                return Err(undone(doing));
            }
        }
        Op::GrantAsset { asset, permissions } => {
            let (doing, role) = ("adding to a team", team::role(asset, permissions)?);
            let path = ["teams", team::slug(asset)?, "memberships", &login(context)?];
            let answer = client.write(doing, Method::Put, &path, json!({"role": role})).await?;
            if text(&answer, "role").is_none() {
                return Err(undone(doing));
            }
        }
        Op::RevokeAsset { asset } => {
            let path = ["teams", team::slug(asset)?, "memberships", &login(context)?];
            client.delete("taking out of a team", &path).await?;
        }
        _ => return Err(Error::invalid("GitHub has no such step; this is a defect in Usher")),
    }
    Ok(DONE)
}

/// Invites, into the teams as well. Who maintains one follows the acceptance.
async fn invite(client: &Client, profile: &Profile, seat: &Seat) -> Result<Outcome> {
    let doing = "inviting";
    let email = profile.email.as_deref().ok_or_else(|| {
        Error::invalid("inviting: the directory gives no e-mail address; fill it in, then retry")
    })?;
    let mut teams = Vec::with_capacity(seat.assets.len());
    for asset in seat.assets.keys() {
        let found = client.get("looking for a team", &["teams", team::slug(asset)?]).await?;
        teams.push(found.get("id").cloned().ok_or_else(|| {
            Error::transient("looking for a team: GitHub's answer lacks the id; it is read again")
        })?);
    }
    let role = match the_one_role("an organisation", &seat.roles)? {
        MEMBER => "direct_member",
        role => role,
    };
    let body = json!({"email": email, "role": role, "team_ids": teams});
    let answer = client.write(doing, Method::Post, &["invitations"], body).await?;
    number(&answer, "id").ok_or_else(|| undone(doing))?;
    Ok(Outcome::Pending { kind: PendingKind::InviteAcceptance, reference: None, expires_at: None })
}

/// The member's name in URLs, as it was seen.
fn login(context: StepContext<'_>) -> Result<String> {
    let detail = Detail::deserialize(&context.observation.detail).map_err(|_| unseen("member"))?;
    Ok(detail.login)
}

fn unseen(what: &str) -> Error {
    Error::invalid(format!(
        "changing the organisation: there is no {what} to change; this is a defect in Usher"
    ))
}
