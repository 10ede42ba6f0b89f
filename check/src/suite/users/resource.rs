//! What every resource has, and how values are kept (RFC 7643 §2 and §3).

use serde_json::json;

use crate::core::{Check, Need, check, urn};
use crate::suite::body;

pub(super) fn common() -> Vec<Check> {
    vec![
        check!(
            Must,
            "id-of-server",
            "The id is the server's",
            "RFC 7643 §3.1: \"id: A unique identifier for a SCIM resource as defined by the \
                 service provider\", readOnly",
            |s| {
                let answer = s.post("/Users", &s.user_body(json!({"id": "mine"}))).await?;
                answer.status(&[201])?;
                answer.expect(!matches!(answer.str("/id"), "" | "mine"), "an id of the server's own")?;
            }
        ),
        check!(
            Must,
            "id-never-bulk-id",
            "The id is never bulkId",
            "RFC 7643 §3.1: \"The string \"bulkId\" is a reserved keyword and MUST NOT be used \
                 within any unique identifier value\"",
            |s| {
                let user = s.user(json!({})).await?;
                user.answer.expect(!user.id.contains("bulkId"), "an id without bulkId")?;
            }
        ),
        check!(
            Must,
            "external-id",
            "externalId is kept as it was sent",
            "RFC 7643 §3.1: externalId: \"A String that is an identifier for the resource as \
                 defined by the provisioning client\"",
            |s| {
                let external = format!("Ext-{}", s.unique());
                let user = s.user(json!({"externalId": external})).await?;
                s.read(&user.path).await?.is("/externalId", &external.into())?;
            }
        ),
        check!(
            Must,
            "external-id-not-invented",
            "externalId is never the server's",
            "RFC 7643 §3.1: \"The value of the \"externalId\" attribute is always issued by the \
                 provisioning client and MUST NOT be specified by the service provider\"",
            |s| {
                s.read(&s.user(json!({})).await?.path).await?.lacks("/externalId")?;
            }
        ),
        check!(
            Must,
            "meta",
            "meta has resourceType, created, lastModified, location",
            "RFC 7643 §3.1: \"meta: A complex attribute containing resource metadata. All \
                 \"meta\" sub-attributes are assigned by the service provider\"",
            |s| {
                let read = s.read(&s.user(json!({})).await?.path).await?;
                read.is("/meta/resourceType", &"User".into())?;
                for name in ["created", "lastModified", "location"] {
                    read.has(&format!("/meta/{name}"))?;
                }
            }
        ),
        check!(
            Must,
            "meta-dates",
            "Its times are dateTimes",
            "RFC 7643 §2.3.5: \"A DateTime value (e.g., 2008-01-23T04:56:22Z). The attribute \
                 value MUST be encoded as a valid xsd:dateTime\"",
            |s| {
                let read = s.read(&s.user(json!({})).await?.path).await?;
                for name in ["created", "lastModified"] {
                    let text = read.str(&format!("/meta/{name}"));
                    read.expect(body::is_date_time(text), format!("meta.{name} to be an xsd:dateTime"))?;
                }
            }
        ),
        check!(
            Must,
            "meta-new",
            "Who was never changed was last changed at creation",
            "RFC 7643 §3.1: \"If this resource has never been modified since its initial \
                 creation, the value MUST be the same as the value of \"created\"\"",
            |s| {
                let read = s.read(&s.user(json!({})).await?.path).await?;
                read.is("/meta/lastModified", read.at("/meta/created"))?;
            }
        ),
        check!(
            Must,
            "meta-ignored",
            "A client's meta is ignored",
            "RFC 7643 §3.1: \"This attribute SHALL be ignored when provided by clients\"",
            |s| {
                let meta = json!({
                    "resourceType": "Group",
                    "created": "1999-01-01T00:00:00Z",
                    "location": "https://elsewhere.example/Users/1",
                });
                let read = s.read(&s.user(json!({"meta": meta})).await?.path).await?;
                read.is("/meta/resourceType", &"User".into())?;
                read.expect(
                    !read.str("/meta/created").starts_with("1999"),
                    "the server's own time of creation",
                )?;
                read.expect(!read.str("/meta/location").contains("elsewhere"), "the server's own location")?;
            }
        ),
        check!(
            Must,
            "meta-location-absolute",
            "meta.location is a whole URI",
            "RFC 7643 §3.1: \"location: The URI of the resource being returned\"",
            |s| {
                let read = s.read(&s.user(json!({})).await?.path).await?;
                read.expect(read.str("/meta/location").starts_with("http"), "an absolute meta.location")?;
            }
        ),
        check!(
            Must,
            "schemas-of-data",
            "A user with enterprise data names that schema",
            "RFC 7643 §3: schemas holds URIs \"that are used to indicate the namespaces of the \
                 SCIM schemas that define the attributes present in the current JSON structure\"",
            |s| {
                let user = s
                    .user(json!({
                        "schemas": [urn::USER, urn::ENTERPRISE],
                        urn::ENTERPRISE: {"department": "Engines"},
                    }))
                    .await?;
                let read = s.read(&user.path).await?;
                read.expect(
                    read.list("/schemas").contains(&urn::ENTERPRISE.into()),
                    "schemas to hold the Enterprise URN",
                )?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Should,
            "schemas-without-data",
            "A user without enterprise data does not name that schema",
            "RFC 7643 §3: schemas names the schemas \"that define the attributes present in the \
                 current JSON structure\"",
            |s| {
                let read = s.read(&s.user(json!({})).await?.path).await?;
                read.expect(
                    !read.list("/schemas").contains(&urn::ENTERPRISE.into()),
                    "schemas without the Enterprise URN",
                )?;
            }
        ),
    ]
}

pub(super) fn values() -> Vec<Check> {
    vec![
        check!(
            Must,
            "names-any-case",
            "Attribute names are taken in any case",
            "RFC 7643 §2.1: \"Attribute names are case insensitive\"",
            |s| {
                let name = format!("{}@check.example", s.unique());
                let answer = s
                    .post(
                        "/Users",
                        &json!({
                            "schemas": [urn::USER],
                            "USERNAME": name,
                            "Name": {"GIVENNAME": "Ada"},
                        }),
                    )
                    .await?;
                answer.status(&[201])?;
                answer.is("/userName", &name.into())?;
                answer.is("/name/givenName", &"Ada".into())?;
            }
        ),
        check!(
            Must,
            "null-is-unset",
            "null is no value",
            "RFC 7643 §2.5: \"Unassigned attributes, the null value, or an empty array (in the \
                 case of a multi-valued attribute) SHALL be considered to be equivalent in \
                 \"state\"\"",
            |s| {
                let answer = s.post("/Users", &s.user_body(json!({"title": null, "name": null}))).await?;
                answer.status(&[201])?;
                answer.lacks("/title")?;
            }
        ),
        check!(
            Must,
            "empty-is-unset",
            "The empty array is no value",
            "RFC 7643 §2.5: \"Unassigned attributes, the null value, or an empty array ... SHALL \
                 be considered to be equivalent\"",
            |s| {
                let answer =
                    s.post("/Users", &s.user_body(json!({"emails": [], "phoneNumbers": []}))).await?;
                answer.status(&[201])?;
                answer.lacks("/emails")?;
            }
        ),
        check!(
            Must,
            "boolean-type",
            "Booleans come back as booleans",
            "RFC 7643 §2.3.2: \"The literal \"true\" or \"false\"\"",
            |s| {
                s.read(&s.user(json!({"active": false})).await?.path).await?.is("/active", &false.into())?;
            }
        )
        .needs(&[Need::User("active")]),
        check!(
            Must,
            "wrong-type",
            "A value of the wrong type is refused",
            "RFC 7644 §3.12: invalidValue \"the value specified was not compatible with the \
                 operation or attribute type\"",
            |s| {
                s.post(
                    "/Users",
                    &s.user_body(json!({
                        "name": "Ada Lovelace",
                        "emails": {"no": ["such"]},
                        "active": {"a": 1},
                    })),
                )
                .await?
                .status(&[400])?;
            }
        ),
        check!(
            Must,
            "unicode",
            "Letters of any script come back as they were",
            "RFC 7643 §2.3.1: \"A sequence of zero or more Unicode characters encoded using \
                 UTF-8\"",
            |s| {
                let family = "Ångström 東京 Ωμέγα 🙂 \"q\" \\ / \u{2028}";
                let user = s.user(json!({"name": {"familyName": family}})).await?;
                s.read(&user.path).await?.is("/name/familyName", &family.into())?;
            }
        )
        .needs(&[Need::User("name")]),
        check!(
            Must,
            "one-primary",
            "At most one value is primary",
            "RFC 7643 §2.4: \"The primary attribute value \"true\" MUST appear no more than \
                 once\"",
            |s| {
                let emails = json!([
                    {
                        "value": "a@check.example",
                        "primary": true,
                        "type": "work",
                    },
                    {
                        "value": "b@check.example",
                        "primary": true,
                        "type": "home",
                    },
                ]);
                let answer = s.post("/Users", &s.user_body(json!({"emails": emails}))).await?;
                let primaries = answer.list("/emails").iter().filter(|one| one["primary"] == true).count();
                answer.expect(
                    answer.code() == 400 || answer.is_success() && primaries <= 1,
                    "400, or one primary at most",
                )?;
            }
        )
        .needs(&[Need::User("emails")]),
        check!(
            Should,
            "no-duplicates",
            "The same value and type is returned once",
            "RFC 7643 §2.4: \"SHOULD NOT return the same (type, value) combination more than \
                 once per attribute\"",
            |s| {
                let email = json!({"value": "a@check.example", "type": "work"});
                let user = s.user(json!({"emails": [email, email]})).await?;
                s.read(&user.path).await?.values("/emails", &["a@check.example"])?;
            }
        )
        .needs(&[Need::User("emails")]),
        check!(
            Must,
            "password-never",
            "The password is never returned",
            "RFC 7643 §4.1.1: \"The cleartext value or the hashed value of a password SHALL NOT \
                 be returnable by a service provider\"; RFC 7643 §8.7.1: \"returned\": \"never\"",
            |s| {
                let user = s.user(json!({"password": body::PASSWORD})).await?;
                for answer in [
                    user.answer.clone(),
                    s.read(&user.path).await?,
                    s.query(&user.path, &[("attributes", "password")]).await?,
                ] {
                    answer.lacks("/password")?;
                    answer.expect(
                        !answer.text().contains(body::PASSWORD),
                        "no password anywhere in the answer",
                    )?;
                }
            }
        ),
    ]
}
