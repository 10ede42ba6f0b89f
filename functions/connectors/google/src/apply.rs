//! One step at Google.

use serde_json::json;
use usher_connector::{Class, Error, Op, Outcome, PendingKind, Result, Step, StepContext, the_one_role};
use usher_domain::{access::Seat, directory::Profile};

use crate::{
    ads::Mutated,
    analytics,
    assets::Asset,
    client::Client,
    member::{invitation_id, is_review},
    tag_manager,
};

const DONE: Outcome = Outcome::Done { account: None };
const ACCESSES: &str = "customerUserAccesses";
const INVITATIONS: &str = "customerUserAccessInvitations";

/// Does one step.
pub(crate) async fn apply(client: &Client, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
    match &step.op {
        Op::Invite { profile, seat } => invite(client, profile, seat).await,
        Op::CancelInvitation => cancel(client, account(context)?).await,
        Op::SetRoles { roles } => {
            let name = client.name(ACCESSES, account(context)?);
            let access = json!({"resourceName": name, "accessRole": the_one_role("an account", roles)?});
            let operation = json!({"update": access, "updateMask": "accessRole"});
            client.mutate("setting the role", ACCESSES, operation).await.map(outcome)
        }
        Op::Remove => {
            let name = client.name(ACCESSES, account(context)?);
            client.mutate("removing the user", ACCESSES, json!({ "remove": name })).await.map(outcome)
        }
        Op::GrantAsset { asset, permissions } => {
            let asset = Asset::of(asset)?;
            grant(client, asset, email(context)?, asset.granted(permissions)?).await
        }
        Op::RevokeAsset { asset } => revoke(client, Asset::of(asset)?, email(context)?).await,
        _ => Err(Error::invalid("Google has no such step; this is a defect in Usher")),
    }
}

/// Done, or taken and kept until another admin approves.
fn outcome(mutated: Mutated) -> Outcome {
    match mutated {
        Mutated::Done => DONE,
        Mutated::Review(review) => {
            Outcome::Pending { kind: PendingKind::VendorApproval, reference: Some(review), expires_at: None }
        }
    }
}

async fn invite(client: &Client, profile: &Profile, seat: &Seat) -> Result<Outcome> {
    let email = profile.email.as_deref().ok_or_else(|| {
        Error::invalid("inviting: the directory gives no e-mail address; fill it in, then retry")
    })?;
    let invitation = json!({"emailAddress": email, "accessRole": the_one_role("an account", &seat.roles)?});
    Ok(match client.mutate("inviting", INVITATIONS, json!({ "create": invitation })).await? {
        Mutated::Done => {
            Outcome::Pending { kind: PendingKind::InviteAcceptance, reference: None, expires_at: None }
        }
        review => outcome(review),
    })
}

async fn cancel(client: &Client, account: &str) -> Result<Outcome> {
    let doing = "cancelling the invitation";
    if is_review(account) {
        return Err(Error::new(
            Class::PolicyDenied,
            "cancelling the invitation: it waits for a second admin's approval; let one reject it in Google Ads under Access \
             and security, then retry",
        ));
    }
    let id = invitation_id(account).ok_or_else(|| unseen("invitation"))?;
    let operation = json!({"remove": client.name(INVITATIONS, id)});
    client.mutate(doing, INVITATIONS, operation).await.map(outcome)
}

async fn grant(client: &Client, asset: Asset<'_>, email: &str, permission: &str) -> Result<Outcome> {
    let doing = "granting in Tag Manager";
    match asset {
        Asset::TagManagerAccount(account) => {
            tag_manager::change(client, doing, account, email, |held| held.account = permission.to_owned())
                .await?;
        }
        Asset::TagManagerContainer { account, container } => {
            tag_manager::change(client, doing, account, email, |held| {
                held.containers.insert(container.to_owned(), permission.to_owned());
            })
            .await?;
        }
        Asset::AnalyticsProperty(property) => analytics::grant(client, property, email, permission).await?,
    }
    Ok(DONE)
}

async fn revoke(client: &Client, asset: Asset<'_>, email: &str) -> Result<Outcome> {
    let doing = "revoking in Tag Manager";
    match asset {
        Asset::TagManagerAccount(account) => {
            tag_manager::change(client, doing, account, email, |held| held.account.clear()).await?;
        }
        Asset::TagManagerContainer { account, container } => {
            tag_manager::change(client, doing, account, email, |held| {
                held.containers.remove(container);
            })
            .await?;
        }
        Asset::AnalyticsProperty(property) => analytics::revoke(client, property, email).await?,
    }
    Ok(DONE)
}

fn account(context: StepContext<'_>) -> Result<&str> {
    context.account.ok_or_else(|| unseen("person"))
}

/// Tag Manager and Analytics know people by the address that they have at Google Ads.
fn email(context: StepContext<'_>) -> Result<&str> {
    let account = context.observation.observed.account.as_ref();
    let email = account.and_then(|account| account.profile.email.as_deref());
    email.or(context.subject.profile.email.as_deref()).ok_or_else(|| unseen("address"))
}

fn unseen(what: &str) -> Error {
    Error::invalid(format!("changing the account: there is no {what} to change; this is a defect in Usher"))
}
