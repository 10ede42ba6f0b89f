//! What the RFC says of `remove` on a user, and of operations as a whole.

use super::rfc::{URN, must};
use super::{Facts, Is, No, On, Refused, Row, Values};
use crate::core::Level::Should;

const REMOVE: &str = "RFC 7644 §3.5.2.2";
const WHOLE: &str = "RFC 7644 §3.5.2";

pub(super) const ROWS: &[Row] = &[
    must(
        REMOVE,
        "remove",
        "remove clears a value",
        "RFC 7644 §3.5.2.2: \"If the target location is a single-value attribute, the \
                 attribute and its associated value is removed, and the attribute SHALL be \
                 considered unassigned\"",
        r#"[{"op":"remove","path":"title"}]"#,
        Facts(&[No("/title"), Is("/nickName", r#""Countess""#)]),
    ),
    must(
        REMOVE,
        "remove-sub-attribute",
        "remove clears a sub-attribute",
        "RFC 7644 §3.5.2.2",
        r#"[{"op":"remove","path":"name.givenName"}]"#,
        Facts(&[No("/name/givenName"), Is("/name/familyName", r#""Lovelace""#)]),
    ),
    must(
        REMOVE,
        "remove-complex",
        "remove clears a complex attribute",
        "RFC 7644 §3.5.2.2",
        r#"[{"op":"remove","path":"name"}]"#,
        Facts(&[No("/name/familyName")]),
    ),
    must(
        REMOVE,
        "remove-multi",
        "remove clears all values",
        "RFC 7644 §3.5.2.2: \"If the target location is a multi-valued attribute and no \
                 filter is specified, the attribute and all values are removed\"",
        r#"[{"op":"remove","path":"emails"}]"#,
        Facts(&[No("/emails")]),
    ),
    must(
        REMOVE,
        "remove-filter",
        "remove clears a selected value",
        "RFC 7644 §3.5.2.2: \"the values matched by the filter are removed\"",
        r#"[{"op":"remove","path":"emails[type eq \"home\"]"}]"#,
        Facts(&[Values("/emails", "w@check.example")]),
    ),
    must(
        REMOVE,
        "remove-filter-all",
        "The last selected value leaves none",
        "RFC 7644 §3.5.2.2: \"If no other values remain after removal of the selected \
                 values, the multi-valued attribute SHALL be considered unassigned\"",
        r#"[{"op":"remove","path":"emails[type eq \"home\" or type eq \"work\"]"}]"#,
        Facts(&[No("/emails")]),
    ),
    must(
        REMOVE,
        "remove-filter-sub-attribute",
        "remove clears a sub-attribute of a selected value",
        "RFC 7644 §3.5.2.2: \"Sub-attributes whose values have been removed SHALL be \
                 considered unassigned\"",
        r#"[{"op":"remove","path":"emails[type eq \"work\"].primary"}]"#,
        Facts(&[No("/emails/0/primary"), Values("/emails", "w@check.example h@check.example")]),
    ),
    must(
        REMOVE,
        "remove-extension",
        "remove in an extension",
        URN,
        r#"[{"op":"remove","path":"<ent>:department"}]"#,
        Facts(&[No("/<ent>/department"), Is("/<ent>/employeeNumber", r#""7""#)]),
    ),
    must(
        REMOVE,
        "remove-unset",
        "remove of what has no value is done",
        "RFC 7644 §3.5.2.2: the attribute is \"unassigned\" afterwards, as it was before",
        r#"[{"op":"remove","path":"userType"}]"#,
        Facts(&[No("/userType")]),
    ),
    must(
        REMOVE,
        "remove-no-path",
        "remove without a path is refused as noTarget",
        "RFC 7644 §3.5.2.2: \"If \"path\" is unspecified, the operation fails with HTTP \
                 status code 400 and a \"scimType\" error code of \"noTarget\"\"",
        r#"[{"op":"remove"}]"#,
        Refused(&["noTarget"]),
    ),
    must(
        REMOVE,
        "remove-required",
        "A required attribute cannot be removed",
        "RFC 7644 §3.5.2.2: \"If an attribute is removed or becomes unassigned and is \
                 defined as a required attribute or a read-only attribute, the server SHALL return \
                 ... \"mutability\"\"",
        r#"[{"op":"remove","path":"userName"}]"#,
        Refused(&["mutability"]),
    ),
    must(
        REMOVE,
        "remove-read-only",
        "A readOnly attribute cannot be removed",
        "RFC 7644 §3.5.2.2: \"a read-only attribute, the server SHALL return an HTTP \
                 response status code and a JSON detail error response ... \"mutability\"\"",
        r#"[{"op":"remove","path":"id"}]"#,
        Refused(&["mutability"]),
    ),
    must(
        WHOLE,
        "in-order",
        "Operations are applied in order",
        "RFC 7644 §3.5.2: \"Operations are applied sequentially in the order they appear in \
                 the array\"",
        r#"[{"op":"replace","path":"title","value":"A"},
            {"op":"remove","path":"title"},
            {"op":"add","path":"title","value":"B"},
            {"op":"replace","path":"nickName","value":"C"}]"#,
        Facts(&[Is("/title", r#""B""#), Is("/nickName", r#""C""#)]),
    ),
    must(
        WHOLE,
        "in-order-same",
        "Each operation sees what the one before it did",
        "RFC 7644 §3.5.2: \"Each operation in the sequence is applied to the target \
                 resource; the resulting resource becomes the target of the next operation\"",
        r#"[{"op":"add","path":"emails","value":[{"value":"o@check.example","type":"other"}]},
            {"op":"replace","path":"emails[type eq \"other\"].value","value":"p@check.example"}]"#,
        Facts(&[Values("/emails", "w@check.example h@check.example p@check.example")]),
    ),
    must(
        WHOLE,
        "wrong-path",
        "A malformed path is refused as invalidPath",
        "RFC 7644 §3.12, table 9: invalidPath \"The \"path\" attribute was invalid or \
                 malformed\"",
        r#"[{"op":"replace","path":"emails[type eq \"work\"","value":"x"}]"#,
        Refused(&["invalidPath", "invalidFilter"]),
    ),
    must(
        WHOLE,
        "wrong-op",
        "An unknown op is refused",
        "RFC 7644 §3.5.2: \"op\" \"whose value indicates the operation to perform and MAY be \
                 one of \"add\", \"remove\", or \"replace\"\"",
        r#"[{"op":"merge","path":"title","value":"x"}]"#,
        Refused(&[]),
    ),
    must(
        WHOLE,
        "no-op",
        "An operation without op is refused",
        "RFC 7644 §3.5.2: \"Operation objects MUST have exactly one \"op\" member\"",
        r#"[{"path":"title","value":"x"}]"#,
        Refused(&[]),
    ),
    must(
        WHOLE,
        "no-value",
        "add without a value is refused",
        "RFC 7644 §3.5.2.1: \"The operation MUST contain a \"value\" member\"",
        r#"[{"op":"add","path":"title"}]"#,
        Refused(&[]),
    ),
    must(
        WHOLE,
        "wrong-type",
        "A value of the wrong type is refused",
        "RFC 7644 §3.12: invalidValue \"the value specified was not compatible with the \
                 operation or attribute type\"",
        r#"[{"op":"replace","path":"active","value":"perhaps"}]"#,
        Refused(&["invalidValue", "invalidSyntax"]),
    ),
    Row {
        level: Should,
        group: WHOLE,
        id: "schemas-added",
        title: "schemas follow the data",
        source: "RFC 7644 §3.5.2.1: \"schemas\" is kept by the server as attributes of an extension \
                 come; RFC 7643 §3: schemas names those present",
        on: On::User,
        operations: r#"[{"op":"remove","path":"<ent>:department"},{"op":"remove","path":"<ent>:employeeNumber"}]"#,
        want: Facts(&[Is("/schemas", r#"["<user>"]"#)]),
    },
];
