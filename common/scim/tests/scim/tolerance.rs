//! Every leeway in every dialect: one fixture file, one named test each. A column that is a text refers to the one of that
//! dialect.

use serde_json::{Value, json};
use usher_scim::{Dialect, Registry, ScimError, filter};

use super::shapes;

fn answer(fixture: &Value, dialect: Dialect) -> Result<Value, ScimError> {
    let registry = Registry::core().unwrap().in_dialect(dialect);
    let schema = registry.resource(fixture["resource"].as_str().unwrap()).unwrap();
    if let Some(text) = fixture["request"]["filter"].as_str() {
        let filter = filter::parse(text, dialect)?;
        filter::check(&filter, schema)?;
        let matches = filter::matches(&filter, schema, fixture["before"].as_object().unwrap());
        return Ok(json!({ "matches": matches }));
    }
    let outcome = shapes::run(schema, fixture)?;
    let mut answer = json!({"after": outcome.tree.0});
    if outcome.members != json!([]) {
        answer["members"] = outcome.members;
    }
    Ok(answer)
}

fn check(text: &str) {
    let fixture: Value = serde_json::from_str(text).unwrap();
    for dialect in Dialect::ALL {
        let mut wanted = &fixture[dialect.name()];
        while let Some(other) = wanted.as_str() {
            wanted = &fixture[other];
        }
        let found = match answer(&fixture, dialect) {
            Ok(answer) => answer,
            Err(error) => json!({"error": [error.status, error.scim_type.map(|t| t.keyword())]}),
        };
        assert_eq!(found, *wanted, "{dialect}");
    }
}

macro_rules! tolerance {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check(include_str!(concat!("../fixtures/tolerance/", stringify!($name), ".json")));
        })*
    };
}

tolerance! {
    add_on_a_value_path_creates,
    add_to_a_complex_value,
    add_what_is_there,
    attribute_names_in_any_case,
    bare_literal_in_a_filter,
    bare_text_for_a_complex_value,
    boolean_as_text_in_a_body,
    boolean_as_text_in_a_filter,
    boolean_as_text_in_a_patch,
    boolean_as_text_in_a_path,
    complex_means_its_value,
    dotted_keys_in_a_body,
    dotted_keys_in_a_patch_value,
    empty_list_is_unassigned,
    empty_text_clears,
    extension_not_listed_in_schemas,
    extension_unqualified_in_a_filter,
    extension_unqualified_in_a_path,
    list_means_its_value,
    lone_value_for_a_list,
    manager_id,
    members_as_bare_ids,
    members_inside_members,
    null_clears,
    number_for_text_in_a_filter,
    one_element_array_for_a_complex_value,
    op_in_any_case,
    password_is_not_kept,
    patch_without_a_path,
    patch_without_schemas,
    qualified_keys_in_a_patch_value,
    reference_null_in_a_member,
    remove_elements_by_value,
    remove_members_by_value,
    remove_what_is_not_there,
    replace_of_a_complex_value,
    resource_without_schemas,
    role_as_json_text,
    scim_1_uri,
    server_made_attributes_in_a_patch_value,
    server_made_attributes_in_a_put,
    sub_attribute_after_brackets_in_a_filter,
    unknown_attribute_in_a_body,
    unknown_attribute_in_a_filter,
    unknown_attribute_in_a_path,
    unknown_schema_in_a_body,
    unknown_schema_in_a_path,
    unknown_sub_attribute_in_a_body,
    value_path_creates,
}
