//! Shapes of requests as identity providers send them: one fixture file, one named test each.

use serde_json::{Value, json};
use usher_scim::patch::{self, MemberOp};
use usher_scim::{Dialect, Registry, Resource, ResourceSchema, ScimError, normalize};

pub(crate) struct Outcome {
    pub(crate) tree: Resource,
    pub(crate) members: Value,
}

/// Applies the request of a fixture to what was there before.
pub(crate) fn run(schema: &ResourceSchema, fixture: &Value) -> Result<Outcome, ScimError> {
    let body = fixture["request"]["body"].clone();
    if fixture["request"]["method"] != "PATCH" {
        let mut tree = normalize::resource(schema, body)?;
        let members = json!(tree.take_members()?);
        return Ok(Outcome { tree, members });
    }
    let before: Resource = serde_json::from_value(fixture["before"].clone()).unwrap();
    let mut operations = patch::parse(schema, body)?;
    let mut members = json!([]);
    if schema.name() == "Group" {
        let split = patch::split_group(schema, operations)?;
        operations = split.tree;
        members = split.members.iter().map(described).collect();
    }
    let tree = patch::apply(schema, &before, &operations)?;
    // Identity providers repeat themselves: the same request once more changes nothing.
    if schema.dialect() == Dialect::Tolerant {
        assert_eq!(patch::apply(schema, &tree, &operations).as_ref(), Ok(&tree), "not idempotent");
    }
    Ok(Outcome { tree, members })
}

fn described(op: &MemberOp) -> Value {
    match op {
        MemberOp::Add(ids) => json!({"add": ids}),
        MemberOp::Remove(ids) => json!({"remove": ids}),
        MemberOp::RemoveAll => json!("removeAll"),
        MemberOp::Replace(ids) => json!({"replace": ids}),
    }
}

fn check(text: &str) {
    let fixture: Value = serde_json::from_str(text).unwrap();
    let registry = Registry::core().unwrap();
    let schema = registry.resource(fixture["resource"].as_str().unwrap()).unwrap();
    match (run(schema, &fixture), fixture.get("error")) {
        (Ok(outcome), None) => {
            assert_eq!(Value::Object(outcome.tree.0), fixture["after"]);
            let none = json!([]);
            assert_eq!(outcome.members, *fixture.get("members").unwrap_or(&none));
        }
        (Err(error), Some(wanted)) => {
            let found = json!([error.status, error.scim_type.map(|t| t.keyword())]);
            assert_eq!(found, *wanted, "{error}");
        }
        (Ok(outcome), Some(wanted)) => panic!("wanted {wanted}, got {:?}", outcome.tree),
        (Err(error), None) => panic!("{error}"),
    }
}

macro_rules! shapes {
    ($($folder:ident { $($name:ident),* $(,)? })*) => {
        $(mod $folder {
            $(#[test]
            fn $name() {
                super::check(include_str!(concat!(
                    "../fixtures/", stringify!($folder), "/", stringify!($name), ".json"
                )));
            })*
        })*
    };
}

shapes! {
    okta {
        create_user,
        put_user_with_id_groups_and_meta,
        deactivate_without_path,
        password_sync_is_accepted_and_dropped,
        create_group,
        rename_group_with_id_in_value,
        change_members,
        push_now,
        push_now_of_an_empty_group,
        entitlements_and_roles,
    }
    entra {
        create_user_with_nulls_and_extensions,
        create_user_with_a_role_that_is_primary_in_text,
        create_group_with_adscim_schema,
        disable_with_a_string,
        add_active_with_a_string,
        add_nickname,
        replace_email_by_type,
        replace_email_by_type_creates_it,
        flag_on_replace_email_by_type_creates_it,
        add_address_part_creates_the_address,
        add_phone_of_other_type,
        add_manager_as_bare_text,
        add_manager_unqualified_in_an_array,
        replace_manager_forgets_the_old_reference,
        remove_manager_with_an_empty_value,
        remove_manager_with_empty_text,
        remove_manager,
        add_members,
        remove_only_these_members,
        flag_on_remove_member,
        app_role_assignments_complex,
        single_app_role_assignment,
        flag_on_disable,
        flag_on_dotted_and_qualified_keys,
        custom_urn_is_dropped,
        qualified_core_attribute,
        remove_add_replace_on_one_attribute,
        group_external_id,
        replace_members,
        add_email_that_is_there,
        clear_with_null,
    }
    others {
        onelogin_core_template,
        keycloak_active_in_text,
        salesforce_remove_members,
        wso2_members_without_path,
        authentik_remove_members_by_list,
        keycloak_put_group_with_members,
        no_patchop_schema,
        rfc_replace_unmatched_value_path,
        rfc_replace_unmatched_element,
        rfc_remove_without_path,
        rfc_remove_required,
        rfc_clear_required,
        rfc_unknown_attribute,
        rfc_malformed_path,
        rfc_read_only,
        rfc_read_only_id,
        rfc_read_only_but_equal,
        rfc_wrong_type,
        rfc_atomic_after_a_good_operation,
        rfc_primary_moves,
        rfc_complex_is_merged,
        rfc_element_is_replaced,
        rfc_remove_element,
        rfc_remove_listed_elements_only,
        rfc_remove_sub_attribute,
        rfc_extension_as_a_whole,
        rfc_remove_extension,
        rfc_value_path_on_a_singular_attribute,
        missing_user_name,
        missing_group_name,
    }
}
