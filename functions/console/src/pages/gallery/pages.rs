//! The pages.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::json;
use usher_domain::{
    access::AccessState,
    automation::Automation,
    integration::Integration,
    job::{Job, JobState},
};

use super::fixtures::*;
use crate::{
    error::Problem,
    holding::Held,
    pages::{
        automation_view,
        automations::{Log, Row},
        automations_view,
        connections::{Provider, guide_view, view as connection_view},
        directory::{Listing, people_view, person_view, teams_view},
        home, home_view,
        integration::{
            self, Pages, Tab, access as access_tab, activity as activity_tab, entitlements, held, overview,
            settings, share_view, shares, sync_view,
        },
        integrations,
        layout::{self, Section},
        live::Region,
        log_query::LogQuery,
        series::Series,
        sign_in_view,
        tasks::view,
    },
};

fn query(text: &str) -> LogQuery {
    let uri = format!("/automations?{text}").parse().unwrap();
    axum::extract::Query::<LogQuery>::try_from_uri(&uri).unwrap().0
}

pub(super) fn log_page(text: &str, rows: Vec<Automation>, next: Option<&str>) -> Markup {
    let query = query(text);
    let open = query.open();
    let rows = rows
        .into_iter()
        .map(|automation| Row { jobs: open.contains(&automation.id).then(jobs), automation })
        .collect();
    let content = automations_view::log(&query, &Log { rows, next: next.map(str::to_owned) });
    let region = Region { id: "log", label: "Automations", url: query.url(), content };
    let apps = [hub(json!({"status": "active"})), gateway()];
    layout::page(
        "Automation Log",
        &frame(Section::Log),
        automations_view::log_page(&query, &apps, None, &region),
    )
}

fn one_page() -> Markup {
    let automation = automations().remove(1);
    let content = automation_view::automation(&automation_view::One {
        automation: &automation,
        jobs: &jobs(),
        may_retry: true,
        may_decide: true,
        now: NOW.parse().unwrap(),
        first: None,
        next: Some("/automations/a2?cursor=x".into()),
    });
    let region = Region { id: "automation", label: "Automation", url: "/automations/a2".into(), content };
    let title = "Updating user roles in Northwind Analytics";
    layout::page(title, &frame(Section::Log), automation_view::automation_page(title, &region))
}

fn tab_page(integration: &Integration, tab: Tab, content: Markup) -> Markup {
    let content = html! { (integration::paused_banner(integration, true)) (content) };
    let region = Region { id: "tab", label: tab.label(), url: tab.path(&integration.id), content };
    let page = integration::details(integration, "SCIM 2.0 app", tab, &Tab::ALL, region.render());
    layout::page(tab.label(), &frame(Section::Integrations), page)
}

fn held_page(integration: &Integration, jobs: Vec<Job>) -> Markup {
    let automations = if jobs.is_empty() { Vec::new() } else { vec![(automations().remove(3), 3_986)] };
    let held = Held { count: 3_986, more: true, jobs, automations };
    layout::page("Held work", &frame(Section::Integrations), held::view(integration, &held))
}

fn share_rows() -> Vec<shares::Row> {
    vec![
        shares::Row {
            share: share(json!({"kind": "team", "id": "t1"}), editor()),
            name: Some("Marketing".into()),
        },
        shares::Row {
            share: share(json!({"kind": "person", "id": "grace"}), json!({"kind": "hub_only"})),
            name: Some("Grace Hopper".into()),
        },
    ]
}

fn listing<'a, T>(
    path: &'static str,
    directories: &'a [crate::pages::directory::Directory],
    rows: &'a [T],
) -> Listing<'a, T> {
    let directory = directories.first().map(|directory| &directory.id);
    Listing { path, text: "", directories, directory, may_make: true, later: false, rows, next: Some("c") }
}

fn home_page(automations: &[Automation], integrations: &[Integration]) -> Markup {
    let now = NOW.parse().unwrap();
    let connections = [connection(json!("2026-02-11T08:31:00Z"), json!("2026-03-09T08:30:00Z"))];
    let tasks = tasks();
    let home = home_view::Home {
        paused: integrations.iter().filter(|one| !home::reason(one).is_empty()).collect(),
        failed: home::with_jobs(automations, JobState::Failed),
        held: home::with_jobs(automations, JobState::Held),
        expiring: if automations.is_empty() { Vec::new() } else { home::expiring(&connections, now) },
        webhooks: &[],
        tasks: if automations.is_empty() { &[] } else { &tasks },
        more_tasks: false,
        series: Series::of(automations, None, now),
        newest: automations,
        is_new: integrations.is_empty(),
        now,
    };
    layout::page("Home", &frame(Section::Home), home_view::page(&home))
}

fn task_pages() -> Vec<(&'static str, Markup)> {
    let apps = view::Apps::from([("hub".parse().unwrap(), hub(json!({"status": "active"})))]);
    let list = |jobs: &[Job]| {
        let pages = view::Pages { first: None, next: None };
        let content = view::list(jobs, &apps, &pages);
        let region = Region { id: "tasks", label: "Tasks", url: "/tasks".into(), content };
        layout::page("Tasks", &frame(Section::Tasks), view::page(&region))
    };
    let one = |job: &Job, reported_it: bool| {
        let task = job.manual.as_ref().unwrap();
        let one = view::One { job, task, app: "Brand portfolio", reported_it, may_read_log: true };
        layout::page("Task", &frame(Section::Tasks), view::one(&one))
    };
    let [urgent, back, reported, over] = tasks().try_into().unwrap();
    vec![
        ("tasks", list(&tasks())),
        ("tasks-empty", list(&[])),
        ("task-urgent", one(&urgent, false)),
        ("task-sent-back", one(&back, false)),
        ("task-reported", one(&reported, false)),
        ("task-reported-by-oneself", one(&reported, true)),
        ("task-over", one(&over, false)),
    ]
}

fn connections_page(content: Markup) -> Markup {
    layout::page("Identity providers", &frame(Section::Connections), content)
}

fn standing(connected: bool) -> Markup {
    let at = if connected { json!("2026-02-11T08:31:00Z") } else { json!(null) };
    let standing = connection_view::Standing {
        connection: connection(at, json!(null)),
        has_people: connected,
        has_teams: false,
    };
    let content = connection_view::standing(&standing);
    Region { id: "standing", label: "Connection check", url: "/connections/main.okta".into(), content }
        .render()
}

fn directory_pages() -> Vec<(&'static str, Markup)> {
    let connections = [connection(json!(null), json!(null)).into()];
    let people_page = |content| layout::page("People", &frame(Section::People), content);
    let teams_page = |content| layout::page("Teams", &frame(Section::Teams), content);
    let hub = hub(json!({"status": "active"}));
    let facts: usher_domain::access::PersonFacts = usher_domain::access::PersonFacts {
        id: "ada".parse().unwrap(),
        connection: "main.okta".parse().unwrap(),
        profile: person("ada", "Ada Byron", true).profile(),
        active: true,
        deleted: false,
        roles: [].into(),
        entitlements: [].into(),
        teams: [].into(),
    };
    let marketing = usher_domain::access::TeamFacts {
        name: "Marketing".into(),
        connection: "main.okta".parse().unwrap(),
    };
    let teams = BTreeMap::from([("t1".parse().unwrap(), marketing)]);
    let rows: Vec<person_view::Row> = access()
        .into_iter()
        .take(1)
        .map(|access| person_view::Row { integration: hub.clone(), access, may_mark: true })
        .collect();
    let others = [gateway()];
    let user = person("ada", "Ada Byron", true);
    let one = person_view::Person {
        facts: &facts,
        user: Some(&user),
        directory: "Okta, production",
        teams: &teams,
        rows: &rows,
        others: &others,
        may_read_directory: true,
        may_read_log: true,
    };
    let group = team("t1", "Marketing");
    let shared = [(hub.clone(), share(json!({"kind": "team", "id": "t1"}), editor()))];
    let members = [("ada".parse().unwrap(), Some(facts.clone())), ("gone".parse().unwrap(), None)];
    let team_one = teams_view::Team {
        group: &group,
        directory: "Okta, production",
        shared: &shared,
        hubs: std::slice::from_ref(&hub),
        may_manage: true,
        members: &members,
        first: None,
        next: None,
    };
    vec![
        ("people", people_page(people_view::list(&listing("/people", &connections, &people())))),
        ("people-empty", people_page(people_view::list(&listing("/people", &[], &[])))),
        ("person", people_page(person_view::one(&one))),
        (
            "teams",
            teams_page(teams_view::list(&listing(
                "/teams",
                &connections,
                &[team("t1", "Marketing"), team("t2", "Brand")],
            ))),
        ),
        ("teams-empty", teams_page(teams_view::list(&listing("/teams", &[], &[])))),
        ("team", teams_page(teams_view::one(&team_one))),
    ]
}

fn integration_pages() -> Vec<(&'static str, Markup)> {
    let active = hub(json!({"status": "active"}));
    let broken = hub(paused());
    let gateway = gateway();
    let more = || Pages { first: None, next: Some("/integrations/hub/activity?cursor=x".into()) };
    let none = || Pages { first: None, next: None };
    let rows = [(&active, "SCIM 2.0 app"), (&gateway, "SCIM 2.0 app"), (&broken, "GitHub")];
    let listed = |rows: &[(&Integration, &str)]| {
        layout::page("Integrations", &frame(Section::Integrations), integrations::view(rows, true))
    };
    let automations = automations();
    let shares: Vec<_> = share_rows().into_iter().map(|row| row.share).collect();
    let overview = |integration: &Integration| {
        overview::view(&overview::Overview {
            integration,
            connector: "SCIM 2.0 app",
            shares: &shares,
            states: &[(AccessState::Failed, 1), (AccessState::Held, 34), (AccessState::Onboarded, 1280)],
            seats: 1280,
            more: true,
            held: true,
            may_decide: true,
            automations: &automations[..3],
        })
    };
    let found = share_view::Found {
        teams: vec![(team("t1", "Marketing"), true), (team("t2", "Brand"), false)],
        people: vec![(person("ada", "Ada Byron", true), false)],
        more: true,
    };
    let dialog = |content| layout::page("Share", &frame(Section::Integrations), content);
    let (run, drift, nothing_more) = (sync_run(), drift(), none());
    let looked_at = |run, drift| sync_view::Sync {
        integration: &active,
        run,
        drift,
        pages: &nothing_more,
        may_sync: true,
    };
    vec![
        ("integrations", listed(&rows)),
        ("integrations-empty", listed(&[])),
        ("overview", tab_page(&active, Tab::Overview, overview(&active))),
        ("held", held_page(&active, jobs())),
        ("held-none", held_page(&active, Vec::new())),
        ("overview-gateway", tab_page(&gateway, Tab::Overview, overview(&gateway))),
        ("activity", tab_page(&active, Tab::Activity, activity_tab::view(&activity(), &more()))),
        ("activity-paused", tab_page(&broken, Tab::Activity, activity_tab::view(&activity(), &none()))),
        ("activity-empty", tab_page(&active, Tab::Activity, activity_tab::view(&[], &none()))),
        ("access", tab_page(&active, Tab::Access, access_tab::view(&active, &access(), None, true, &none()))),
        (
            "access-empty",
            tab_page(&gateway, Tab::Access, access_tab::view(&gateway, &[], None, true, &none())),
        ),
        (
            "access-none-failed",
            tab_page(
                &active,
                Tab::Access,
                access_tab::view(&active, &[], Some(AccessState::Failed), true, &none()),
            ),
        ),
        ("shares", tab_page(&active, Tab::Shares, shares::view(&active, &share_rows(), true))),
        ("shares-empty", tab_page(&active, Tab::Shares, shares::view(&active, &[], true))),
        ("entitlements", tab_page(&active, Tab::Entitlements, entitlements::view(&active))),
        ("sync", tab_page(&active, Tab::Sync, sync_view::view(&looked_at(Some(&run), &drift)))),
        ("sync-never", tab_page(&active, Tab::Sync, sync_view::view(&looked_at(None, &[])))),
        ("settings", tab_page(&active, Tab::Settings, settings::view(&active, 600, true))),
        ("settings-paused", tab_page(&broken, Tab::Settings, settings::view(&broken, 600, true))),
        ("share-choose", dialog(share_view::choose(&active, "a", &found))),
    ]
}

/// Every page.
pub(super) fn pages() -> Vec<(&'static str, Markup)> {
    let (connected, waiting) =
        (connection(json!("2026-02-11T08:31:00Z"), json!(null)), connection(json!(null), json!(null)));
    let now = NOW.parse().unwrap();
    let base = "/scim/v2/main.okta";
    let mut pages = vec![
        ("home", home_page(&automations(), &[hub(paused()), gateway()])),
        ("home-new", home_page(&[], &[])),
        ("log", log_page("", automations(), Some("c"))),
        ("log-open", log_page("open=a2", automations(), Some("c"))),
        ("log-empty", log_page("", vec![], None)),
        ("log-nothing-matches", log_page("status=retrying&app=hub", vec![], None)),
        ("log-filtered", log_page("status=completed&cursor=c", automations().split_off(5), None)),
        ("automation", one_page()),
        ("connections", connections_page(connection_view::list(&[connected.clone(), waiting.clone()], now))),
        ("connections-empty", connections_page(connection_view::list(&[], now))),
        ("connection-new", connections_page(connection_view::new())),
        (
            "connection-token",
            connections_page(connection_view::token(&waiting, base, "usher_scim_0123", Some(Provider::Okta))),
        ),
        ("connection", connections_page(connection_view::one(&connected, base, now, standing(true)))),
        ("sign-in", sign_in_view::confirm("main.0123456789ab.s_secret")),
        ("sign-in-link", sign_in_view::without_provider(&"main".parse().unwrap())),
        ("sign-in-openid", sign_in_view::with_provider(&"main".parse().unwrap(), "login.example", "/people")),
        ("signed-out-by-oneself", sign_in_view::left(Some(&"main".parse().unwrap()), None)),
        ("signed-out", sign_in_view::signed_out("/people")),
        (
            "not-found",
            crate::pages::problem(&Problem::no_route(), "7d1e0a52-6c6f-4a6e-9b0e-2f8a4c1d9e77", "/x"),
        ),
        (
            "refused",
            crate::pages::problem(&Problem::forbidden("ask an admin for this"), "7d1e0a52-6c6f", "/x"),
        ),
    ];
    for (name, provider) in
        [("guide-okta", Provider::Okta), ("guide-entra", Provider::Entra), ("guide-other", Provider::Other)]
    {
        pages.push((name, connections_page(guide_view::page(&waiting, provider, base, standing(false)))));
    }
    pages.extend(directory_pages());
    pages.extend(task_pages());
    pages.extend(integration_pages());
    pages
}
