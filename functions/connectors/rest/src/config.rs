//! What an admin sets for one app, and its credentials.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use usher_connector::{Class, Error, Http, Result, hs256};
use usher_domain::Timestamp;

use crate::{
    check,
    document::{Auth, Document},
};

pub(crate) const MLFLOW: &str = include_str!("../documents/mlflow.json");

/// Documents that come with the connector, by the name that `document` may be.
pub const DOCUMENTS: [(&str, &str); 3] = [
    ("ghost", include_str!("../documents/ghost.json")),
    ("mlflow", MLFLOW),
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
    Key { id: String, secret: SecretBox<Vec<u8>> },
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
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Key {
            key: SecretString,
        }
        // The parser's message could quote a part of the secret.
        let text = text.map(ExposeSecret::expose_secret).unwrap_or_default();
        let (read, form) = match auth {
            Auth::Basic => {
                let basic = serde_json::from_str::<Basic>(text).ok();
                let read = basic.map(|Basic { username, password }| Self::Basic { username, password });
                (read, r#"{"username": "…", "password": "…"}"#)
            }
            Auth::Signed { .. } => {
                let key = serde_json::from_str::<Key>(text).ok();
                (
                    key.and_then(|Key { key }| signing_key(&key)),
                    r#"{"key": "ID:SECRET IN HEXADECIMAL DIGITS"}"#,
                )
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
    pub(crate) fn apply(&self, auth: &Auth, http: Http, now: Timestamp) -> Result<Http> {
        match (self, auth) {
            (Self::Basic { username, password }, _) => {
                let pair = BASE64_STANDARD.encode(format!("{username}:{}", password.expose_secret()));
                http.with_secret_header("authorization", &format!("Basic {pair}").into())
            }
            (Self::Token(token), Auth::Header { name, prefix }) => {
                http.with_secret_header(name, &format!("{prefix}{}", token.expose_secret()).into())
            }
            (Self::Key { id, secret }, Auth::Signed { prefix, audience, seconds }) => {
                let issued = now.as_second();
                let claims = json!({"aud": audience, "iat": issued, "exp": issued + i64::from(*seconds)});
                let token = hs256(&claims, id, secret.expose_secret());
                let value = format!("{prefix}{}", token.expose_secret()).into();
                http.with_secret_header("authorization", &value)
            }
            (Self::Token(token), _) => http.with_bearer(token),
            // `read` makes a key for `Signed` alone.
            (Self::Key { .. }, _) => Ok(http),
        }
    }
}

/// The parts of a key as apps give it out: `ID:SECRET`.
fn signing_key(key: &SecretString) -> Option<Credentials> {
    let (id, secret) = key.expose_secret().split_once(':')?;
    let digit = |index: usize| u8::from_str_radix(secret.get(index..index + 2)?, 16).ok();
    let bytes = (0..secret.len()).step_by(2).map(digit).collect::<Option<Vec<u8>>>()?;
    (!bytes.is_empty())
        .then(|| Credentials::Key { id: id.to_owned(), secret: SecretBox::new(Box::new(bytes)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mlflow() -> Value {
        serde_json::from_str(MLFLOW).unwrap()
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
        let signed = Auth::Signed { prefix: "Ghost ".into(), audience: "/admin/".into(), seconds: 300 };
        for (key, is_one) in
            [("1:0aff", true), ("1:0af", false), ("1:", false), ("0aff", false), ("1:é0", false)]
        {
            let text = json!({"key": key}).to_string().into();
            assert_eq!(Credentials::read(&signed, Some(&text)).is_ok(), is_one, "{key}");
        }
    }
}
