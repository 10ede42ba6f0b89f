//! The attributes of a user (RFC 7643 §4.1 and §4.3).

use serde_json::json;

use crate::core::{Check, Need, check, urn};
use crate::suite::body;

pub(super) fn checks() -> Vec<Check> {
    let mut all = vec![
        check!(
            Must,
            "groups-read-only",
            "A client's groups are ignored",
            "RFC 7643 §4.1.2: groups: \"Since this attribute has a mutability of \"readOnly\", \
                 group membership changes MUST be applied via the \"Group\" Resource\"; Okta sends []",
            |s| {
                let user = s
                    .user(json!({
                        "groups": [{"value": "nowhere", "display": "Nowhere"}],
                    }))
                    .await?;
                s.read(&user.path).await?.lacks("/groups")?;
            }
        ),
        check!(
            Must,
            "enterprise",
            "The Enterprise User extension is kept",
            "RFC 7643 §4.3: employeeNumber, costCenter, organization, division, department, \
                 manager",
            |s| {
                let extension = json!({
                    "employeeNumber": "701984",
                    "costCenter": "4130",
                    "organization": "Universal Studios",
                    "division": "Theme Park",
                    "department": "Tour Operations",
                });
                let user = s
                    .user(json!({
                        "schemas": [urn::USER, urn::ENTERPRISE],
                        urn::ENTERPRISE: extension,
                    }))
                    .await?;
                s.read(&user.path).await?.is(&format!("/{}", urn::ENTERPRISE), &extension)?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Must,
            "manager",
            "The manager is kept",
            "RFC 7643 §4.3: manager: \"A complex type that optionally allows service providers \
                 to represent organizational hierarchy by referencing the \"id\" attribute of \
                 another User\"",
            |s| {
                let boss = s.user(json!({})).await?;
                let user = s
                    .user(json!({
                        "schemas": [urn::USER, urn::ENTERPRISE],
                        urn::ENTERPRISE: {"manager": {"value": boss.id}},
                    }))
                    .await?;
                s.read(&user.path)
                    .await?
                    .is(&format!("/{}/manager/value", urn::ENTERPRISE), &boss.id.into())?;
            }
        )
        .needs(&[Need::Enterprise]),
    ];
    let singular =
        ["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone"];
    for name in singular {
        all.push(
            check!(
                Must,
                format!("keeps-{name}"),
                format!("{name} is kept"),
                "RFC 7643 §4.1.1: singular attributes of User",
                [name],
                |s| {
                    let value = match name {
                        "preferredLanguage" => "en-GB",
                        "locale" => "en-GB",
                        "timezone" => "Europe/London",
                        _ => "A value",
                    };
                    let user = s.user(json!({name: value})).await?;
                    s.read(&user.path).await?.is(&format!("/{name}"), &value.into())?;
                }
            )
            .needs(&[Need::User(name)]),
        );
    }
    for (name, value) in body::MULTI_VALUED {
        all.push(
            check!(
                Must,
                format!("keeps-{name}"),
                format!("{name} are kept"),
                "RFC 7643 §4.1.2: multi-valued attributes of User",
                [name, value],
                |s| {
                    let user = s.user(json!({name: [{"value": value, "type": "work"}]})).await?;
                    s.read(&user.path).await?.is(&format!("/{name}/0/value"), &value.into())?;
                }
            )
            .needs(&[Need::User(name)]),
        );
    }
    all.push(
        check!(
            Must,
            "keeps-addresses",
            "addresses are kept",
            "RFC 7643 §4.1.2: addresses: formatted, streetAddress, locality, region, postalCode, \
                 country",
            |s| {
                let address = json!({
                    "type": "work",
                    "streetAddress": "100 Universal City Plaza",
                    "locality": "Hollywood",
                    "region": "CA",
                    "postalCode": "91608",
                    "country": "US",
                });
                let read = s.read(&s.user(json!({"addresses": [address]})).await?.path).await?;
                read.is("/addresses/0/locality", &"Hollywood".into())?;
                read.is("/addresses/0/country", &"US".into())?;
            }
        )
        .needs(&[Need::User("addresses")]),
    );
    all
}
