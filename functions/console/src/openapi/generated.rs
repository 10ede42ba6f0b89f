//! The OpenAPI document as the code says it: each operation's own words, and what all of them share.

use std::{env, fs};

use utoipa::{
    PartialSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, Info, ObjectBuilder, OpenApi, OpenApiBuilder, Paths, Ref,
        Required, ResponseBuilder, SecurityRequirement,
        path::{Operation, ParameterBuilder, ParameterIn},
        schema::Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
        tag::TagBuilder,
    },
};

use crate::{
    api::operations,
    audit,
    error::{FieldError, ProblemBody},
    idempotency,
};

/// What the document begins with.
fn head() -> OpenApi {
    let mut info = Info::new("Usher admin API", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Everything that the console does, as JSON. Send an API key as `Authorization: Bearer usher_…`. \
         Lists take `cursor` and `limit` and answer `{items, next}`. Errors are problem details (RFC 9457). \
         Every answer carries `X-Correlation-Id`; send your own to follow a request to the app's API. \
         A write that is sent again under the same `Idempotency-Key` within 24 hours is done once and answered as it was, \
         with `Idempotency-Replayed: true`; while it is under way the answer is 409, and 422 where the key was used \
         for another request."
            .to_owned(),
    );
    let tags = [
        ("Workspace", "The workspace that the API key belongs to."),
        ("Members", "Who may do what in the workspace, and the keys of this API."),
        ("Webhooks", "Servers of yours that are told of events, signed as Standard Webhooks says."),
        ("Connections", "SCIM connections that identity providers push to, and their tokens."),
        ("Directory", "The people and teams that a connection pushed."),
        ("Integrations", "Organisations in external apps."),
        ("Sync", "Reading an app, and where it differs from what was decided."),
        ("Shares", "Who a business hub is shared with, and as what."),
        ("Preview", "What a change would do, worked out by what plans the real one. Nothing is written."),
        ("Audit", "Who did what in the workspace's administration."),
        ("Automations", "The Automation Log and its jobs."),
        ("Tasks", "What people do by hand in apps that have no API."),
    ];
    let tags = tags.map(|(name, says)| TagBuilder::new().name(name).description(Some(says)).build());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("usher_<workspace>.<key id>.<secret>")
        .description(Some("An API key."))
        .build();
    let cookie = ApiKeyValue::with_description(
        "usher_session",
        "A signed-in browser. Requests that change something must come from a page of the same origin.",
    );
    let components = ComponentsBuilder::new()
        .schema("Problem", ProblemBody::schema())
        .schema("FieldError", FieldError::schema())
        .security_scheme("api_key", SecurityScheme::Http(bearer))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(Paths::new())
        .tags(Some(tags))
        .components(Some(components))
        .security(Some([
            SecurityRequirement::new("api_key", Vec::<String>::new()),
            SecurityRequirement::new("session", Vec::<String>::new()),
        ]))
        .build()
}

/// Puts the paths where they are served, and gives every operation its problems.
fn finish(mut document: OpenApi) -> OpenApi {
    let paths = std::mem::take(&mut document.paths.paths);
    for (path, mut item) in paths {
        let writes = [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        writes.into_iter().flatten().for_each(add_idempotency_key);
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(add_problem);
        document.paths.paths.insert(format!("/api/v1{path}"), item);
    }
    document
}

fn add_problem(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new()
        .description("A problem: what happened, to what, and what to do next.")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), problem.into());
}

fn add_idempotency_key(operation: &mut Operation) {
    if operation.operation_id.as_deref().is_some_and(audit::is_question) {
        return;
    }
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(idempotency::LONGEST_KEY))
        .pattern(Some("^[!#-~]+$"))
        .build();
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Makes it safe to send this again, for 24 hours: a UUID, for example."))
        .schema(Some(text))
        .build();
    operation.parameters.get_or_insert_default().push(key.into());
}

fn document() -> OpenApi {
    let mut document = head();
    document.merge(operations::document());
    finish(document)
}

/// With `USHER_UPDATE_DOCS` it is written.
#[test]
fn the_document_that_is_served_is_that_of_the_code() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let document = document().to_pretty_json().unwrap() + "\n";
    if env::var_os("USHER_UPDATE_DOCS").is_some() {
        fs::write(FILE, &document).unwrap();
    }
    assert!(fs::read_to_string(FILE).unwrap_or_default() == document, "run with USHER_UPDATE_DOCS=1");
}

#[test]
fn the_document_lists_every_route_and_its_problems() {
    let document = document();
    let document = serde_json::to_value(&document).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/api/v1/jobs/{job}/retry"), "{:?}", paths.keys());
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let default = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert_eq!(default["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path}");
            assert!(operation["operationId"].is_string(), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = serde_json::to_value(document()).unwrap();
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                if let Some(target) = map.get("$ref").and_then(serde_json::Value::as_str) {
                    found.push(target.to_owned());
                }
                map.values().for_each(|value| references(value, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for target in found {
        assert!(document.pointer(&target[1..]).is_some(), "{target}");
    }
}

#[test]
fn operation_ids_are_unique() {
    let document = serde_json::to_value(document()).unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id.clone()), "{id}");
        }
    }
}

#[test]
fn whatever_may_change_something_is_found_in_the_document() {
    let writes = super::writes();
    let retry = writes.iter().find(|write| write.id == "retryJob").unwrap();
    assert_eq!((retry.method.as_str(), retry.route.as_str()), ("POST", "/api/v1/jobs/{job}/retry"));
    assert!(writes.len() > 50, "{}", writes.len());
}
