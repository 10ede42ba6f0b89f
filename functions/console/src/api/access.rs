//! Everybody's access in an integration.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    access::{Access, Presence, Seat},
    directory::Profile,
    id::IntegrationId,
};
use utoipa::ToSchema;

use super::{
    extract::{Path, Query},
    integrations::read,
    marks::MarkView,
    names::AccessStateName,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery, page_of},
    permission::Action,
};

/// What a seat carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Seat)]
pub(crate) struct SeatView {
    /// Keys of app roles and permissions.
    pub(crate) roles: BTreeSet<String>,
    /// Permissions per asset.
    pub(crate) assets: BTreeMap<String, BTreeSet<String>>,
    /// Value strings of entitlements.
    pub(crate) entitlements: BTreeSet<String>,
}

impl From<Seat> for SeatView {
    fn from(seat: Seat) -> Self {
        Self { roles: seat.roles, assets: seat.assets, entitlements: seat.entitlements }
    }
}

/// An account in the app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    /// The app's id.
    pub(crate) id: String,
    /// `active`, `invited`, `suspended`, `expired` or `declined`.
    pub(crate) state: &'static str,
    /// What it was last seen to carry.
    pub(crate) seat: SeatView,
    /// When it was last seen.
    pub(crate) seen_at: Timestamp,
}

/// One person in one integration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Access)]
pub(crate) struct AccessView {
    /// The person's id.
    pub(crate) person: String,
    /// The person's name.
    #[schema(required)]
    pub(crate) name: Option<String>,
    /// The person's e-mail address.
    #[schema(required)]
    pub(crate) email: Option<String>,
    /// Where the access stands.
    pub(crate) state: AccessStateName,
    /// *Individual*, the team's name, or *Multiple*.
    #[schema(required)]
    pub(crate) via: Option<String>,
    /// The seat that was decided; null when the person should not be in the app.
    #[schema(required)]
    pub(crate) desired: Option<SeatView>,
    /// The account that was last seen; null when there was none.
    #[schema(required)]
    pub(crate) observed: Option<AccountView>,
    /// Whether the person is left alone, or never taken anything away from.
    #[schema(required)]
    pub(crate) mark: Option<MarkView>,
    /// Whether the work for this version was held and rejected: the app is left as it is.
    pub(crate) rejected: bool,
    /// The job that is open.
    #[schema(required)]
    pub(crate) job: Option<String>,
    /// Moves with every decision.
    pub(crate) version: u64,
    /// When the row changed last.
    pub(crate) updated_at: Timestamp,
}

impl AccessView {
    /// Names the person as the directory does now. A row remembers who was seated, or nobody.
    pub(super) fn name_as(&mut self, profile: &Profile) {
        self.name = Some(profile.label().to_owned());
        self.email.clone_from(&profile.email);
    }
}

impl From<Access> for AccessView {
    fn from(access: Access) -> Self {
        let via = access.via().map(str::to_owned);
        let (version, rejected) = (access.version(), access.is_rejected());
        let profile = access.desired.as_ref().map(|desired| desired.profile.clone());
        let observed = access.observed.and_then(|observed| {
            let account = observed.account?;
            let state = account.state.name();
            Some(AccountView { id: account.id, state, seat: observed.seat.into(), seen_at: observed.seen_at })
        });
        Self {
            person: access.person.into(),
            name: profile.as_ref().map(|profile| profile.label().to_owned()),
            email: profile.and_then(|profile| profile.email),
            state: access.state.into(),
            via,
            desired: access.desired.and_then(|desired| match desired.presence {
                Presence::Seated(seat) => Some(seat.into()),
                Presence::Absent => None,
            }),
            observed,
            mark: access.mark.map(MarkView::from),
            rejected,
            job: access.job.map(Into::into),
            version,
            updated_at: access.updated_at,
        }
    }
}

/// Access in an integration
#[utoipa::path(get, path = "/integrations/{integration}/access", tag = "Integrations", operation_id = "listAccess",
    params(("integration" = String, Path, description = "The integration's id."), PageQuery),
    responses((status = 200, description = "One page of people.", body = Listed<AccessView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<AccessView>>, Problem> {
    caller.may_in(&app, Action::ReadIntegrations, &id).await?;
    let limit = query.limit()?;
    read(&app, &caller, &id).await?;
    let page = app.store.access(&caller.workspace, &id, query.cursor(), limit).await;
    Ok(Reply(Listed::new(page_of(page, query.cursor())?, AccessView::from)))
}
