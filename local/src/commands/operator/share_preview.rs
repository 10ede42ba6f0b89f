//! `usher share preview`

use clap::Args;
use serde_json::json;

use super::{
    Api, Failure, Output, arguments,
    preview::Asking,
    share::{AccessArgs, PrincipalArgs},
};

/// A share to think about.
#[derive(Args)]
pub(crate) struct Preview {
    /// The hub's id
    #[arg(value_parser = arguments::id)]
    hub: String,
    #[command(flatten)]
    principal: PrincipalArgs,
    #[command(flatten)]
    access: AccessArgs,
    /// What would happen if the share ended
    #[arg(long, conflicts_with_all = ["roles", "entitlements", "assets", "hub_only"])]
    end: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Preview {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let (collection, id) = self.principal.find(api).await?;
        let (what, whom) =
            if collection == "teams" { ("team_share", "team") } else { ("person_share", "person") };
        let verb = if self.end { "end" } else { "put" };
        let mut change = json!({ "kind": format!("{verb}_{what}"), whom: id });
        if !self.end {
            change["app_access"] = self.access.body();
        }
        self.asking.ask(api, output, Some(&self.hub), change).await
    }
}
