//! `usher sign-in`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Api, Failure, Output, output, text};

/// What to do with the identity provider that people sign in with.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show how people sign in, and what to enter at the identity provider
    Show,
    /// Check an identity provider and sign in with it
    Set(Set),
    /// Sign in without one: people need sign-in links
    Remove,
}

/// An identity provider.
#[derive(Args)]
pub(crate) struct Set {
    /// Its issuer, exactly as its discovery document says it
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// What it knows Usher as
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// A file with Usher's secret there, which no process list shows; without it the secret is kept as it is
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// A domain of e-mail addresses that may sign in; all may without one
    #[arg(long = "email-domain", value_name = "DOMAIN")]
    email_domains: Vec<String>,
    /// Its addresses count as verified although its tokens do not say so
    #[arg(long)]
    trust_email: bool,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let settings = match self {
            Self::Show => api.get(&["sign-in"]).await?,
            Self::Set(set) => api.put(&["sign-in", "openid"], &set.body()?).await?,
            Self::Remove => {
                api.delete(&["sign-in", "openid"]).await?;
                return output.show(&json!({ "removed": true }), || {
                    "Nobody signs in with an identity provider any more; make links with `usher member sign-in`.".to_owned()
                });
            }
        };
        output.show(&settings, || fields(&settings))
    }
}

impl Set {
    fn body(self) -> Result<Value, Failure> {
        let mut body = json!({
            "issuer": self.issuer,
            "client_id": self.client_id,
            "email_domains": self.email_domains,
            "trusts_email": self.trust_email,
        });
        if let Some(file) = self.client_secret_file {
            let secret = std::fs::read_to_string(&file).map_err(|error| {
                format!("{} cannot be read: {error}; name a file with the secret", file.display())
            })?;
            body["client_secret"] = secret.trim().into();
        }
        Ok(body)
    }
}

fn fields(settings: &Value) -> String {
    let openid = &settings["openid"];
    let domains: Vec<String> = openid["email_domains"].as_array().into_iter().flatten().map(text).collect();
    let says =
        |yes: &str, no: &str| if openid["trusts_email"] == true { yes.to_owned() } else { no.to_owned() };
    let mut shown = vec![
        ("Redirect URI", text(&settings["redirect_uri"])),
        ("After signing out", text(&settings["post_logout_redirect_uri"])),
        ("People sign in at", text(&settings["url"])),
    ];
    if openid.is_null() {
        shown.insert(0, ("Identity provider", "none; people need sign-in links".to_owned()));
        return output::fields(&shown);
    }
    let secret = if openid["has_client_secret"] == true { "stored" } else { "none" };
    shown.extend([
        ("Issuer", text(&openid["issuer"])),
        ("Client id", text(&openid["client_id"])),
        ("Client secret", secret.to_owned()),
        ("E-mail domains", if domains.is_empty() { "all".to_owned() } else { domains.join(", ") }),
        ("E-mail addresses", says("count as verified", "must be verified")),
    ]);
    output::fields(&shown)
}
