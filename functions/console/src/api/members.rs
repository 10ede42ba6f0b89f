//! Members: people of the directory and what they may do in the workspace.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use futures::{StreamExt, TryStreamExt, stream};
use http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    directory::UserRecord,
    id::PersonId,
    workspace::{Member, WorkspaceRole},
};
use utoipa::ToSchema;

use super::{
    extract::{Json, Path},
    names::WorkspaceRoleName,
    shares::check_directory,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::{Action, may_set_role, role_label},
    provisioning,
};

/// How many people's names are read at the same time.
const NAMES_AT_ONCE: usize = 8;
/// How long a sign-in link can be used.
const LINK_HOURS: i64 = 12;

/// Somebody with a role in the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView {
    /// The person's id.
    pub(crate) person: String,
    /// Their name; null where the directory has deleted them.
    #[schema(required)]
    pub(crate) name: Option<String>,
    /// What they may do.
    pub(crate) role: WorkspaceRoleName,
    /// Since when.
    pub(crate) since: Timestamp,
}

impl MemberView {
    fn of(member: Member, person: Option<&UserRecord>) -> Self {
        Self {
            person: member.person.into(),
            name: person.map(|person| person.profile().label().to_owned()),
            role: member.role.into(),
            since: member.since,
        }
    }
}

/// A role to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberPut {
    /// What the person may do from now on. `owner` hands the workspace over: whoever is the Owner becomes a Super Admin.
    pub(crate) role: WorkspaceRoleName,
}

/// A link that signs one browser in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInLinkView {
    /// The link. It works once.
    pub(crate) url: String,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
}

/// Members
///
/// Everybody who was given a role. Other people of the directory are Users.
#[utoipa::path(get, path = "/members", tag = "Members", operation_id = "listMembers",
    responses((status = 200, description = "All members.", body = Listed<MemberView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<Listed<MemberView>>, Problem> {
    caller.may(Action::ManageMembers)?;
    let members = app.store.members(&caller.workspace).await?;
    let named = members.into_iter().map(|member| async {
        let person = app.store.person(&caller.workspace, &member.person).await?;
        Ok::<_, Problem>(MemberView::of(member, person.filter(is_there).as_ref()))
    });
    let named: Vec<_> = stream::iter(named.collect::<Vec<_>>()).buffered(NAMES_AT_ONCE).try_collect().await?;
    Ok(Reply(Listed::whole(named, |member| member)))
}

/// Give a person a role
///
/// The Owner gives any, a Super Admin up to Admin. A workspace has exactly one Owner.
#[utoipa::path(put, path = "/members/{person}", tag = "Members", operation_id = "putMember",
    params(("person" = String, Path, description = "The person's id.")),
    request_body = MemberPut,
    responses((status = 200, description = "The member.", body = MemberView)))]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PersonId>,
    Json(body): Json<MemberPut>,
) -> Result<Reply<MemberView>, Problem> {
    caller.may(Action::ManageMembers)?;
    let (person, before) = read(&app, &caller, &id).await?;
    check_directory(&app, &person.connection).await?;
    let role = WorkspaceRole::from(body.role);
    check_rank(&caller, before.as_ref(), role)?;
    caller.act.before(&before.clone().map(|before| MemberView::of(before, Some(&person))));
    let member = Member { workspace: caller.workspace.clone(), person: id, role, since: app.clock.now() };
    if role == WorkspaceRole::Owner {
        app.store.hand_over(&caller.workspace, &member.person, member.since).await?;
    } else {
        check_not_owner(before.as_ref())?;
        app.store.change_member(&caller.workspace, &member.person, before.as_ref(), Some(&member)).await?;
    }
    told(&caller, &member.person, Some(role));
    let view = MemberView::of(member, Some(&person));
    caller.act.after(&view);
    Ok(Reply(view))
}

/// Take a person's role away
///
/// The person stays in the directory, as a User.
#[utoipa::path(delete, path = "/members/{person}", tag = "Members", operation_id = "deleteMember",
    params(("person" = String, Path, description = "The person's id.")),
    responses((status = 204, description = "The person is a User.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageMembers)?;
    let before = app.store.member(&caller.workspace, &id).await?;
    let before = before.ok_or_else(|| Problem::not_found("this member"))?;
    check_rank(&caller, Some(&before), WorkspaceRole::User)?;
    check_not_owner(Some(&before))?;
    caller.act.before(&MemberView::of(before.clone(), None));
    app.store.change_member(&caller.workspace, &id, Some(&before), None).await?;
    told(&caller, &id, None);
    Ok(StatusCode::NO_CONTENT)
}

/// Make a sign-in link for a person
///
/// Whoever opens it is signed in as this person. It works once, for 12 hours.
#[utoipa::path(post, path = "/members/{person}/sign-in-links", tag = "Members", operation_id = "createSignInLink",
    params(("person" = String, Path, description = "The person's id.")),
    responses((status = 201, description = "The link.", body = SignInLinkView)))]
pub(crate) async fn sign_in_link(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<(StatusCode, Reply<SignInLinkView>), Problem> {
    caller.may(Action::ManageMembers)?;
    let (person, member) = read(&app, &caller, &id).await?;
    check_directory(&app, &person.connection).await?;
    // Whoever opens the link can do what the person can.
    let role = member.as_ref().map_or(WorkspaceRole::User, |member| member.role);
    check_rank(&caller, member.as_ref(), role)?;
    let valid_for = SignedDuration::from_hours(LINK_HOURS);
    let expires_at = app.clock.now() + valid_for;
    let name = person.profile().label().to_owned();
    let url = provisioning::new_sign_in_link(
        (&app).into(),
        &caller.workspace,
        &name,
        // The session is bounded by the role that the person has when it is used.
        WorkspaceRole::Owner,
        Some(id),
        valid_for,
    )
    .await?;
    Ok((StatusCode::CREATED, Reply(SignInLinkView { url, expires_at })))
}

fn is_there(person: &UserRecord) -> bool {
    person.deleted_at.is_none()
}

/// A person of the workspace, and the role that they were given.
pub(super) async fn read(
    app: &App,
    caller: &Caller,
    id: &PersonId,
) -> Result<(UserRecord, Option<Member>), Problem> {
    let person = app.store.person(&caller.workspace, id).await?.filter(is_there);
    let person = person.ok_or_else(|| Problem::not_found("this person"))?;
    Ok((person, app.store.member(&caller.workspace, id).await?))
}

pub(super) fn check_rank(
    caller: &Caller,
    before: Option<&Member>,
    after: WorkspaceRole,
) -> Result<(), Problem> {
    let before = before.map_or(WorkspaceRole::User, |member| member.role);
    if may_set_role(caller.role, before, after) {
        return Ok(());
    }
    let higher = role_label(before.max(after));
    Err(Problem::forbidden(format!(
        "a caller with the role {} may not decide about the role {higher}; ask the Owner",
        role_label(caller.role)
    )))
}

fn check_not_owner(before: Option<&Member>) -> Result<(), Problem> {
    match before {
        Some(member) if member.role == WorkspaceRole::Owner => Err(Problem::conflict(
            "a workspace has exactly one Owner; make somebody else the Owner, which makes this person a Super Admin",
        )),
        _ => Ok(()),
    }
}

fn told(caller: &Caller, person: &PersonId, role: Option<WorkspaceRole>) {
    tracing::info!(
        correlation_id = caller.correlation_id,
        actor = caller.name,
        %person,
        role = role.map_or("none", role_label),
        "a member's role was changed"
    );
}
