//! The frame of every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use usher_domain::workspace::WorkspaceRole;

use super::assets;
use crate::permission::{Action, Standing, role_label};

/// htmx as the Content-Security-Policy needs it: no style of its own, no `eval`, and no copies of pages in
/// the browser's storage.
const HTMX_CONFIG: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"historyCacheSize":0,"refreshOnHistoryMiss":true}"#;

const MARK: &str = r#"<svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M5 4v8.5a7 7 0 0 0 14 0V4" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round"/><circle cx="12" cy="6" r="2.6" fill="currentColor"/></svg>"#;

const LOG_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.5 4h1M6 4h7.5M2.5 8h1M6 8h7.5M2.5 12h1M6 12h7.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/></svg>"#;

const INTEGRATIONS_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.75 2.75h4v4h-4zM9.25 2.75h4v4h-4zM2.75 9.25h4v4h-4zM9.25 9.25h4v4h-4z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/></svg>"#;

const HOME_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.5 7.5 8 2.75l5.5 4.75M4 6.5v6.75h8V6.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/></svg>"#;

const PEOPLE_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="8" cy="5" r="2.5" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M3 13.25c.4-2.4 2.4-3.75 5-3.75s4.6 1.35 5 3.75" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/></svg>"#;

const TEAMS_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="5.75" cy="5.5" r="2.25" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M1.75 12.75c.3-2.1 1.9-3.25 4-3.25s3.7 1.15 4 3.25M10.25 3.4a2.25 2.25 0 0 1 0 4.2M11.75 9.9c1.4.4 2.3 1.4 2.5 2.85" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/></svg>"#;

const CONNECTIONS_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 1.75 13 3.5v4.25c0 3-2.1 5.2-5 6.5-2.9-1.3-5-3.5-5-6.5V3.5z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/><path d="m5.9 7.9 1.5 1.5 2.8-3" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/></svg>"#;

const TASKS_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.75 2.75h10.5v10.5H2.75z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/><path d="m5.5 8.1 1.8 1.8 3.4-3.8" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/></svg>"#;

const USAGE_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.5 13.25h11M4.25 10.75v-3M8 10.75v-7M11.75 10.75V5.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/></svg>"#;

const AUDIT_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M4 2.25h5.5L12.5 5v8.75H4zM9.25 2.5v3h3M6.25 8.25h4M6.25 10.75h4" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/></svg>"#;

const SETTINGS_ICON: &str = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/><circle cx="10" cy="4.5" r="1.5" fill="none" stroke="currentColor" stroke-width="1.5"/><circle cx="6" cy="11.5" r="1.5" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>"#;

/// The part of the console that a page is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What needs attention.
    Home,
    /// People.
    People,
    /// Teams.
    Teams,
    /// Identity providers and their connections.
    Connections,
    /// The Automation Log.
    Log,
    /// What people do by hand.
    Tasks,
    /// Integrations.
    Integrations,
    /// What was used.
    Usage,
    /// Who did what.
    Audit,
    /// How people sign in, and who is signed in.
    Settings,
}

/// What the frame shows.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// The workspace's name.
    pub(super) workspace: String,
    /// Who is signed in.
    pub(super) user: String,
    /// As what.
    pub(super) role: WorkspaceRole,
    /// Whether there are hubs, and so a log, to see.
    pub(super) sees_hubs: bool,
    /// Where.
    pub(super) section: Section,
}

impl Frame {
    /// Whether a part of the console is for this person.
    fn shows(&self, section: Section) -> bool {
        match section {
            Section::Audit
            | Section::Home
            | Section::Log
            | Section::Integrations
            | Section::People
            | Section::Teams
            | Section::Usage => self.sees_hubs,
            Section::Connections => {
                Standing { role: self.role, hub: None }.permits(Action::ManageConnections)
            }
            // Anybody may have tasks, and everybody sees and ends their own sessions.
            Section::Tasks | Section::Settings => true,
        }
    }
}

/// A page of the console.
pub(super) fn page(title: &str, frame: &Frame, content: Markup) -> Markup {
    let links = [
        (Section::Home, "/", "Home", HOME_ICON),
        (Section::Log, "/automations", "Automation Log", LOG_ICON),
        (Section::Tasks, "/tasks", "Tasks", TASKS_ICON),
        (Section::Integrations, "/integrations", "Integrations", INTEGRATIONS_ICON),
        (Section::People, "/people", "People", PEOPLE_ICON),
        (Section::Teams, "/teams", "Teams", TEAMS_ICON),
        (Section::Connections, "/connections", "Identity providers", CONNECTIONS_ICON),
        (Section::Usage, "/usage", "Usage", USAGE_ICON),
        (Section::Audit, "/audit", "Audit log", AUDIT_ICON),
        (Section::Settings, "/settings", "Settings", SETTINGS_ICON),
    ];
    document(
        title,
        html! {
            a.skip href="#main" { "Skip to content" }
            div.shell {
                header.side {
                    a.brand href="/" { (PreEscaped(MARK)) span { "Usher" } }
                    p.workspace title="Workspace" { (frame.workspace) }
                    nav aria-label="Console" {
                        ul {
                            @for (section, href, label, icon) in links {
                                @if frame.shows(section) {
                                    li {
                                        a href=(href) aria-current=[(section == frame.section).then_some("page")] {
                                            (PreEscaped(icon)) (label)
                                        }
                                    }
                                }
                            }
                        }
                    }
                    div.who {
                        p { span.name { (frame.user) } span.role { (role_label(frame.role)) } }
                        form method="post" action="/sign-out" { button.quiet { "Sign out" } }
                    }
                }
                main #main tabindex="-1" {
                    p #stale.banner.bad role="status" hidden {
                        "The connection to Usher is lost. What you see may be old; this page goes on trying."
                    }
                    (content)
                }
            }
        },
    )
}

/// A page that stands alone: signing in, and problems.
pub(super) fn bare(title: &str, content: Markup) -> Markup {
    document(
        title,
        html! {
            main.alone #main {
                p.brand { (PreEscaped(MARK)) span { "Usher" } }
                (content)
            }
        },
    )
}

fn document(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · Usher" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content=(HTMX_CONFIG);
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::url("console.css"));
                script src=(assets::url("htmx.min.js")) defer {}
                script src=(assets::url("console.js")) defer {}
            }
            body { (body) }
        }
    }
}

/// A problem's detail as a sentence.
pub(super) fn sentence(detail: &str) -> String {
    let mut chars = detail.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if detail.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_becomes_a_sentence() {
        assert_eq!(sentence("retry it"), "Retry it.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn whoever_may_not_see_a_page_is_not_led_there() {
        let shown = |sees_hubs| {
            let frame = Frame {
                workspace: "Main".into(),
                user: "Ada".into(),
                role: WorkspaceRole::User,
                sees_hubs,
                section: Section::Log,
            };
            page("Log", &frame, html! {}).into_string().contains("href=\"/integrations\"")
        };
        assert!(shown(true));
        assert!(!shown(false));
    }
}
