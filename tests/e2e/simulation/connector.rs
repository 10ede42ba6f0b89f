//! The connector of the simulated app.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use usher_connector::{
    Capabilities, Class, Connector, Error, Health, IdentityKey, Invitation, Member, Meta, Observation, Op,
    Outcome, PendingKind, Result, Step, StepContext, Subject, leave,
};
use usher_domain::{
    access::{Account, AccountState, Desired, Observed, Presence, Seat, Told},
    directory::Profile,
    ports::Page,
};

use super::{
    app::{App, Grants, Seated},
    chance::turn,
    mutation::Mutation,
    verdict::{ADMIN, ROLES},
};

/// How many people a page of the app's lists has: few, so that a list has pages.
const PAGE: usize = 2;

#[async_trait]
impl Connector for App {
    fn meta(&self) -> Meta {
        let habits = self.habits();
        Meta {
            key: "scim",
            name: "Simulated",
            identity: IdentityKey::UserName,
            capabilities: Capabilities {
                list_members: true,
                list_invitations: habits.invites,
                invite: habits.invites,
                create_active: !habits.invites,
                preassign_on_invite: habits.preassigns,
                update_role: true,
                update_pending: habits.update_pending,
                resend_invite: habits.resends,
                cancel_invite: habits.invites,
                remove: true,
                assign_assets: habits.assets,
                revoke_assets: habits.assets,
                ..Capabilities::NONE
            },
        }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health::default())
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        turn().await;
        self.trouble()?;
        // Also when all is quiet: few syncs come to their end before, and the safeguard halts most of these. The first
        // is left out: the others may be there by hand.
        let cut = self.is_broken(Mutation::PartialIsWhole) && self.chance().in_thousand(300);
        let (mut seats, next) = self.page(cursor, cut, |seat| seat.state == AccountState::Active);
        seats.drain(..usize::from(cut).min(seats.len()));
        // A break: everybody else could be an admin.
        let made_up = || Seated {
            id: "nobody".into(),
            user_name: "nobody".into(),
            roles: [ADMIN.into()].into(),
            state: AccountState::Active,
        };
        seats.extend(self.is_broken(Mutation::LastAdminUnchecked).then(made_up));
        let members = seats.into_iter().map(|seat| Member {
            seat: Told::Whole(self.carried(&seat)),
            account: Account {
                profile: Profile { user_name: seat.user_name, ..Profile::default() },
                id: seat.id,
                state: seat.state,
            },
        });
        let items = members.collect();
        turn().await;
        Ok(Page { items, next })
    }

    async fn list_invitations(&self, cursor: Option<&str>) -> Result<Page<Invitation>> {
        turn().await;
        self.trouble()?;
        let (seats, next) = self.page(cursor, false, |seat| seat.state != AccountState::Active);
        let invitations = seats.into_iter().map(|seat| Invitation {
            id: seat.id,
            email: seat.user_name,
            state: seat.state,
            roles: seat.roles,
            expires_at: None,
        });
        let items = invitations.collect();
        turn().await;
        Ok(Page { items, next })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        turn().await;
        let trouble = self.trouble();
        if trouble.is_err() && self.is_broken(Mutation::FailureIsEmpty) {
            return Ok(Observation::default());
        }
        trouble?;
        let seats = self.seats();
        let known = subject.account.as_ref().and_then(|id| seats.iter().find(|seat| seat.id == *id));
        let found = known.or_else(|| seats.iter().find(|seat| seat.user_name == subject.profile.user_name));
        let unseen = self.is_broken(Mutation::UnseenInvitations);
        let found = found.filter(|seat| !(unseen && seat.state == AccountState::Invited));
        let observed = Observed {
            account: found.map(|seat| Account {
                id: seat.id.clone(),
                state: seat.state,
                profile: subject.profile.clone(),
            }),
            seat: found.map(|seat| self.carried(seat)).unwrap_or_default(),
            seen_at: Timestamp::from_millisecond(self.chance().millis()).unwrap(),
            unsure: false,
        };
        turn().await;
        Ok(Observation { observed, detail: Value::Null })
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        let Observed { account, seat: seen, .. } = &observation.observed;
        let mut ops = match &desired.presence {
            Presence::Absent => leave(account.as_ref(), seen, &BTreeSet::new()),
            Presence::Seated(seat) => {
                self.ops(desired, seat, account.as_ref().map(|account| account.state), seen)
            }
        };
        if self.is_broken(Mutation::AssetsLeftBehind) {
            ops.retain(|op| !matches!(op, Op::RevokeAsset { .. }));
        }
        if self.is_broken(Mutation::InvitationsLeftBehind) && desired.presence == Presence::Absent {
            ops.retain(|op| *op != Op::CancelInvitation);
        }
        Ok(ops.into_iter().map(Step::from).collect())
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        turn().await;
        self.trouble()?;
        if self.chance().fault(30) {
            return Err(Error::new(Class::Ambiguous, "cut before the effect"));
        }
        let outcome = self.effect(&step.op, context)?;
        turn().await;
        if self.chance().fault(50) {
            return Err(Error::new(Class::Ambiguous, "cut after the effect"));
        }
        Ok(outcome)
    }
}

impl App {
    /// What a page of a list shows, and where the next one begins.
    fn page(
        &self,
        cursor: Option<&str>,
        cut: bool,
        shows: fn(&Seated) -> bool,
    ) -> (Vec<Seated>, Option<String>) {
        let mut seats = self.seats();
        seats.sort_by(|one, other| one.id.cmp(&other.id));
        seats.retain(|seat| shows(seat) && cursor.is_none_or(|cursor| seat.id.as_str() > cursor));
        let more = seats.len() > PAGE && !cut;
        seats.truncate(PAGE);
        let next = seats.last().filter(|_| more).map(|seat| seat.id.clone());
        (seats, next)
    }

    fn carried(&self, seat: &Seated) -> Seat {
        Seat { roles: seat.roles.clone(), assets: self.grants_of(&seat.id), ..Seat::default() }
    }

    /// From what was seen to a seat, as if an invitation were accepted.
    fn ops(&self, desired: &Desired, wanted: &Seat, state: Option<AccountState>, seen: &Seat) -> Vec<Op> {
        let (profile, seat) = (desired.profile.clone(), wanted.clone());
        match state {
            None if !self.habits().invites => return vec![Op::Create { profile, seat }],
            None => return vec![Op::Invite { profile, seat }],
            Some(AccountState::Expired | AccountState::Declined) if self.habits().resends => {
                return vec![Op::ResendInvitation];
            }
            Some(AccountState::Expired | AccountState::Declined) => {
                return vec![Op::CancelInvitation, Op::Invite { profile, seat }];
            }
            Some(AccountState::Active | AccountState::Invited | AccountState::Suspended) => {}
        }
        let roles = (wanted.roles != seen.roles).then(|| Op::SetRoles { roles: wanted.roles.clone() });
        let gained = wanted.assets.iter().filter(|(asset, held)| seen.assets.get(*asset) != Some(held));
        let gained = gained.map(|(asset, permissions)| Op::GrantAsset {
            asset: asset.clone(),
            permissions: permissions.clone(),
        });
        let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
        let lost = lost.map(|asset| Op::RevokeAsset { asset: asset.clone() });
        roles.into_iter().chain(gained).chain(lost).collect()
    }

    /// What the app does. It refuses nothing: whoever is invited twice is there twice, and who leaves keeps the assets that
    /// were not taken away.
    fn effect(&self, op: &Op, context: StepContext<'_>) -> Result<Outcome> {
        let id = context.observation.observed.account.as_ref().map(|account| account.id.clone());
        let id = id.unwrap_or_default();
        let done = Ok(Outcome::Done { account: None });
        match op {
            Op::Create { profile, seat } => {
                self.add(&profile.user_name, seat.roles.clone(), AccountState::Active, seat.assets.clone());
                done
            }
            Op::Invite { profile, seat } => {
                let assets = if self.habits().preassigns { seat.assets.clone() } else { Grants::new() };
                self.add(&profile.user_name, seat.roles.clone(), AccountState::Invited, assets);
                Ok(Outcome::Pending {
                    kind: PendingKind::InviteAcceptance,
                    reference: None,
                    expires_at: None,
                })
            }
            Op::ResendInvitation => {
                let again = self.with(&id, |seat| {
                    if seat.state != AccountState::Active {
                        seat.state = AccountState::Invited;
                    }
                });
                again.ok_or_else(gone)?;
                done
            }
            Op::CancelInvitation => match self.with(&id, |seat| seat.state) {
                // Accepted meanwhile.
                Some(AccountState::Active) | None => Err(gone()),
                Some(_) => {
                    // With everything that was assigned to it.
                    self.take_out(&id);
                    self.forget_grants(&id);
                    done
                }
            },
            Op::SetRoles { roles } => {
                self.set_roles(&id, roles, context).map_or_else(|| Err(gone()), |()| done)
            }
            Op::GrantAsset { asset, permissions } => {
                self.with(&id, |_| ()).ok_or_else(gone)?;
                self.grant(&id, asset, permissions);
                done
            }
            Op::RevokeAsset { asset } => {
                self.revoke(&id, asset);
                done
            }
            Op::Remove => {
                if let Some(seat) = self.take_out(&id) {
                    self.journal().lost(context.operation);
                    self.journal().admins(seat.is_admin(), &self.seats());
                }
                done
            }
            other => Err(Error::invalid(format!("the simulated app has no such step: {other:?}"))),
        }
    }

    fn set_roles(&self, id: &str, roles: &BTreeSet<String>, context: StepContext<'_>) -> Option<()> {
        let before = self.with(id, |seat| {
            let before = seat.clone();
            seat.roles.clone_from(roles);
            before
        })?;
        if height(roles) < height(&before.roles) {
            self.journal().lost(context.operation);
        }
        self.journal().admins(before.is_admin() && !roles.contains(ADMIN), &self.seats());
        Some(())
    }
}

fn gone() -> Error {
    Error::new(Class::NotFound, "the app has no such account or invitation any more")
}

/// How high the highest of these roles is; nothing is lowest.
fn height(roles: &BTreeSet<String>) -> Option<usize> {
    roles.iter().filter_map(|role| ROLES.iter().position(|known| known == role)).max()
}
