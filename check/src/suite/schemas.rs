//! Schemas, and whether answers keep to them (RFC 7643 §7).

use serde_json::Value;

use crate::core::{Check, Exchange, Need, Session, Stop, check, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("schemas", "RFC 7643 §7", &[], documents());
    all.extend(group("schemas", "RFC 7643 §8.7.1", &[], user()));
    all.extend(group("schemas", "Entra ID", &[], entra()));
    all
}

async fn schema(s: &Session, urn: &str) -> Result<(Exchange, Value), Stop> {
    let all = s.read("/Schemas").await?;
    let one = all.resources().iter().find(|schema| schema["id"] == urn).cloned();
    let one = one.ok_or_else(|| all.fail(format!("a schema {urn}")))?;
    Ok((all, one))
}

/// The attributes of a schema, those inside complex ones included.
fn attributes(schema: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = schema["attributes"].as_array().into_iter().flatten().collect();
    while let Some(attribute) = open.pop() {
        open.extend(attribute["subAttributes"].as_array().into_iter().flatten());
        found.push(attribute);
    }
    found
}

fn attribute<'a>(schema: &'a Value, name: &str) -> &'a Value {
    let all = schema["attributes"].as_array();
    all.and_then(|all| all.iter().find(|one| one["name"] == name)).unwrap_or(&Value::Null)
}

fn documents() -> Vec<Check> {
    let source = "RFC 7643 §7: the characteristics of attributes and their values";
    vec![
        check!(
            Must,
            "characteristics",
            "Every attribute has name, type and multiValued",
            "RFC 7643 §7: name, type, multiValued",
            |s| {
                let all = s.read("/Schemas").await?;
                for attribute in all.resources().iter().flat_map(attributes) {
                    let whole = attribute["name"].is_string()
                        && attribute["type"].is_string()
                        && attribute["multiValued"].is_boolean();
                    all.expect(whole, format!("name, type and multiValued on {}", attribute["name"]))?;
                }
            }
        ),
        check!(Must, "keywords", "Characteristics have the RFC's values", source, |s| {
            const WORDS: [(&str, &[&str]); 4] = [
                (
                    "type",
                    &[
                        "string",
                        "boolean",
                        "decimal",
                        "integer",
                        "dateTime",
                        "binary",
                        "reference",
                        "complex",
                    ],
                ),
                ("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]),
                ("returned", &["always", "never", "default", "request"]),
                ("uniqueness", &["none", "server", "global"]),
            ];
            let all = s.read("/Schemas").await?;
            for attribute in all.resources().iter().flat_map(attributes) {
                for (name, words) in WORDS {
                    let fits = attribute[name]
                        .as_str()
                        .map_or(attribute[name].is_null(), |word| words.contains(&word));
                    all.expect(
                        fits,
                        format!("{name} of {} to be one of {}", attribute["name"], words.join(", ")),
                    )?;
                }
            }
        }),
        check!(
            Must,
            "complex",
            "Complex attributes have sub-attributes, which are not complex",
            "RFC 7643 §2.3.8: \"A complex attribute MUST NOT contain sub-attributes that have \
                 sub-attributes\" (erratum 8415)",
            |s| {
                let all = s.read("/Schemas").await?;
                for attribute in
                    all.resources().iter().flat_map(attributes).filter(|one| one["type"] == "complex")
                {
                    let inner = attribute["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let right = !inner.is_empty() && inner.iter().all(|one| one["type"] != "complex");
                    all.expect(right, format!("simple sub-attributes of {}", attribute["name"]))?;
                }
            }
        ),
        check!(
            Must,
            "named",
            "Every schema of a resource type is served",
            "RFC 7643 §6: \"This MUST be equal to the \"id\" attribute of the associated \
                 \"Schema\" resource\"",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                let schemas = s.read("/Schemas").await?;
                let ids = schemas.ids();
                for kind in types.resources() {
                    let extensions =
                        kind["schemaExtensions"].as_array().into_iter().flatten().map(|one| &one["schema"]);
                    for urn in std::iter::once(&kind["schema"]).chain(extensions).filter_map(Value::as_str) {
                        schemas.expect(ids.contains(&urn), format!("a schema {urn}"))?;
                    }
                }
            }
        ),
        check!(
            Should,
            "meta",
            "Every schema has its location",
            "RFC 7643 §8.7.1: \"meta\": {\"resourceType\": \"Schema\", \"location\": \
                 \"/v2/Schemas/…\"}",
            |s| {
                let all = s.read("/Schemas").await?;
                let right = |one: &Value| {
                    one["meta"]["resourceType"] == "Schema"
                        && one["meta"]["location"].as_str().is_some_and(|at| at.contains("/Schemas/"))
                };
                all.expect(all.resources().iter().all(right), "meta.resourceType and meta.location on each")?;
            }
        ),
        check!(
            Must,
            "user-kept",
            "A user holds what its schema defines, and nothing else",
            "RFC 7643 §7: the schema describes the attributes of the resource",
            |s| {
                let (_, definition) = schema(s, urn::USER).await?;
                let ada = s.cast().await?.users.swap_remove(0);
                keeps_to(&s.read(&ada.path).await?, &definition)?;
            }
        ),
        check!(
            Must,
            "group-kept",
            "A group holds what its schema defines, and nothing else",
            "RFC 7643 §7: the schema describes the attributes of the resource",
            |s| {
                let (_, definition) = schema(s, urn::GROUP).await?;
                let alpha = s.cast().await?.groups.swap_remove(0);
                keeps_to(&s.read(&alpha.path).await?, &definition)?;
            }
        )
        .needs(&[Need::Groups]),
    ]
}

/// Expects every attribute of a resource to be defined, and to be of its type.
fn keeps_to(answer: &Exchange, definition: &Value) -> crate::Verdict {
    let object = answer.json().as_object().into_iter().flatten();
    // What every resource has needs no definition; names with a colon are extensions.
    let common = ["schemas", "id", "externalId", "meta"];
    for (name, value) in object.filter(|(name, _)| !common.contains(&name.as_str()) && !name.contains(':')) {
        let attribute = attribute(definition, name);
        answer.expect(
            attribute.is_object(),
            format!("no attribute {name}, which the schema does not define"),
        )?;
        let many = attribute["multiValued"] == true;
        answer.expect(
            value.is_array() == many,
            format!("{name} to be an array exactly where the schema says multiValued"),
        )?;
        for value in value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value)) {
            let fits = match attribute["type"].as_str().unwrap_or_default() {
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64(),
                "decimal" => value.is_number(),
                "complex" => value.is_object(),
                _ => value.is_string(),
            };
            answer.expect(fits, format!("{name} to be of the type {}", attribute["type"]))?;
        }
    }
    Ok(())
}

fn user() -> Vec<Check> {
    const WANTED: [(&str, &str, &str, Value); 6] = [
        ("user-name-required", "userName", "required", Value::Bool(true)),
        ("user-name-case", "userName", "caseExact", Value::Bool(false)),
        ("emails-many", "emails", "multiValued", Value::Bool(true)),
        ("active-one", "active", "multiValued", Value::Bool(false)),
        ("groups-many", "groups", "multiValued", Value::Bool(true)),
        ("name-one", "name", "multiValued", Value::Bool(false)),
    ];
    let mut all: Vec<Check> = Vec::new();
    for (id, name, characteristic, value) in WANTED {
        let title = format!("{name} is defined with {characteristic} = {value}");
        all.push(
            check!(
                Must,
                id,
                title,
                "RFC 7643 §8.7.1: the definition of User",
                [name, characteristic, value],
                |s| {
                    let (answer, definition) = schema(s, urn::USER).await?;
                    let found = &attribute(&definition, name)[characteristic];
                    answer.expect(*found == value, format!("{characteristic} of {name} to be {value}"))?;
                }
            )
            .needs(&[Need::User(name)]),
        );
    }
    let words = [
        ("user-name-unique", "userName", "uniqueness", "server"),
        ("password-returned", "password", "returned", "never"),
        ("password-write-only", "password", "mutability", "writeOnly"),
        ("groups-read-only", "groups", "mutability", "readOnly"),
        ("active-boolean", "active", "type", "boolean"),
        ("emails-complex", "emails", "type", "complex"),
    ];
    for (id, name, characteristic, value) in words {
        let title = format!("{name} is defined with {characteristic} = {value}");
        all.push(
            check!(
                Must,
                id,
                title,
                "RFC 7643 §8.7.1: the definition of User",
                [name, characteristic, value],
                |s| {
                    let (answer, definition) = schema(s, urn::USER).await?;
                    let found = &attribute(&definition, name)[characteristic];
                    let global = value == "server" && found == "global";
                    answer.expect(
                        *found == value || global,
                        format!("{characteristic} of {name} to be {value}"),
                    )?;
                }
            )
            .needs(&[Need::User(name)]),
        );
    }
    all.push(
        check!(
            Must,
            "group-name-required",
            "displayName of Group is required",
            "RFC 7643 §4.2 and erratum 5368: displayName is REQUIRED",
            |s| {
                let (answer, definition) = schema(s, urn::GROUP).await?;
                let right = attribute(&definition, "displayName")["required"] == true;
                answer.expect(right, "displayName with required = true")?;
            }
        )
        .needs(&[Need::Groups]),
    );
    all.push(
        check!(
            Must,
            "enterprise-manager",
            "manager of the Enterprise User is complex",
            "RFC 7643 §8.7.1: manager with value, $ref and displayName",
            |s| {
                let (answer, definition) = schema(s, urn::ENTERPRISE).await?;
                let manager = attribute(&definition, "manager");
                let names: Vec<_> = manager["subAttributes"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|one| &one["name"])
                    .collect();
                let right = manager["type"] == "complex"
                    && ["value", "$ref"].iter().all(|name| names.iter().any(|known| *known == name));
                answer.expect(right, "a complex manager with value and $ref")?;
            }
        )
        .needs(&[Need::Enterprise]),
    );
    all
}

fn entra() -> Vec<Check> {
    vec![check!(
        Interop,
        "entra-no-nulls",
        "Schemas have no nulls",
        "Entra ID reads /Schemas when a configuration is saved: no nulls",
        |s| {
            let all = s.read("/Schemas").await?;
            all.expect(!has_null(all.json()), "no null anywhere")?;
        }
    )]
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}
