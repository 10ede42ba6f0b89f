//! What the other identity providers send, and the tolerance that they rely on.

use super::{Fact, Facts, Is, No, On, Row, Values};
use crate::core::Level::Interop;

const fn group(
    name: &'static str,
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    facts: &'static [Fact],
) -> Row {
    Row { level: Interop, group: name, id, title, source, on: On::Group, operations, want: Facts(facts) }
}

const fn user(
    name: &'static str,
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    facts: &'static [Fact],
) -> Row {
    Row { level: Interop, group: name, id, title, source, on: On::User, operations, want: Facts(facts) }
}

const LIST: &str = "Tolerance list of identity providers' habits";

pub(super) const ROWS: &[Row] = &[
    group(
        "Salesforce",
        "salesforce-remove",
        "Members are removed by {\"members\": […]}",
        "Salesforce as documented: remove with {\"members\":[{\"value\":..}]} (scimitar PR \
                 45)",
        r#"[{"op":"remove","path":"members","value":{"members":[{"value":"<m1>"}]}}]"#,
        &[Values("/members", "<m2>")],
    ),
    group(
        "authentik/Keycloak",
        "authentik-remove",
        "Members are removed by an array of values",
        "authentik up to 2026.5 (issue 23798): remove members with a value array",
        r#"[{"op":"remove","path":"members","value":[{"value":"<m1>"}]}]"#,
        &[Values("/members", "<m2>")],
    ),
    group(
        "authentik/Keycloak",
        "keycloak-push",
        "The whole group is pushed",
        "Keycloak-for-scim pushes whole groups",
        r#"[{"op":"replace","value":{"displayName":"<new>","members":[{"value":"<m1>"},{"value":"<m3>"}]}}]"#,
        &[Is("/displayName", r#""<new>""#), Values("/members", "<m1> <m3>")],
    ),
    user(
        "authentik/Keycloak",
        "keycloak-active",
        "active as text, without a path",
        "Keycloak's community extension: \
                 {\"op\":\"replace\",\"value\":{\"active\":\"false\"}}",
        r#"[{"op":"replace","value":{"active":"false"}}]"#,
        &[Is("/active", "false")],
    ),
    group(
        "JumpCloud",
        "jumpcloud-remove",
        "Members are removed by value",
        "JumpCloud: Azure-style remove members with a value list (unimoni KB)",
        r#"[{"op":"remove","path":"members","value":[{"value":"<m2>"}]}]"#,
        &[Values("/members", "<m1>")],
    ),
    group(
        "Ping",
        "ping-members",
        "Members by PATCH, one operation each",
        "PingFederate: group membership by PATCH",
        r#"[{"op":"add","path":"members","value":[{"value":"<m3>"}]},
            {"op":"remove","path":"members[value eq \"<m1>\"]"}]"#,
        &[Values("/members", "<m2> <m3>")],
    ),
    group(
        "WSO2",
        "wso2-add",
        "Members are appended without a path",
        "WSO2: path-less add {\"members\":[..]} appends",
        r#"[{"op":"add","value":{"members":[{"value":"<m3>","display":"c"}]}}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
    user(
        "Tolerance",
        "op-case",
        "op in any case",
        LIST,
        r#"[{"op":"REPLACE","path":"title","value":"Major"},{"op":"Remove","path":"nickName"}]"#,
        &[Is("/title", r#""Major""#), No("/nickName")],
    ),
    user(
        "Tolerance",
        "null-clears",
        "null clears a value",
        LIST,
        r#"[{"op":"replace","path":"title","value":null}]"#,
        &[No("/title")],
    ),
    user(
        "Tolerance",
        "null-clears-no-path",
        "null clears a value without a path",
        LIST,
        r#"[{"op":"replace","value":{"title":null,"nickName":"Babs"}}]"#,
        &[No("/title"), Is("/nickName", r#""Babs""#)],
    ),
    user(
        "Tolerance",
        "empty-clears",
        "The empty string clears a value",
        LIST,
        r#"[{"op":"Replace","path":"title","value":""}]"#,
        &[No("/title")],
    ),
    user(
        "Tolerance",
        "unknown-dropped",
        "An unknown attribute in the value is dropped",
        LIST,
        r#"[{"op":"replace","value":{"title":"Major","noSuchAttribute":"x"}}]"#,
        &[Is("/title", r#""Major""#), No("/noSuchAttribute")],
    ),
    user(
        "Tolerance",
        "server-made-ignored",
        "id, meta, groups and schemas in the value are ignored",
        LIST,
        r#"[{"op":"replace","value":{"id":"<id>","schemas":["<user>"],"meta":{"resourceType":"User"},"groups":[],"title":"Major"}}]"#,
        &[Is("/title", r#""Major""#), Is("/id", r#""<id>""#)],
    ),
    user(
        "Tolerance",
        "lone-element",
        "A lone object where an array belongs",
        LIST,
        r#"[{"op":"add","path":"emails","value":{"value":"o@check.example","type":"other"}}]"#,
        &[Values("/emails", "w@check.example h@check.example o@check.example")],
    ),
    user(
        "Tolerance",
        "name-case-no-path",
        "Attribute names in any case inside the value",
        LIST,
        r#"[{"op":"replace","value":{"Title":"Major","Active":"False"}}]"#,
        &[Is("/title", r#""Major""#), Is("/active", "false")],
    ),
    group(
        "Tolerance",
        "remove-stranger",
        "Removing who is no member is done",
        "Tolerance list: retries of a removal that was done already",
        r#"[{"op":"remove","path":"members[value eq \"<m3>\"]"}]"#,
        &[Values("/members", "<m1> <m2>")],
    ),
    group(
        "Tolerance",
        "remove-strangers",
        "Removing who is no member by value takes nobody else",
        "Tolerance list: members remove by value",
        r#"[{"op":"remove","path":"members","value":[{"value":"<m3>"}]}]"#,
        &[Values("/members", "<m1> <m2>")],
    ),
    group(
        "Tolerance",
        "members-text",
        "A member's id as a bare string",
        LIST,
        r#"[{"op":"add","path":"members","value":["<m3>"]}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
    group(
        "Tolerance",
        "members-one",
        "A member without an array",
        LIST,
        r#"[{"op":"add","path":"members","value":{"value":"<m3>"}}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
];
