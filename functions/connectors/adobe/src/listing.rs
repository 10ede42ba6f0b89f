//! Lists of the organisation: users, product profiles, user groups.

use serde_json::Value;
use usher_connector::{AppAsset, Error, Member, Result};
use usher_domain::{access::Told, integration::AppEntitlement, ports::Page};

use crate::{client::Client, groups, user::User, wire::text};

/// Every user, with the admin rights.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let page = client.page("listing the users", "users", cursor).await?;
    let read = page.items.iter().map(|item| {
        let user = User::read(item)?;
        Ok(Member { seat: Told::Roles(user.roles()), account: user.account })
    });
    Ok(Page { items: read.collect::<Result<_>>()?, next: page.next })
}

/// The product profiles: an entitlement's value is the profile's name.
pub(crate) async fn profiles(client: &Client, cursor: Option<&str>) -> Result<Page<AppEntitlement>> {
    named(client, "listing the product profiles", "PRODUCT_PROFILE", cursor, |name, item| {
        let product = text(item, "productName");
        let shown = product.map_or_else(|| name.to_owned(), |product| format!("{name} ({product})"));
        AppEntitlement { value: name.to_owned(), name: shown }
    })
    .await
}

/// The user groups.
pub(crate) async fn user_groups(client: &Client, cursor: Option<&str>) -> Result<Page<AppAsset>> {
    named(client, "listing the user groups", "USER_GROUP", cursor, |name, _| AppAsset {
        id: groups::asset(name),
        name: name.to_owned(),
        permissions: groups::permissions(),
    })
    .await
}

/// A page of the groups of one type. It may hold none, and others follow.
async fn named<T>(
    client: &Client,
    doing: &'static str,
    kind: &str,
    cursor: Option<&str>,
    of: impl Fn(&str, &Value) -> T,
) -> Result<Page<T>> {
    let page = client.page(doing, "groups", cursor).await?;
    let mut items = Vec::new();
    for item in page.items.iter().filter(|item| text(item, "type") == Some(kind)) {
        let name = text(item, "groupName").ok_or_else(|| {
            Error::transient(format!("{doing}: Adobe told one without a name; the list is read again"))
        })?;
        items.push(of(name, item));
    }
    Ok(Page { items, next: page.next })
}
