//! What the RFC says of members, and what Okta sends.

use super::{Fact, Facts, Is, No, On, Row, Values};
use crate::core::Level::{self, Interop, Must};

const fn row(
    level: Level,
    group: &'static str,
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    facts: &'static [Fact],
) -> Row {
    Row { level, group, id, title, source, on: On::Group, operations, want: Facts(facts) }
}

const fn on_user(
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    facts: &'static [Fact],
) -> Row {
    Row { level: Interop, group: "Okta", id, title, source, on: On::User, operations, want: Facts(facts) }
}

const RFC: &str = "RFC 7644 §3.5.2";
const BOTH: &str = "<m1> <m2>";

pub(super) const ROWS: &[Row] = &[
    row(
        Must,
        RFC,
        "members-add",
        "A member is added",
        "RFC 7644 §3.5.2.1: the example that adds a member to a group",
        r#"[{"op":"add","path":"members","value":[{"value":"<m3>"}]}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
    row(
        Must,
        RFC,
        "members-add-again",
        "A member who is there is added once",
        "RFC 7644 §3.5.2.1: \"If the value already exists, no changes SHOULD be made\"; \
                 retries are common",
        r#"[{"op":"add","path":"members","value":[{"value":"<m1>"},{"value":"<m1>"}]}]"#,
        &[Values("/members", BOTH)],
    ),
    row(
        Must,
        RFC,
        "members-remove",
        "A member is removed by a filter",
        "RFC 7644 §3.5.2.2: \"path\":\"members[value eq \\\"2819c223-...\\\"]\"",
        r#"[{"op":"remove","path":"members[value eq \"<m1>\"]"}]"#,
        &[Values("/members", "<m2>")],
    ),
    row(
        Must,
        RFC,
        "members-remove-all",
        "All members are removed",
        "RFC 7644 §3.5.2.2: the example \"remove all members of a group\"",
        r#"[{"op":"remove","path":"members"}]"#,
        &[No("/members")],
    ),
    row(
        Must,
        RFC,
        "members-replace",
        "Members are replaced",
        "RFC 7644 §3.5.2.3: the example \"replace all of the members of a group\"",
        r#"[{"op":"replace","path":"members","value":[{"value":"<m3>"},{"value":"<m1>"}]}]"#,
        &[Values("/members", "<m1> <m3>")],
    ),
    row(
        Must,
        RFC,
        "members-remove-add",
        "One goes and one comes in one request",
        "RFC 7644 §3.5.2.2: the example that removes and adds a member",
        r#"[{"op":"remove","path":"members[value eq \"<m1>\"]"},
            {"op":"add","path":"members","value":[{"value":"<m3>"}]}]"#,
        &[Values("/members", "<m2> <m3>")],
    ),
    row(
        Must,
        RFC,
        "group-name",
        "A group is renamed, its members stay",
        "RFC 7644 §3.5.2.3",
        r#"[{"op":"replace","path":"displayName","value":"<new>"}]"#,
        &[Is("/displayName", r#""<new>""#), Values("/members", BOTH)],
    ),
    row(
        Must,
        RFC,
        "members-order",
        "Remove all, then add, leaves the added",
        "RFC 7644 §3.5.2: applied sequentially",
        r#"[{"op":"remove","path":"members"},
            {"op":"add","path":"members","value":[{"value":"<m3>"}]}]"#,
        &[Values("/members", "<m3>")],
    ),
    row(
        Must,
        RFC,
        "members-no-path",
        "Members are added without a path",
        "RFC 7644 §3.5.2.1: without a path the value is added to the resource; WSO2 sends it \
                 so",
        r#"[{"op":"add","value":{"members":[{"value":"<m3>"}]}}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
    row(
        Interop,
        "Okta",
        "okta-rename",
        "A group is renamed without a path, its id in the value",
        "Okta group push: {\"op\":\"replace\",\"value\":{\"id\":\"…\",\"displayName\":\"…\"}}",
        r#"[{"op":"replace","value":{"id":"<id>","displayName":"<new>"}}]"#,
        &[Is("/displayName", r#""<new>""#), Values("/members", BOTH)],
    ),
    row(
        Interop,
        "Okta",
        "okta-same-name",
        "The name it has, sent with every change of members",
        "Okta group push sends id and displayName with every membership change",
        r#"[{"op":"replace","value":{"id":"<id>"}},
            {"op":"add","path":"members","value":[{"value":"<m3>"}]}]"#,
        &[Values("/members", "<m1> <m2> <m3>")],
    ),
    row(
        Interop,
        "Okta",
        "okta-members",
        "One member goes and one comes, with display names",
        "Okta group push: remove members[value eq …] and add members with display",
        r#"[{"op":"remove","path":"members[value eq \"<m1>\"]"},
            {"op":"add","path":"members","value":[{"value":"<m3>","display":"test.user@okta.local"}]}]"#,
        &[Values("/members", "<m2> <m3>")],
    ),
    row(
        Interop,
        "Okta",
        "okta-push-now",
        "The whole group is pushed",
        "Okta \"Push now\": \
                 {\"op\":\"replace\",\"path\":\"members\",\"value\":[{\"value\":\"..\",\"display\":\"..\"},...]}",
        r#"[{"op":"replace","path":"members","value":[{"value":"<m2>","display":"b"},{"value":"<m3>","display":"c"}]}]"#,
        &[Values("/members", "<m2> <m3>")],
    ),
    row(
        Interop,
        "Okta",
        "okta-push-empty",
        "An empty group is pushed",
        "Okta \"Push now\" on an empty group sends value [] (SCIM-SDK issue 757)",
        r#"[{"op":"replace","path":"members","value":[]}]"#,
        &[No("/members")],
    ),
    on_user(
        "okta-deactivate",
        "A user is deactivated without a path",
        "Okta: {\"op\":\"replace\",\"value\":{\"active\":false}}",
        r#"[{"op":"replace","value":{"active":false}}]"#,
        &[Is("/active", "false"), Is("/title", r#""Captain""#)],
    ),
    on_user(
        "okta-activate",
        "A user is activated again",
        "Okta: {\"op\":\"replace\",\"value\":{\"active\":true}}",
        r#"[{"op":"replace","value":{"active":false}},{"op":"replace","value":{"active":true}}]"#,
        &[Is("/active", "true")],
    ),
    on_user(
        "okta-password",
        "A password is pushed without a path",
        "Okta: PATCH for activate, deactivate and password sync",
        r#"[{"op":"replace","value":{"password":"1mz050nq-Tr0ub4dor&3"}}]"#,
        &[No("/password"), Is("/title", r#""Captain""#)],
    ),
    on_user(
        "okta-profile",
        "A profile is replaced without a path",
        "Okta: path-less replace with complex and multi-valued attributes",
        r#"[{"op":"replace","value":{"name":{"givenName":"Another","familyName":"User"},"emails":[{"value":"n@check.example","type":"work","primary":true}]}}]"#,
        &[Is("/name/givenName", r#""Another""#), Values("/emails", "n@check.example")],
    ),
];
