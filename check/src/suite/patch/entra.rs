//! What Entra ID sends, with and without the flag `aadOptscim062020`.

use super::{Fact, Facts, Is, No, On, Row, Values};
use crate::core::Level::Interop;

const fn user(
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    facts: &'static [Fact],
) -> Row {
    Row { level: Interop, group: "Entra ID", id, title, source, on: On::User, operations, want: Facts(facts) }
}

const fn group(
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    facts: &'static [Fact],
) -> Row {
    Row {
        level: Interop,
        group: "Entra ID",
        id,
        title,
        source,
        on: On::Group,
        operations,
        want: Facts(facts),
    }
}

const OFF: &str = "Entra ID without aadOptscim062020, as Microsoft documents it";
const ON: &str = "Entra ID with aadOptscim062020, as Microsoft documents it";
const MANAGER: &str = "Entra ID: the manager as a bare string, \"value\":\"271\"";
const VALIDATOR: &str = "Microsoft SCIM Validator: Remove Manager";

pub(super) const ROWS: &[Row] = &[
    user(
        "entra-disable",
        "Replace active with \"False\"",
        OFF,
        r#"[{"op":"Replace","path":"active","value":"False"}]"#,
        &[Is("/active", "false")],
    ),
    user(
        "entra-enable",
        "Replace active with \"True\"",
        OFF,
        r#"[{"op":"Replace","path":"active","value":"False"},
            {"op":"Replace","path":"active","value":"True"}]"#,
        &[Is("/active", "true")],
    ),
    user(
        "entra-add-active",
        "Add active is not ignored",
        "Entra ID sends Add as well as Replace; servers that ignore Add active leave people \
                 in",
        r#"[{"op":"Add","path":"active","value":"False"}]"#,
        &[Is("/active", "false")],
    ),
    user(
        "entra-add",
        "Add of a single value",
        OFF,
        r#"[{"op":"Add","path":"nickName","value":"Babs"}]"#,
        &[Is("/nickName", r#""Babs""#)],
    ),
    user(
        "entra-email",
        "Replace of an address by its type",
        OFF,
        r#"[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@check.example"}]"#,
        &[Values("/emails", "n@check.example h@check.example")],
    ),
    user(
        "entra-email-new",
        "Replace of an address that is not there makes it",
        "Entra ID sends Add/Replace also when no such element exists; the rule: create where \
                 the op has a capital and the type is a canonical value",
        r#"[{"op":"Replace","path":"emails[type eq \"other\"].value","value":"o@check.example"}]"#,
        &[
            Values("/emails", "w@check.example h@check.example o@check.example"),
            Is("/emails/2/type", r#""other""#),
        ],
    ),
    user(
        "entra-email-add",
        "Add of an address that is not there makes it",
        OFF,
        r#"[{"op":"Add","path":"emails[type eq \"other\"].value","value":"o@check.example"}]"#,
        &[
            Values("/emails", "w@check.example h@check.example o@check.example"),
            Is("/emails/2/type", r#""other""#),
        ],
    ),
    user(
        "entra-phone",
        "Add of the first phone number by its type",
        OFF,
        r#"[{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1-555-0100"}]"#,
        &[Values("/phoneNumbers", "+1-555-0100"), Is("/phoneNumbers/0/type", r#""mobile""#)],
    ),
    user(
        "entra-address",
        "Two parts of one address come one by one",
        "Microsoft SCIM Validator: addresses[type eq \"work\"].locality and .country in one \
                 PATCH",
        r#"[{"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Paris"},
            {"op":"Add","path":"addresses[type eq \"work\"].country","value":"FR"}]"#,
        &[
            Is("/addresses/0/locality", r#""Paris""#),
            Is("/addresses/0/country", r#""FR""#),
            No("/addresses/1"),
        ],
    ),
    user(
        "entra-manager",
        "The manager as a bare string",
        MANAGER,
        r#"[{"op":"Add","path":"<ent>:manager","value":"271"}]"#,
        &[Is("/<ent>/manager/value", r#""271""#)],
    ),
    user(
        "entra-manager-array",
        "The manager without its URN, in an array",
        "Entra ID's documentation: \
                 {\"op\":\"Add\",\"path\":\"manager\",\"value\":[{\"$ref\":\"http://.../scim/Users/2819...\",\"value\":\"2819...\"}]}",
        r#"[{"op":"Add","path":"manager","value":[{"$ref":"http://example.com/scim/Users/2819","value":"2819"}]},
            {"op":"replace","path":"<ent>:department","value":"x"}]"#,
        &[Is("/<ent>/manager/value", r#""2819""#)],
    ),
    user(
        "entra-manager-clear",
        "The manager is cleared by an empty value",
        VALIDATOR,
        r#"[{"op":"Add","path":"<ent>:manager","value":"271"},
            {"op":"replace","path":"<ent>:manager","value":{"value":""}}]"#,
        &[No("/<ent>/manager/value")],
    ),
    user(
        "entra-manager-clear-text",
        "The manager is cleared by an empty string",
        VALIDATOR,
        r#"[{"op":"Add","path":"<ent>:manager","value":"271"},
            {"op":"replace","path":"<ent>:manager","value":""}]"#,
        &[No("/<ent>/manager/value")],
    ),
    user(
        "entra-manager-remove",
        "The manager is removed",
        VALIDATOR,
        r#"[{"op":"Add","path":"<ent>:manager","value":"271"},{"op":"Remove","path":"<ent>:manager"}]"#,
        &[No("/<ent>/manager/value")],
    ),
    user(
        "entra-role-primary",
        "A role by roles[primary eq \"True\"]",
        "Entra ID, SingleAppRoleAssignment: {\"op\":\"Add\",\"path\":\"roles[primary eq \
                 \\\"True\\\"].value\",\"value\":\"Admin\"}",
        r#"[{"op":"Add","path":"roles[primary eq \"True\"].value","value":"Admin"}]"#,
        &[Values("/roles", "Admin"), Is("/roles/0/primary", "true")],
    ),
    user(
        "entra-on-disable",
        "Flag on: replace active with false",
        ON,
        r#"[{"op":"replace","path":"active","value":false}]"#,
        &[Is("/active", "false")],
    ),
    user(
        "entra-on-email",
        "Flag on: replace of an address by its type",
        ON,
        r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@check.example"}]"#,
        &[Values("/emails", "n@check.example h@check.example")],
    ),
    user(
        "entra-on-dotted",
        "Flag on: names with dots in the value",
        ON,
        r#"[{"op":"replace","value":{"displayName":"Bjfe","name.givenName":"Kkom","name.familyName":"Unua"}}]"#,
        &[
            Is("/displayName", r#""Bjfe""#),
            Is("/name/givenName", r#""Kkom""#),
            Is("/name/familyName", r#""Unua""#),
        ],
    ),
    user(
        "entra-on-urn",
        "Flag on: names with their URN in the value",
        ON,
        r#"[{"op":"replace","value":{"nickName":"Babs","<ent>:employeeNumber":"Aklq"}}]"#,
        &[
            Is("/nickName", r#""Babs""#),
            Is("/<ent>/employeeNumber", r#""Aklq""#),
            Is("/<ent>/department", r#""Engines""#),
        ],
    ),
    user(
        "entra-multi-same",
        "Remove, add and replace of one attribute in one request",
        "Microsoft SCIM Validator, preview: multiple operations on the same attribute",
        r#"[{"op":"remove","path":"emails[type eq \"work\"]"},
            {"op":"add","path":"emails[type eq \"work\"].value","value":"a@check.example"},
            {"op":"replace","path":"emails[type eq \"work\"].value","value":"b@check.example"}]"#,
        &[Values("/emails", "b@check.example h@check.example")],
    ),
    group(
        "entra-members-add",
        "Add of members with $ref null",
        OFF,
        r#"[{"op":"Add","path":"members","value":[{"$ref":null,"value":"<m3>"}]}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
    group(
        "entra-members-remove",
        "Remove of members by value takes only these",
        "Entra ID without the flag: \
                 {\"op\":\"Remove\",\"path\":\"members\",\"value\":[{\"$ref\":null,\"value\":\"…\"}]}; \
                 seen in the wild: the whole group is emptied",
        r#"[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"<m1>"}]}]"#,
        &[Values("/members", "<m2>")],
    ),
    group(
        "entra-members-many",
        "Many members in one operation",
        "Entra ID: many members per operation; \"one PATCH with several memberships \
                 required\"",
        r#"[{"op":"Add","path":"members","value":[{"$ref":null,"value":"<m3>"},{"$ref":null,"value":"<m1>"}]},
            {"op":"Remove","path":"members","value":[{"value":"<m2>"}]}]"#,
        &[Values("/members", "<m1> <m3>")],
    ),
    group(
        "entra-on-members-remove",
        "Flag on: remove of a member by a filter",
        ON,
        r#"[{"op":"remove","path":"members[value eq \"<m1>\"]"}]"#,
        &[Values("/members", "<m2>")],
    ),
    group(
        "entra-external-id",
        "externalId of a group without a path",
        "Microsoft SCIM Validator: {\"op\":\"replace\",\"value\":{\"externalId\":..}}",
        r#"[{"op":"replace","value":{"externalId":"<new>"}}]"#,
        &[Is("/externalId", r#""<new>""#), Values("/members", "<m1> <m2>")],
    ),
];
