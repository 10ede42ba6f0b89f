//! The account that Usher acts as, where the app does not tell and an admin does.

use crate::{
    contract::Connector,
    error::{Error, Result},
};

/// The account of the member whom the setting `acts_as` names by e-mail address or by the app's id, looked for in the whole
/// list; none where nobody is named.
///
/// # Errors
/// `Invalid` when nobody in the list is named so: then it is not known whom to spare. Whatever reading the list comes to.
pub async fn acting_member(connector: &dyn Connector, acts_as: Option<&str>) -> Result<Option<String>> {
    let Some(named) = acts_as else { return Ok(None) };
    let mut cursor = None;
    loop {
        let page = connector.list_members(cursor.as_deref()).await?;
        let account = page.items.into_iter().map(|member| member.account).find(|account| {
            let email = account.profile.email.as_deref();
            account.id == named || email.is_some_and(|email| email.to_lowercase() == named.to_lowercase())
        });
        if let Some(account) = account {
            return Ok(Some(account.id));
        }
        cursor = page.next;
        if cursor.is_none() {
            return Err(Error::invalid(
                "the setting `acts_as` names nobody who is a member of the app; correct it, or take it out",
            ));
        }
    }
}
