//! Settings: who may do what, by which keys, who is told of events, how people sign in, and who is signed in.

pub(super) mod keys;
pub(super) mod members;
pub(super) mod sessions;
pub(super) mod sign_in;
pub(super) mod webhooks;

use std::sync::Arc;

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::{
    frame,
    layout::{self, Section},
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// Who may do what.
    Members,
    /// The keys of the admin API.
    Keys,
    /// The workspace's servers that are told of events.
    Webhooks,
    /// The identity provider that people sign in with.
    SignIn,
    /// Signed-in browsers.
    Sessions,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Members, Self::Keys, Self::Webhooks, Self::SignIn, Self::Sessions];

    fn label(self) -> &'static str {
        match self {
            Self::Members => "Members",
            Self::Keys => "API keys",
            Self::Webhooks => "Webhooks",
            Self::SignIn => "Sign-in",
            Self::Sessions => "Sessions",
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Members => "/settings/members",
            Self::Keys => "/settings/keys",
            Self::Webhooks => "/settings/webhooks",
            Self::SignIn => "/settings/sign-in",
            Self::Sessions => "/settings/sessions",
        }
    }

    fn is_for(self, caller: &Caller) -> bool {
        match self {
            Self::Members => caller.may(Action::ManageMembers).is_ok(),
            Self::Keys => caller.may(Action::ManageKeys).is_ok(),
            Self::Webhooks => caller.may(Action::ManageWebhooks).is_ok(),
            Self::SignIn => caller.may(Action::ManageSignIn).is_ok(),
            Self::Sessions => true,
        }
    }
}

/// `GET /settings`: the first page that is for the caller.
pub(super) async fn enter(caller: Caller) -> Redirect {
    let first = Tab::ALL.into_iter().find(|tab| tab.is_for(&caller));
    Redirect::to(first.unwrap_or(Tab::Sessions).path())
}

/// A page, with the tabs that are for the caller.
async fn tab(app: &Arc<App>, caller: &Caller, tab: Tab, content: Markup) -> Result<Response, Problem> {
    let tabs: Vec<Tab> = Tab::ALL.into_iter().filter(|tab| tab.is_for(caller)).collect();
    let frame = frame(app, caller, Section::Settings).await?;
    Ok(layout::page(tab.label(), &frame, tabbed(&tabs, tab, content)).into_response())
}

/// The head of every page of the settings.
pub(super) fn tabbed(tabs: &[Tab], open: Tab, content: Markup) -> Markup {
    html! {
        header.title { h1 { "Settings" } }
        nav.tabs aria-label="Settings" {
            @for tab in tabs {
                a href=(tab.path()) aria-current=[(*tab == open).then_some("page")] { (tab.label()) }
            }
        }
        (content)
    }
}
