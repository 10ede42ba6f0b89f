//! What signing in and out looks like.

use maud::{Markup, html};
use usher_domain::id::WorkspaceId;

use super::{layout, live::address};

/// The page of a link.
pub(super) fn confirm(link: &str) -> Markup {
    layout::bare(
        "Sign in",
        html! {
            h1 { "Sign in to Usher" }
            p { "This link signs in one browser, once, for 12 hours." }
            form method="post" action="/sign-in" {
                input type="hidden" name="link" value=(link);
                button.primary autofocus { "Sign in" }
            }
        },
    )
}

/// The page of somebody who is not signed in, and wants to go on to `wanted`.
pub(super) fn signed_out(wanted: &str) -> Markup {
    layout::bare(
        "Sign in",
        html! {
            h1 { "You are not signed in" }
            p { "Say which workspace you belong to, and go on with your company's identity provider." }
            form method="get" action="/sign-in" {
                label.field {
                    span.label { "Workspace" }
                    input type="text" name="workspace" required maxlength="128" autofocus autocapitalize="none"
                        spellcheck="false" autocomplete="organization";
                }
                @if wanted.len() > 1 { input type="hidden" name="return_to" value=(wanted); }
                button.primary { "Continue" }
            }
            p.fine {
                "Or open a sign-in link. On a laptop, " code { "usher serve" } " prints one when it starts. Links work once; \
                 if yours was used already, ask the workspace's Owner or an admin for a new one."
            }
        },
    )
}

/// The page of a workspace whose people sign in with their identity provider.
pub(super) fn with_provider(workspace: &WorkspaceId, issuer: &str, return_to: &str) -> Markup {
    let begin = address(
        "/sign-in/openid",
        &[("workspace", Some(workspace.as_str())), ("return_to", Some(return_to))],
    );
    layout::bare(
        "Sign in",
        html! {
            h1 { "Sign in to " (workspace) }
            p { "You sign in with your company's account at " strong { (host(issuer)) } "." }
            p { a.button.primary href=(begin) { "Continue with " (host(issuer)) } }
        },
    )
}

/// The page of a workspace whose people need links, or of one that is not there.
pub(super) fn without_provider(workspace: &WorkspaceId) -> Markup {
    layout::bare(
        "Sign in",
        html! {
            h1 { "Sign in with a link" }
            p { "Nobody signs in to " strong { (workspace) } " with an identity provider. Check the workspace's name, or ask its \
                 Owner or an admin for a sign-in link." }
            p { a.button href="/sign-in" { "Another workspace" } }
        },
    )
}

/// The page of somebody who signed out; `there` ends the session at the identity provider.
pub(super) fn left(workspace: Option<&WorkspaceId>, there: Option<&str>) -> Markup {
    let again = address("/sign-in", &[("workspace", workspace.map(WorkspaceId::as_str))]);
    layout::bare(
        "Signed out",
        html! {
            h1 { "You are signed out" }
            @match there {
                Some(there) => {
                    p { "You are being signed out of your identity provider too." }
                    p { a.button.primary href=(there) { "Sign out there now" } }
                },
                None => {
                    p { "Others who use this browser cannot act as you any more." }
                    p { a.button.primary href=(again) { "Sign in again" } }
                },
            }
        },
    )
}

/// The part of an issuer that people know it by.
pub(super) fn host(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split(['/', '?', ':']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_known_by_its_host() {
        assert_eq!(host("https://login.example.com/tenant/v2.0"), "login.example.com");
        assert_eq!(host("http://127.0.0.1:9000"), "127.0.0.1");
    }
}
