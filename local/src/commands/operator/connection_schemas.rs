//! `usher connection schemas`

use std::io::Read;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{Api, Failure, Output, arguments, output, text};

/// What to do with a connection's own schemas and resource types.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show them; with --json as a file that `register` takes
    Show(Which),
    /// Register them in place of all that were registered before
    Register {
        #[command(flatten)]
        which: Which,
        /// A JSON file {"schemas": […], "resourceTypes": […]} with documents of RFC 7643 sections 7 and 6; `-` for standard
        /// input
        #[arg(value_name = "FILE", value_parser = document)]
        file: Map<String, Value>,
    },
    /// Withdraw all of them; resources of their types stay stored, out of reach until the types are registered again
    Remove(Which),
}

/// Which connection.
#[derive(Args)]
pub(crate) struct Which {
    /// The connection's id
    #[arg(value_parser = arguments::id)]
    connection: String,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let registered = match self {
            Self::Show(which) => api.get(&["connections", &which.connection, "schemas"]).await?,
            Self::Register { which, file } => {
                api.put(&["connections", &which.connection, "schemas"], &Value::Object(file)).await?
            }
            Self::Remove(which) => {
                api.delete(&["connections", &which.connection, "schemas"]).await?;
                let left = json!({ "schemas": [], "resourceTypes": [] });
                return output.show(&left, || {
                    format!("{} has only the built-in schemas and types.", which.connection)
                });
            }
        };
        output.show(&registered, || shown(&registered))
    }
}

/// A JSON object in a file, or on standard input for `-`.
fn document(path: &str) -> Result<Map<String, Value>, String> {
    if path != "-" {
        return arguments::json_object(&format!("@{path}"));
    }
    let mut given = String::new();
    let read = std::io::stdin().read_to_string(&mut given);
    read.map_err(|error| format!("standard input cannot be read: {error}"))?;
    arguments::json_object(&given)
}

fn shown(registered: &Value) -> String {
    let schemas: Vec<_> = list(registered, "schemas")
        .map(|schema| {
            let attributes = list(schema, "attributes").count().to_string();
            [text(&schema["id"]), text(&schema["name"]), attributes]
        })
        .collect();
    let types: Vec<_> = list(registered, "resourceTypes")
        .map(|each| {
            let extensions: Vec<_> = list(each, "schemaExtensions").map(|e| text(&e["schema"])).collect();
            [text(&each["name"]), text(&each["endpoint"]), text(&each["schema"]), extensions.join(", ")]
        })
        .collect();
    let schemas = output::table(["SCHEMA", "NAME", "ATTRIBUTES"], &schemas, "No schemas of its own.");
    let types = output::table(["TYPE", "ENDPOINT", "SCHEMA", "EXTENSIONS"], &types, "No types of its own.");
    format!("{schemas}\n\n{types}")
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_registered_is_listed() {
        let registered = json!({
            "schemas": [{"id": "urn:x:badge", "name": "Badge", "attributes": [{"name": "number"}]}],
            "resourceTypes": [{"name": "User", "endpoint": "/Users", "schema": "urn:core",
                "schemaExtensions": [{"schema": "urn:x:badge", "required": false}]}],
        });
        let shown = shown(&registered);
        assert!(shown.contains("urn:x:badge  Badge  1"), "{shown}");
        assert!(shown.contains("User  /Users    urn:core  urn:x:badge"), "{shown}");
    }

    #[test]
    fn a_file_holds_one_object() {
        assert!(document("nowhere.json").unwrap_err().contains("nowhere.json"));
        assert!(
            document(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap_err().contains("no JSON")
        );
    }
}
