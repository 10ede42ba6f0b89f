//! What an admin sets for one app, and its credentials.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Http, Result};

use crate::{
    check,
    document::{Auth, Document},
};

/// Documents that come with the connector, by the name that `document` may be.
pub const DOCUMENTS: [(&str, &str); 2] = [
    ("mlflow", include_str!("../documents/mlflow.json")),
    ("rabbitmq", include_str!("../documents/rabbitmq.json")),
];

/// The settings of one app: `Integration::config`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What stands before every path.
    pub base_url: String,
    /// How to deal with the app.
    pub document: Document,
    /// How many items to ask for at once.
    pub page_size: u32,
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change and where.
    pub fn read(config: &Value) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            base_url: String,
            document: Value,
            #[serde(default = "hundred")]
            page_size: u32,
        }
        fn hundred() -> u32 {
            100
        }
        let settings = Settings::deserialize(config).map_err(|error| {
            Error::invalid(format!("the settings of the REST connector are not right: {error}"))
        })?;
        if !(1..=1_000).contains(&settings.page_size) {
            return Err(Error::invalid("`page_size` must be 1 to 1000"));
        }
        let document = match &settings.document {
            Value::String(name) => named(name)?,
            document => self::document(document)?,
        };
        Ok(Self { base_url: settings.base_url, document, page_size: settings.page_size })
    }
}

fn named(name: &str) -> Result<Document> {
    let Some((_, text)) = DOCUMENTS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = DOCUMENTS.iter().map(|(known, _)| *known).collect();
        return Err(Error::invalid(format!(
            "there is no document `{name}`; write one, or name one of {}",
            known.join(", ")
        )));
    };
    let json = serde_json::from_str(text).map_err(|_| {
        Error::invalid(format!("the document `{name}` is not JSON; this is a defect in Usher"))
    })?;
    document(&json)
}

/// Reads and checks a document.
///
/// # Errors
/// `Invalid`, with each thing that is wrong and its place.
pub(crate) fn document(json: &Value) -> Result<Document> {
    let wrong = |what: String| Error::invalid(format!("the document of the app is not right: {what}"));
    let document: Document = serde_path_to_error::deserialize(json)
        .map_err(|error| wrong(format!("`{}`: {}", error.path(), error.inner())))?;
    let flaws = check::flaws(&document);
    if flaws.is_empty() { Ok(document) } else { Err(wrong(flaws.join("; "))) }
}

/// The app's credentials, as they are sealed: JSON, as the document's `auth` says.
pub(crate) enum Credentials {
    Basic { username: String, password: SecretString },
    Token(SecretString),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    pub(crate) fn read(auth: &Auth, text: Option<&SecretString>) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Basic {
            username: String,
            password: SecretString,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Token {
            token: SecretString,
        }
        // The parser's message could quote a part of the secret.
        let text = text.map(ExposeSecret::expose_secret).unwrap_or_default();
        let (read, form) = match auth {
            Auth::Basic => {
                let basic = serde_json::from_str::<Basic>(text).ok();
                let read = basic.map(|Basic { username, password }| Self::Basic { username, password });
                (read, r#"{"username": "…", "password": "…"}"#)
            }
            Auth::Bearer | Auth::Header { .. } => {
                let token = serde_json::from_str::<Token>(text).ok();
                (token.map(|Token { token }| Self::Token(token)), r#"{"token": "…"}"#)
            }
        };
        read.ok_or_else(|| {
            Error::new(Class::AuthRevoked, format!("the stored credentials are not {form}; store them again"))
        })
    }

    /// The client that sends them with every call.
    pub(crate) fn apply(&self, auth: &Auth, http: Http) -> Result<Http> {
        match (self, auth) {
            (Self::Basic { username, password }, _) => {
                let pair = BASE64_STANDARD.encode(format!("{username}:{}", password.expose_secret()));
                http.with_secret_header("authorization", &format!("Basic {pair}").into())
            }
            (Self::Token(token), Auth::Header { name, prefix }) => {
                http.with_secret_header(name, &format!("{prefix}{}", token.expose_secret()).into())
            }
            (Self::Token(token), Auth::Basic | Auth::Bearer) => http.with_bearer(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mlflow() -> Value {
        serde_json::from_str(DOCUMENTS[0].1).unwrap()
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> String {
        let mut json = mlflow();
        change(&mut json);
        document(&json).unwrap_err().message().to_owned()
    }

    #[test]
    fn the_documents_that_come_along_are_right() {
        for (name, _) in DOCUMENTS {
            Config::read(&json!({"base_url": "https://app.example", "document": name})).unwrap();
        }
        let error =
            Config::read(&json!({"base_url": "https://app.example", "document": "mlfow"})).unwrap_err();
        assert!(error.message().contains("mlflow"), "{error}");
    }

    #[test]
    fn what_is_wrong_with_a_document_is_said_with_its_place() {
        let said = refusal(|json| json["remove"]["path"][0] = json!(7));
        assert!(said.contains("`remove.path[0]`"), "{said}");
        let said = refusal(|json| json["members"]["paging"] = json!({"kind": "magic"}));
        assert!(said.contains("`members.paging") && said.contains("cursor"), "{said}");
        let said = refusal(|json| json["remove"]["body"] = json!({"user": "{userid}"}));
        assert!(said.contains("`remove`: `{userid}` is not known here; known are {id}, {role}"), "{said}");
        let said = refusal(|json| json["set_role"]["body"] = json!({"hash": "{kept.hash}"}));
        assert!(said.contains("`set_role`: `{kept.hash}` is not known"), "{said}");
        let said = refusal(|json| json["person"]["id"] = json!("username"));
        assert!(said.contains("`person.id`: `username` is not a JSON pointer"), "{said}");
        let said = refusal(|json| json["person"]["user_name"] = Value::Null);
        assert!(said.contains("`person.user_name`"), "{said}");
        let said = refusal(|json| json["set_role"] = Value::Null);
        assert!(said.contains("`set_role`"), "{said}");
        let said = refusal(|json| json["roles"][0]["held"] = json!({"at": "/is_admin"}));
        assert!(said.contains("`roles`: give just one of"), "{said}");
        let said = refusal(|json| json["roles"][1]["key"] = json["roles"][0]["key"].clone());
        assert!(said.contains("there twice"), "{said}");
        let said = refusal(|json| json["add"] = json!({"invite": {"method": "POST", "path": ["invites"]}}));
        assert!(said.contains("`invitations`") && said.contains("`person.known_by`"), "{said}");
        let said = refusal(|json| json["errors"] = json!([{"class": "not_found"}]));
        assert!(said.contains("`errors[0]`"), "{said}");
        let said = refusal(|json| json["sync"] = json!(true));
        assert!(said.contains("sync"), "{said}");
    }

    #[test]
    fn the_schema_is_that_of_the_types() {
        const FILE: &str = "document.schema.json";
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Document)).unwrap() + "\n";
        if std::env::var_os("USHER_UPDATE_DOCS").is_some() {
            std::fs::write(FILE, &schema).unwrap();
        }
        assert_eq!(std::fs::read_to_string(FILE).unwrap_or_default(), schema, "run with USHER_UPDATE_DOCS=1");
    }

    #[test]
    fn credentials_are_as_the_document_says_and_are_not_quoted() {
        for auth in [Auth::Basic, Auth::Bearer] {
            let error =
                Credentials::read(&auth, Some(&r#"{"key": "s3cret"}"#.to_owned().into())).err().unwrap();
            assert_eq!(error.class(), Class::AuthRevoked);
            assert!(!error.message().contains("s3cret"));
        }
        let token: SecretString = r#"{"token": "s3cret"}"#.to_owned().into();
        assert!(Credentials::read(&Auth::Bearer, Some(&token)).is_ok());
        assert!(Credentials::read(&Auth::Basic, Some(&token)).is_err());
    }
}
