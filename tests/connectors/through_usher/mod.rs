//! The whole path, for every vendor: an identity provider pushes over SCIM, and the simulated app itself knows the
//! seats. A new vendor adds a [`Row`].

mod particulars;
mod stories;
mod world;

use serde_json::{Value, json};
use usher_tests::apps::{
    adobe, business::Vendor, github, google, hubspot, meta, pinboard, pinterest, tiktok,
};

use crate::apps;

/// A vendor, as these tests use it.
pub(crate) struct Row {
    pub(crate) vendor: &'static Vendor,
    pub(crate) bad_credentials: fn() -> Value,
    /// Two roles, the lower one first.
    pub(crate) roles: [&'static str; 2],
    pub(crate) assets: [Granted; 2],
    /// Whether people accept an invitation before they are in.
    pub(crate) accepts: bool,
    /// Whether a sync is told what assets people have. Where it is not, only their next job sees that these differ.
    pub(crate) tells_assets: bool,
    /// Where somebody is invited, or given an account.
    pub(crate) invites: &'static str,
    /// How the journal shows what a removal does, in order.
    pub(crate) removes: [&'static str; 2],
    /// What the app says when there is no more room: the class of the job's error.
    pub(crate) no_room: &'static str,
    /// Whether the app can say for how long it wants to be left alone.
    pub(crate) says_how_long: bool,
}

/// An asset and what a team gets on it.
#[derive(Clone, Copy)]
pub(crate) struct Granted {
    /// The connector's id.
    pub(crate) asset: &'static str,
    /// The app's id.
    pub(crate) in_app: &'static str,
    pub(crate) permission: &'static str,
}

static ADOBE: Row = Row {
    vendor: &adobe::ADOBE,
    bad_credentials: || apps::adobe::credentials("of-last-year"),
    roles: ["_deployment_admin", "_support_admin"],
    assets: [
        Granted { asset: "user_group:Studio", in_app: "Studio", permission: "member" },
        Granted { asset: "user_group:Print", in_app: "Print", permission: "member" },
    ],
    accepts: false,
    tells_assets: false,
    invites: ACTION,
    // Every command goes to one place: first the group, then the person.
    removes: [ACTION, ACTION],
    // An organisation has no limit: the simulator then forbids it.
    no_room: "policy_denied",
    says_how_long: true,
};

const ACTION: &str = "POST /action/092DE2D65617B9967F000101@AdobeOrg";

static GITHUB: Row = Row {
    vendor: &github::GITHUB,
    bad_credentials: || json!({"token": "ghp_of-last-year"}),
    roles: ["member", "admin"],
    assets: [
        Granted { asset: "team:design", in_app: "design", permission: "member" },
        Granted { asset: "team:legal", in_app: "legal", permission: "maintainer" },
    ],
    accepts: true,
    tells_assets: false,
    invites: "POST /orgs/acme-marketing/invitations",
    removes: ["DELETE /orgs/acme-marketing/teams/legal/", "DELETE /orgs/acme-marketing/memberships/"],
    no_room: "policy_denied",
    says_how_long: true,
};

static GOOGLE: Row = Row {
    vendor: &google::GOOGLE,
    bad_credentials: || apps::google::credentials("of-last-year"),
    roles: ["STANDARD", "ADMIN"],
    assets: [
        Granted { asset: "tag_manager_container:6001/6101", in_app: "6101", permission: "edit" },
        Granted { asset: "analytics_property:7001", in_app: "7001", permission: "analyst" },
    ],
    accepts: true,
    tells_assets: false,
    invites: "POST /v26/customers/1234567890/customerUserAccessInvitations:mutate",
    removes: [
        "DELETE /v1alpha/properties/7001/accessBindings/",
        "POST /v26/customers/1234567890/customerUserAccesses:mutate",
    ],
    // An account has no seats: the simulator then forbids it.
    no_room: "policy_denied",
    says_how_long: true,
};

static HUBSPOT: Row = Row {
    vendor: &hubspot::HUBSPOT,
    bad_credentials: || json!({"token": "of-last-year"}),
    roles: [hubspot::PERMISSION_SETS[0].0, hubspot::PERMISSION_SETS[1].0],
    assets: [
        // In this order: nobody has two primary teams, and the first permission is given for all assets at once.
        Granted { asset: "team:88002", in_app: "88002", permission: "secondary" },
        Granted { asset: "team:88001", in_app: "88001", permission: "primary" },
    ],
    accepts: false,
    tells_assets: false,
    invites: "POST /settings/v3/users/",
    removes: ["PUT /settings/v3/users/", "DELETE /settings/v3/users/"],
    // What it says when all seats are taken is not documented: a person has to look.
    no_room: "invalid",
    says_how_long: false,
};

static META: Row = Row {
    vendor: &meta::META,
    bad_credentials: || json!({"access_token": "of-last-year", "app_secret": meta::APP_SECRET}),
    roles: ["EMPLOYEE", "ADMIN"],
    assets: [
        Granted { asset: "ad_account:act_901", in_app: "act_901", permission: "ADVERTISE" },
        Granted { asset: "page:701", in_app: "701", permission: "CREATE_CONTENT" },
    ],
    accepts: true,
    tells_assets: true,
    invites: "POST /111222333444555/business_users",
    removes: ["DELETE /701/assigned_users", "DELETE /"],
    // Meta has no seats: the simulator then forbids it.
    no_room: "policy_denied",
    says_how_long: true,
};

static PINTEREST: Row = Row {
    vendor: &pinterest::PINTEREST,
    bad_credentials: || json!({"client_id": pinterest::CLIENT, "client_secret": pinterest::CLIENT_SECRET, "refresh_token": "of-last-year"}),
    roles: ["EMPLOYEE", "BIZ_ADMIN"],
    assets: [
        Granted { asset: "AD_ACCOUNT:549755885175", in_app: "549755885175", permission: "CAMPAIGN_MANAGER" },
        Granted {
            asset: "PROFILE:809944451643622187",
            in_app: "809944451643622187",
            permission: "PROFILE_PUBLISHER",
        },
    ],
    accepts: true,
    tells_assets: false,
    invites: "POST /businesses/729090764583391194/invites",
    removes: [
        "DELETE /businesses/729090764583391194/members/assets/access",
        "DELETE /businesses/729090764583391194/members",
    ],
    no_room: "policy_denied",
    says_how_long: false,
};

static PINBOARD: Row = Row {
    vendor: &pinboard::PINBOARD,
    bad_credentials: || json!({"token": "of-last-year"}),
    roles: ["writer", "owner"],
    assets: [
        Granted { asset: "news", in_app: "news", permission: "pin" },
        Granted { asset: "campaigns", in_app: "campaigns", permission: "read" },
    ],
    accepts: true,
    tells_assets: false,
    invites: "POST /invitations",
    removes: ["DELETE /people/", "DELETE /people/"],
    no_room: "seat_limit",
    says_how_long: true,
};

static TIKTOK: Row = Row {
    vendor: &tiktok::TIKTOK,
    bad_credentials: || json!({"access_token": "of-last-year"}),
    roles: ["STANDARD", "ADMIN"],
    assets: [
        Granted { asset: "ADVERTISER:7100", in_app: "7100", permission: "OPERATOR" },
        Granted { asset: "TT_ACCOUNT:7400", in_app: "7400", permission: "POST" },
    ],
    accepts: true,
    tells_assets: false,
    invites: "POST /bc/member/invite/",
    removes: ["POST /bc/asset/unassign/", "POST /bc/member/delete/"],
    // Its code for too many members is not documented: a person has to look.
    no_room: "invalid",
    says_how_long: false,
};

/// The stories of one row.
macro_rules! told {
    ($row:expr => $($theme:ident :: $story:ident,)*) => {
        $(
            #[tokio::test]
            async fn $story() {
                stories::$theme::$story(&$row).await;
            }
        )*
    };
}

/// The stories of every row, and of those whose people accept invitations.
macro_rules! stories {
    ($($name:ident: $row:expr $(, $invitations:ident)?;)*) => {
        $(
            mod $name {
                use super::{stories, *};

                told! { $row =>
                    seats::a_person_comes_moves_and_goes,
                    seats::somebody_who_is_there_already_is_matched,
                    seats::a_sync_lists_the_assets_for_whoever_has_all_of_them,
                    drift::what_was_changed_by_hand_is_told_or_put_right,
                    invitations::an_invitation_that_nobody_needs_any_more_is_taken_back,
                    troubles::an_unanswered_invitation_is_not_sent_twice,
                    troubles::an_unanswered_removal_is_looked_at_before_it_is_repeated,
                    troubles::a_limit_of_hours_is_waited_for,
                    troubles::no_room_needs_a_person,
                    troubles::revoked_credentials_pause_the_work_until_they_are_mended,
                }

                $(mod $invitations {
                    use super::*;

                    told! { $row =>
                        invitations::one_that_expired_is_told_by_a_sync_or_sent_again,
                        invitations::one_that_nobody_ever_answers_is_left_to_people,
                    }
                })?
            }
        )*
    };
}

stories! {
    adobe_organisation: ADOBE;
    github_organisation: GITHUB, invitations;
    google_ads_account: GOOGLE, invitations;
    hubspot_account: HUBSPOT;
    meta_business: META, invitations;
    pinterest_business: PINTEREST, invitations;
    described_rest_app: PINBOARD, invitations;
    tiktok_business_center: TIKTOK, invitations;
}

#[tokio::test]
async fn refresh_tokens_that_pinterest_replaces_are_kept() {
    stories::troubles::refresh_tokens_that_the_app_replaces_are_kept(&PINTEREST).await;
}

#[tokio::test]
async fn refresh_tokens_that_google_replaces_are_kept() {
    stories::troubles::refresh_tokens_that_the_app_replaces_are_kept(&GOOGLE).await;
}

#[tokio::test]
async fn whoever_usher_acts_as_in_google_ads_is_neither_demoted_nor_removed() {
    stories::seats::whoever_usher_acts_as_is_neither_demoted_nor_removed(&GOOGLE).await;
}

#[tokio::test]
async fn whoever_usher_acts_as_in_pinterest_is_neither_demoted_nor_removed() {
    stories::seats::whoever_usher_acts_as_is_neither_demoted_nor_removed(&PINTEREST).await;
}

#[tokio::test]
async fn whoever_usher_acts_as_in_tiktok_is_neither_demoted_nor_removed() {
    stories::seats::whoever_usher_acts_as_is_neither_demoted_nor_removed(&TIKTOK).await;
}
