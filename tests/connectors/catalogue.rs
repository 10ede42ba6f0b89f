//! docs/CONNECTORS.md: what each connector can do, from its flags, and what it asks of its app, measured.

use std::{env, fmt::Write as _, fs};

use usher_connector::{Capabilities, Op};
use usher_connector_scim::{KnownApp, known_apps};
use usher_domain::access::Presence;

use crate::{
    apps,
    kit::{ADA, Fixture, Person, seat},
};

const PAGE: &str = "../docs/CONNECTORS.md";
const UPDATE: &str = "USHER_UPDATE_DOCS";

/// What flags do not tell.
struct Known {
    fixture: Box<dyn Fixture>,
    page_size: u32,
    limits: &'static str,
    source: &'static str,
    proven: &'static str,
}

async fn connectors() -> Vec<Known> {
    vec![
        Known {
            fixture: Box::new(apps::adobe::fixture().await),
            page_size: 2_000,
            limits: "429 with `Retry-After`; 25 looks, 10 commands and 5 lists of groups a minute",
            source: "Adobe's published documentation of the User Management API",
            proven: "kit and whole path against a simulated app, which Adobe's client drives too",
        },
        Known {
            fixture: Box::new(apps::github::fixture().await),
            page_size: 100,
            limits: "403 or 429 with `Retry-After` or `x-ratelimit-reset`; 50 or 500 invitations a day",
            source: "GitHub's API description and GraphQL schema",
            proven: "kit and whole path against a simulated app, whose answers are checked against both",
        },
        Known {
            fixture: Box::new(apps::google::fixture().await),
            page_size: 10_000,
            limits: "429 with the seconds to wait in the body, hours included",
            source: "Google's protocol buffers (Ads v26) and discovery documents",
            proven: "kit and whole path against a simulated app, which Google's clients and messages drive too",
        },
        Known {
            fixture: Box::new(apps::hubspot::fixture().await),
            page_size: 100,
            limits: "429, per ten seconds and per day; no word of how long",
            source: "HubSpot's published client",
            proven: "kit and whole path against a simulated app, which HubSpot's client drives too",
        },
        Known {
            fixture: Box::new(apps::meta::fixture().await),
            page_size: 50,
            limits: "codes 4, 17, 32, 613, 80000–80014; minutes in `X-Business-Use-Case-Usage`",
            source: "Meta's API specification v26.0",
            proven: "kit and whole path against a simulated app, which Meta's SDK drives too",
        },
        Known {
            fixture: Box::new(apps::pinterest::fixture().await),
            page_size: 100,
            limits: "429; no word of how long",
            source: "Pinterest's API specification v5",
            proven: "kit and whole path against a simulated app, which Pinterest's SDK drives too",
        },
        Known {
            fixture: Box::new(apps::rest::fixture().await),
            page_size: 100,
            limits: "429 with `Retry-After`",
            source: "the document that describes the app",
            proven: "kit and whole path against a simulated app; MLflow, RabbitMQ and Ghost, which nobody here wrote",
        },
        Known {
            fixture: Box::new(apps::scim::ScimFixture::start().await),
            page_size: 100,
            limits: "429 with `Retry-After`",
            source: "RFC 7643, RFC 7644",
            proven: "kit against a simulated app; whole path against scim2-server and Canaille, which nobody here wrote",
        },
        Known {
            fixture: Box::new(apps::tiktok::fixture().await),
            page_size: 50,
            limits: "codes 40100, 40132; no word of how long",
            source: "TikTok's API specification v1.3 and the codes of its SDK",
            proven: "kit and whole path against a simulated app, which TikTok's SDK drives too",
        },
    ]
}

/// How many calls reach an organisation of 1,000 people, with the looks before and after each step.
struct Calls {
    invite: usize,
    role: usize,
    asset: Option<usize>,
    removal: usize,
    sync: usize,
}

async fn measured(known: &Known) -> Calls {
    let Known { fixture, page_size, .. } = known;
    let fixture = fixture.as_ref();
    let connector = &*fixture.connector(*page_size).await;
    let knows = fixture.knowledge();
    let there = connector.list_members(None).await.unwrap().items.len();
    fixture.fill(there, 999).await;
    let mut ada = Person::new(ADA);
    let mut calls = async |presence: Presence| {
        fixture.journal().clear();
        ada.should_have(presence);
        let done = ada.converge(connector).await.unwrap().done;
        (fixture.journal().entries().len(), done)
    };
    let (invite, _) = calls(seat(knows.roles[0], None)).await;
    if connector.meta().capabilities.invite {
        fixture.accept(ADA);
        // What comes with the first look after the acceptance is measured with nobody's step.
        calls(seat(knows.roles[0], None)).await;
    }
    let (role, _) = calls(seat(knows.roles[1], None)).await;
    let asset = match knows.grant {
        None => None,
        Some(grant) => Some(calls(seat(knows.roles[1], Some((grant, grant.less)))).await.0),
    };
    let (removal, done) = calls(Presence::Absent).await;
    assert!(done.contains(&Op::Remove), "{done:?}");
    fixture.journal().clear();
    let mut cursor = None;
    loop {
        cursor = connector.list_members(cursor.as_deref()).await.unwrap().next;
        if cursor.is_none() {
            break;
        }
    }
    Calls { invite, role, asset, removal, sync: fixture.journal().entries().len() }
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "–" }
}

fn add(can: &Capabilities) -> &'static str {
    match (can.invite, can.preassign_on_invite) {
        (true, true) => "invitation, with assets",
        (true, false) => "invitation",
        (false, _) => "at once",
    }
}

fn invitations(can: &Capabilities) -> String {
    let words = [
        (can.list_invitations, "listed"),
        (can.update_pending, "changed"),
        (can.resend_invite, "sent again"),
        (can.cancel_invite, "taken back"),
    ];
    let words: Vec<&str> = words.into_iter().filter_map(|(can, word)| can.then_some(word)).collect();
    if words.is_empty() { "–".to_owned() } else { words.join(", ") }
}

fn listed(can: &Capabilities) -> String {
    let words = [
        (can.list_members, "members"),
        (can.list_invitations, "invitations"),
        (can.list_roles, "roles"),
        (can.list_assets, "assets"),
        (can.list_entitlements, "entitlements"),
    ];
    words.into_iter().filter_map(|(can, word)| can.then_some(word)).collect::<Vec<_>>().join(", ")
}

async fn page() -> String {
    let mut abilities = String::from(
        "| App | Key | Add | Update role | Assets | Entitlements | Invitations | Remove | Sync reads |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let mut calls = String::from(
        "| App | Add | Change the role | Grant an asset | Remove | List 1,000 members |\n|---|--:|--:|--:|--:|--:|\n",
    );
    let mut proofs = String::from("| App | Limits | Written from | Proven by |\n|---|---|---|---|\n");
    let mut scim = String::from(
        "| App | `app` | Needs | `base_url` | Written from | Not confirmed |\n|---|---|---|---|---|---|\n",
    );
    for KnownApp { key, name, needs, base_url, source, unconfirmed, .. } in known_apps() {
        let unconfirmed = unconfirmed.join("; ");
        let _ = writeln!(scim, "| {name} | `{key}` | {needs} | {base_url} | {source} | {unconfirmed} |");
    }
    let mut readmes = Vec::new();
    for known in connectors().await {
        let meta = known.fixture.connector(known.page_size).await.meta();
        let (name, key, can) = (meta.name, meta.key, meta.capabilities);
        readmes.push(format!("[{name}](../functions/connectors/{key}/README.md)"));
        let assets = yes(can.assign_assets && can.revoke_assets);
        let _ = writeln!(
            abilities,
            "| {name} | `{key}` | {} | {} | {assets} | {} | {} | {} | {} |",
            add(&can),
            yes(can.update_role),
            yes(can.list_entitlements),
            invitations(&can),
            yes(can.remove),
            listed(&can),
        );
        let counted = measured(&known).await;
        let asset = counted.asset.map_or("–".to_owned(), |asset| asset.to_string());
        let Calls { invite, role, removal, sync, .. } = counted;
        let _ = writeln!(calls, "| {name} | {invite} | {role} | {asset} | {removal} | {sync} |");
        let _ = writeln!(proofs, "| {name} | {} | {} | {} |", known.limits, known.source, known.proven);
    }
    let can = usher_connector_manual::CAPABILITIES;
    let (name, key) = (usher_connector_manual::NAME, usher_connector_manual::KEY);
    readmes.push(format!("[{name}](../functions/connectors/{key}/README.md)"));
    let _ = writeln!(
        abilities,
        "| {name} | `{key}` | by people | {} | {} | {} | {} | {} | {}, of the settings |",
        yes(can.update_role),
        yes(can.assign_assets && can.revoke_assets),
        yes(can.list_entitlements),
        invitations(&can),
        yes(can.remove),
        listed(&can),
    );
    let _ = writeln!(calls, "| {name} | 0 | 0 | 0 | 0 | – |");
    let _ = writeln!(
        proofs,
        "| {name} | – | the settings | whole path through Usher, with people who report, confirm and send back |"
    );
    let readmes = readmes.join(", ");
    format!(
        "# Connectors\n\nWhat each connector can do, from its own flags, which [the kit](../tests/connectors/main.rs) proves. A test \
         writes this page:\n`USHER_UPDATE_DOCS=1 cargo nextest run --workspace --all-features --locked -E 'test(catalogue)'`.\n\n\
         {abilities}\nThe flags of SCIM 2.0 are those of an app that keeps roles in the user's `roles`, those of a described app the most that a document can tell. Setting up, credentials, and what is not \
         known of an app: the README\nof its crate ({readmes}).\n\n\
         ## SCIM apps that are known\n\nWhoever names one in the settings gets those that fit it. Each is proven against a simulated app that refuses \
         what the app's own descriptions do not allow, not against the app itself.\n\n{scim}\n\
         ## How it is known\n\n{proofs}\n\
         ## Calls\n\nMeasured in an organisation of 1,000 people, for one person: every call that reaches the app, with the looks before and after each step.\n\
         A removal takes the role and one asset along.\n\n{calls}"
    )
}

#[tokio::test]
async fn the_page_of_connectors_is_true() {
    let written = page().await;
    if env::var_os(UPDATE).is_some() {
        fs::write(PAGE, written).unwrap();
        return;
    }
    let page = fs::read_to_string(PAGE).unwrap_or_default();
    let different: Vec<&str> =
        written.lines().filter(|line| !page.lines().any(|other| other == *line)).collect();
    assert!(
        page == written,
        "docs/CONNECTORS.md differs in:\n{}\nrun this test with {UPDATE}=1",
        different.join("\n")
    );
}
