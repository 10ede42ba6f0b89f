//! ServiceProviderConfig, ResourceTypes and Schemas (RFC 7644 §4, RFC 7643 §5 and §6).

use serde_json::{Value, json};

use crate::core::{Check, Exchange, Request, check, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("discovery", "RFC 7643 §5", &[], configuration());
    all.extend(group("discovery", "RFC 7643 §6", &[], resource_types()));
    all.extend(group("discovery", "RFC 7644 §4", &[], endpoints()));
    all
}

fn configuration() -> Vec<Check> {
    let required = "RFC 7643 §5: the attribute and its sub-attributes are REQUIRED";
    vec![
        check!(
            Must,
            "config",
            "The configuration is there",
            "RFC 7644 §4: \"An HTTP GET to this endpoint will return a JSON structure that \
                 describes the SCIM specification features available on a service provider\"",
            |s| {
                let config = s.read("/ServiceProviderConfig").await?;
                config.expect(config.json().is_object(), "a JSON object")?;
            }
        ),
        check!(
            Must,
            "config-schemas",
            "It names its schema",
            "RFC 7643 §5: \"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig\"",
            |s| {
                lists_schema(&s.read("/ServiceProviderConfig").await?, urn::CONFIG)?;
            }
        ),
        check!(Must, "config-features", "Every feature is said to be supported or not", required, |s| {
            let config = s.read("/ServiceProviderConfig").await?;
            for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
                let supported = config.at(&format!("/{feature}/supported"));
                config.expect(supported.is_boolean(), format!("{feature}.supported to be true or false"))?;
            }
        }),
        check!(Must, "config-bulk-limits", "Bulk has its limits as integers", required, |s| {
            let config = s.read("/ServiceProviderConfig").await?;
            for limit in ["maxOperations", "maxPayloadSize"] {
                config.expect(
                    config.at(&format!("/bulk/{limit}")).is_u64(),
                    format!("bulk.{limit} to be an integer"),
                )?;
            }
        }),
        check!(Must, "config-max-results", "filter.maxResults is an integer", required, |s| {
            let config = s.read("/ServiceProviderConfig").await?;
            config.expect(config.at("/filter/maxResults").is_u64(), "filter.maxResults to be an integer")?;
        }),
        check!(
            Must,
            "config-authentication",
            "Authentication schemes have type, name and description",
            required,
            |s| {
                let config = s.read("/ServiceProviderConfig").await?;
                let schemes = config.list("/authenticationSchemes");
                let whole =
                    |one: &Value| ["type", "name", "description"].iter().all(|name| one[*name].is_string());
                config.expect(
                    !schemes.is_empty() && schemes.iter().all(whole),
                    "authenticationSchemes with type, name and description",
                )?;
            }
        ),
        check!(
            Must,
            "config-authentication-types",
            "Authentication schemes are of the known types",
            "RFC 7643 §5: \"oauth\", \"oauth2\", \"oauthbearertoken\", \"httpbasic\", and \
                 \"httpdigest\"",
            |s| {
                let config = s.read("/ServiceProviderConfig").await?;
                let known = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
                for scheme in config.list("/authenticationSchemes") {
                    let kind = scheme["type"].as_str().unwrap_or_default();
                    config.expect(known.contains(&kind), format!("a type of {}", known.join(", ")))?;
                }
            }
        ),
        check!(
            Should,
            "config-meta",
            "The configuration has its location",
            "RFC 7643 §3.1: \"location: The URI of the resource being returned\"",
            |s| {
                let config = s.read("/ServiceProviderConfig").await?;
                config.is("/meta/resourceType", &"ServiceProviderConfig".into())?;
                config.expect(
                    config.str("/meta/location").ends_with("/ServiceProviderConfig"),
                    "meta.location to end in /ServiceProviderConfig",
                )?;
            }
        ),
        check!(
            Must,
            "config-parameters",
            "Parameters of queries are ignored",
            "RFC 7644 §4: query parameters \"such as filtering, sorting, and pagination, SHALL \
                 be ignored\"",
            |s| {
                let config = s
                    .query(
                        "/ServiceProviderConfig",
                        &[("startIndex", "2"), ("count", "0"), ("sortBy", "patch")],
                    )
                    .await?;
                config.status(&[200])?;
                config.has("/patch")?;
            }
        ),
        check!(
            Interop,
            "config-filter",
            "A filter on the configuration is ignored",
            "Public suites want 200 on /ServiceProviderConfig?filter=; for lists of schemas and \
                 types RFC 7644 §4 says 403",
            |s| {
                let config = s.filter("/ServiceProviderConfig", "patch.supported eq true").await?;
                config.status(&[200])?;
            }
        ),
    ]
}

fn resource_types() -> Vec<Check> {
    vec![
        check!(
            Must,
            "types-list",
            "Resource types are a list response",
            "RFC 7644 §4: several resource types or schemas are a ListResponse, one is \
                 \"returned in the same way that a single User or Group is retrieved\"",
            |s| {
                is_list(&s.read("/ResourceTypes").await?)?;
            }
        ),
        check!(
            Must,
            "types-required",
            "Each has name, endpoint and schema",
            "RFC 7643 §6: name, endpoint and schema are REQUIRED",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                let whole =
                    |one: &Value| ["name", "endpoint", "schema"].iter().all(|name| one[*name].is_string());
                types.expect(types.resources().iter().all(whole), "name, endpoint and schema on each")?;
            }
        ),
        check!(
            Must,
            "types-schemas",
            "Each names its schema",
            "RFC 7643 §6: \"urn:ietf:params:scim:schemas:core:2.0:ResourceType\"",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                let named = |one: &Value| {
                    one["schemas"].as_array().is_some_and(|all| all.contains(&urn::RESOURCE_TYPE.into()))
                };
                types.expect(types.resources().iter().all(named), "schemas to hold the ResourceType URN")?;
            }
        ),
        check!(
            Must,
            "types-user",
            "User is among them, at /Users",
            "RFC 7643 §8.6: {\"id\": \"User\", \"endpoint\": \"/Users\", \"schema\": \
                 \"urn:ietf:params:scim:schemas:core:2.0:User\"}",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                let user = |one: &Value| one["schema"] == urn::USER && one["endpoint"] == "/Users";
                types.expect(types.resources().iter().any(user), "a type with the User schema at /Users")?;
            }
        ),
        check!(
            Must,
            "types-by-id",
            "One can be read by its id",
            "RFC 7644 §4: \"the single JSON object is returned in the same way that a single \
                 User or Group is retrieved\"",
            |s| {
                let one = s.read("/ResourceTypes/User").await?;
                one.is("/schema", &urn::USER.into())?;
            }
        ),
        check!(
            Must,
            "types-unknown",
            "An unknown one is not found",
            "RFC 7644 §3.12: 404 \"Specified resource ... or endpoint does not exist\"",
            |s| {
                s.get("/ResourceTypes/Unicorn").await?.status(&[404])?;
            }
        ),
        check!(
            Must,
            "types-extensions",
            "Extensions say whether they are required",
            "RFC 7643 §6: schemaExtensions.schema and .required are REQUIRED",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                let extensions =
                    types.resources().iter().filter_map(|one| one["schemaExtensions"].as_array()).flatten();
                for extension in extensions {
                    let whole = extension["schema"].is_string() && extension["required"].is_boolean();
                    types.expect(whole, "schema and required on each schema extension")?;
                }
            }
        ),
        check!(
            Should,
            "types-meta",
            "Each has its location",
            "RFC 7643 §8.6: \"meta\": {\"location\": \
                 \"https://example.com/v2/ResourceTypes/User\", \"resourceType\": \"ResourceType\"}",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                let located = |one: &Value| {
                    one["meta"]["resourceType"] == "ResourceType"
                        && one["meta"]["location"].as_str().is_some_and(|at| at.contains("/ResourceTypes/"))
                };
                types.expect(
                    types.resources().iter().all(located),
                    "meta.resourceType and meta.location on each",
                )?;
            }
        ),
    ]
}

fn endpoints() -> Vec<Check> {
    let mut all = vec![
        check!(
            Must,
            "schemas-list",
            "Schemas are a list response",
            "RFC 7644 §4: \"An HTTP GET to the endpoint \"/Schemas\" SHALL return all supported \
                 schemas in ListResponse format\"; Entra ID reads /Schemas when a configuration is \
                 saved and needs this form",
            |s| {
                is_list(&s.read("/Schemas").await?)?;
            }
        ),
        check!(
            Must,
            "schemas-by-id",
            "A schema can be read by its URN",
            "RFC 7644 §4: \"Individual schema definitions can be returned by appending the \
                 schema URI to the /Schemas endpoint\"",
            |s| {
                let one = s.read(format!("/Schemas/{}", urn::USER).as_str()).await?;
                one.is("/id", &urn::USER.into())?;
                one.has("/attributes")?;
            }
        ),
        check!(Must, "schemas-unknown", "An unknown one is not found", "RFC 7644 §3.12: 404", |s| {
            s.get("/Schemas/urn:example:unicorn").await?.status(&[404])?;
        }),
        check!(
            Must,
            "schemas-paging",
            "Schemas are not paged",
            "RFC 7644 §4: \"Query parameters ... such as filtering, sorting, and pagination, \
                 SHALL be ignored\"",
            |s| {
                let all = s.read("/Schemas").await?;
                let paged = s.query("/Schemas", &[("startIndex", "2"), ("count", "1")]).await?;
                paged.status(&[200])?;
                paged.expect(
                    paged.resources().len() == all.resources().len(),
                    format!("all {} schemas", all.resources().len()),
                )?;
            }
        ),
    ];
    for endpoint in ["Schemas", "ResourceTypes"] {
        all.push(check!(
            Should,
            format!("{}-filter", endpoint.to_lowercase()),
            format!("/{endpoint} with a filter is forbidden"),
            "RFC 7644 §4: \"If a \"filter\" is provided, the service provider SHOULD respond \
                 with HTTP status code 403 (Forbidden)\"",
            [endpoint],
            |s| {
                s.filter(&format!("/{endpoint}"), "id pr").await?.status(&[403])?;
            }
        ));
    }
    for endpoint in ["ServiceProviderConfig", "Schemas", "ResourceTypes"] {
        for method in [reqwest::Method::POST, reqwest::Method::PUT, reqwest::Method::DELETE] {
            let id = format!("{}-{}", endpoint.to_lowercase(), method.as_str().to_lowercase());
            let title = format!("{method} /{endpoint} is no method there");
            all.push(check!(
                Should,
                id,
                title,
                "RFC 7644 §3.2, table 2: discovery endpoints take GET; RFC 9110 §15.5.6: 405 \"MUST \
                 generate an Allow header field\"",
                [endpoint, method],
                |s| {
                    let body = json!({"schemas": [urn::SCHEMA]}).to_string();
                    let answer =
                        s.send(Request::new(method.clone(), format!("/{endpoint}")).text(body)).await?;
                    answer.status(&[405])?;
                    answer.expect(
                        answer.header("allow").is_some_and(|allow| allow.contains("GET")),
                        "an Allow header with GET",
                    )?;
                }
            ));
        }
    }
    all
}

fn lists_schema(answer: &Exchange, urn: &str) -> crate::Verdict {
    answer.expect(answer.list("/schemas").contains(&urn.into()), format!("schemas to hold {urn}"))
}

/// Expects a ListResponse whose numbers fit.
pub(super) fn is_list(answer: &Exchange) -> crate::Verdict {
    lists_schema(answer, urn::LIST)?;
    let total = answer.at("/totalResults").as_u64();
    answer.expect(total.is_some(), "totalResults to be an integer")?;
    answer.expect(answer.at("/Resources").is_array() || total == Some(0), "Resources to be an array")
}
