//! `usher share`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Api, Failure, Output, arguments,
    arguments::Paging,
    directory::{self, Kind},
    items, listed, moment, seat,
    share_preview::Preview,
    text,
};

/// What to do with the shares of a business hub.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the shares of a hub
    List {
        /// The hub's id
        #[arg(value_parser = arguments::id)]
        hub: String,
    },
    /// Share a hub with a team or a person, or replace that share
    Put(Put),
    /// Say what a share, or its end, would do, and change nothing
    Preview(Preview),
    /// End a share; what it gave is undone
    Remove {
        /// The hub's id
        #[arg(value_parser = arguments::id)]
        hub: String,
        #[command(flatten)]
        principal: PrincipalArgs,
    },
}

/// With whom.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct PrincipalArgs {
    /// The team, by name or id
    #[arg(long)]
    team: Option<String>,
    /// The person, by user name, e-mail address or id
    #[arg(long)]
    person: Option<String>,
}

/// A share to make or replace.
#[derive(Args)]
pub(crate) struct Put {
    /// The hub's id
    #[arg(value_parser = arguments::id)]
    hub: String,
    #[command(flatten)]
    principal: PrincipalArgs,
    /// What they may do with the hub in Usher
    #[arg(long, default_value = "collaborator", value_parser = ["collaborator", "manager", "owner"])]
    hub_role: String,
    #[command(flatten)]
    access: AccessArgs,
}

/// What a share gives in the app.
#[derive(Args)]
pub(super) struct AccessArgs {
    /// A role or permission of the app; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// An entitlement of the app; may be given several times
    #[arg(long = "entitlement", value_name = "VALUE")]
    entitlements: Vec<String>,
    /// Permissions on an asset; may be given several times
    #[arg(long = "asset", value_name = "ASSET=PERMISSION,…", value_parser = arguments::asset)]
    assets: Vec<(String, Vec<String>)>,
    /// Give the hub in Usher only, and no seat in the app
    #[arg(long, conflicts_with_all = ["roles", "entitlements", "assets"])]
    hub_only: bool,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List { hub } => {
                let list = api.list(&["integrations", &hub, "shares"], &[], &Paging::all()).await?;
                if output.json {
                    return output.show(&list, String::new);
                }
                let names = Names::of(api, &list).await?;
                output.show(&list, || {
                    let headings = ["WITH", "NAME", "HUB ROLE", "IN THE APP", "ID", "CREATED"];
                    listed(&list, headings, "The hub is shared with nobody.", |share| {
                        [
                            text(&share["principal_kind"]),
                            names.name(share),
                            text(&share["hub_role"]),
                            access(share),
                            text(&share["principal_id"]),
                            moment(&share["created_at"]),
                        ]
                    })
                })
            }
            Self::Put(put) => {
                let body = put.body();
                let (collection, id) = put.principal.find(api).await?;
                let share = api.put(&["integrations", &put.hub, "shares", collection, &id], &body).await?;
                output.show(&share, || {
                    let access = access(&share);
                    let gives = if access.is_empty() { "a seat without a role" } else { &access };
                    format!("{} is shared with {}: {gives}.", put.hub, put.principal.name())
                })
            }
            Self::Preview(preview) => preview.run(api, output).await,
            Self::Remove { hub, principal } => {
                let (collection, id) = principal.find(api).await?;
                api.delete(&["integrations", &hub, "shares", collection, &id]).await?;
                let removed = json!({ "integration": hub, "principal_id": id, "removed": true });
                output.show(&removed, || format!("{hub} is not shared with {} any more.", principal.name()))
            }
        }
    }
}

impl PrincipalArgs {
    /// The collection of shares and the id in it.
    pub(super) async fn find(&self, api: &Api) -> Result<(&'static str, String), Failure> {
        match (&self.team, &self.person) {
            (Some(team), _) => Ok(("teams", directory::find(api, Kind::Team, team).await?)),
            (None, Some(person)) => Ok(("people", directory::find(api, Kind::Person, person).await?)),
            (None, None) => Err("name a --team or a --person".into()),
        }
    }

    fn name(&self) -> &str {
        self.team.as_deref().or(self.person.as_deref()).unwrap_or_default()
    }
}

impl Put {
    fn body(&self) -> Value {
        json!({ "hub_role": self.hub_role, "app_access": self.access.body() })
    }
}

impl AccessArgs {
    /// As the API takes it.
    pub(super) fn body(&self) -> Value {
        if self.hub_only {
            return json!({ "kind": "hub_only" });
        }
        let assets: BTreeMap<_, _> = self.assets.iter().cloned().collect();
        json!({
            "kind": "invite", "roles": self.roles, "entitlements": self.entitlements, "assets": assets,
        })
    }
}

/// What a share gives in the app.
fn access(share: &Value) -> String {
    match share["app_access"]["kind"].as_str() {
        Some("hub_only") => "hub only".to_owned(),
        _ => seat(&share["app_access"]),
    }
}

/// The names of those that a hub is shared with.
struct Names(BTreeMap<String, String>);

impl Names {
    async fn of(api: &Api, shares: &Value) -> Result<Self, Failure> {
        let mut names = BTreeMap::new();
        for (kind, word) in [(Kind::Team, "team"), (Kind::Person, "person")] {
            if items(shares).any(|share| share["principal_kind"] == word) {
                names.extend(directory::names(api, kind).await?);
            }
        }
        Ok(Self(names))
    }

    fn name(&self, share: &Value) -> String {
        self.0.get(&text(&share["principal_id"])).cloned().unwrap_or_default()
    }
}
