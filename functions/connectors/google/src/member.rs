//! People of the account, as Google Ads tells them: with access, invited, or before a second admin's approval.

use serde_json::Value;
use usher_connector::{Error, Invitation, Result};
use usher_domain::{
    access::{Account, AccountState},
    directory::Profile,
};

use crate::wire::text;

/// Stand before the ids of invitations and reviews, so that none is a person's.
const INVITATION: &str = "invitation:";
const REVIEW: &str = "review:";

/// Somebody with access.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) account: Account,
    pub(crate) role: String,
    /// When they got access, in digits; compares with [`invited_at`].
    pub(crate) since: Option<String>,
    /// A change of theirs waits for another admin.
    pub(crate) in_review: bool,
}

impl Member {
    /// Reads a row.
    pub(crate) fn read(row: &Value) -> Result<Self> {
        let told = row
            .get("customerUserAccess")
            .and_then(|it| Some((it, text(it, "userId")?, text(it, "accessRole")?)));
        let (access, id, role) = told.ok_or_else(|| {
            Error::transient("reading a user: Google's answer lacks the id or the role; it is read again")
        })?;
        let email = text(access, "emailAddress").map(str::to_owned);
        let profile = Profile {
            user_name: email.clone().unwrap_or_else(|| id.to_owned()),
            email,
            ..Profile::default()
        };
        Ok(Self {
            account: Account { id: id.to_owned(), state: AccountState::Active, profile },
            role: role.to_owned(),
            since: text(access, "accessCreationDateTime").map(digits),
            in_review: text(access, "pendingMultiPartyAuthReview").is_some(),
        })
    }

    /// Whether this is somebody with this address.
    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.account.profile.email.as_deref().is_some_and(|has| same(has, email))
    }
}

/// Reads a row of an invitation.
pub(crate) fn invitation(row: &Value) -> Result<Invitation> {
    let malformed = || {
        Error::transient(
            "reading an invitation: Google's answer lacks the id, the address or the role; it is read again",
        )
    };
    let told = row.get("customerUserAccessInvitation").ok_or_else(malformed)?;
    let id = text(told, "invitationId").ok_or_else(malformed)?;
    let state = match text(told, "invitationStatus") {
        Some("PENDING") => AccountState::Invited,
        Some("DECLINED") => AccountState::Declined,
        Some("EXPIRED") => AccountState::Expired,
        _ => {
            return Err(Error::invalid(
                "reading an invitation: Google tells a status that this connector does not know; settle it in Google Ads, \
                 then retry",
            ));
        }
    };
    let at = text(told, "creationDateTime").map(digits).unwrap_or_default();
    invited(format!("{INVITATION}{id}@{at}"), told, state).ok_or_else(malformed)
}

/// Reads a row of an invitation that another admin has to approve; `None` for one that was.
pub(crate) fn review(row: &Value) -> Result<Option<Invitation>> {
    let malformed = || {
        Error::transient("reading a review: Google's answer lacks the id or the invitation; it is read again")
    };
    let told = row.get("multiPartyAuthReview").ok_or_else(malformed)?;
    let id = text(told, "multiPartyAuthReviewId").ok_or_else(malformed)?;
    let state = match text(told, "reviewStatus") {
        Some("PENDING") => AccountState::Invited,
        Some("REJECTED" | "REVOKED") => AccountState::Declined,
        Some("EXPIRED") => AccountState::Expired,
        Some("APPROVED") => return Ok(None),
        _ => {
            return Err(Error::invalid(
                "reading a review: Google tells a status that this connector does not know; settle it in Google Ads, then \
                 retry",
            ));
        }
    };
    let asked = told.pointer("/customerUserAccessInvitationReview/newCustomerUserAccessInvitation");
    asked.and_then(|asked| invited(format!("{REVIEW}{id}"), asked, state)).ok_or_else(malformed).map(Some)
}

fn invited(id: String, told: &Value, state: AccountState) -> Option<Invitation> {
    Some(Invitation {
        id,
        email: text(told, "emailAddress")?.to_owned(),
        state,
        roles: [text(told, "accessRole")?.to_owned()].into(),
        expires_at: None,
    })
}

/// Google's id of the invitation that this account is.
pub(crate) fn invitation_id(account: &str) -> Option<&str> {
    Some(account.strip_prefix(INVITATION)?.split('@').next().unwrap_or_default())
}

/// When the invitation was made that this account is.
pub(crate) fn invited_at(account: &str) -> Option<&str> {
    account.strip_prefix(INVITATION)?.split_once('@').map(|(_, at)| at)
}

/// Whether this account is a review.
pub(crate) fn is_review(account: &str) -> bool {
    account.starts_with(REVIEW)
}

/// Whether this account is somebody with access.
pub(crate) fn is_member(account: &str) -> bool {
    !is_review(account) && !account.starts_with(INVITATION)
}

/// Whether two addresses are one.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Dates and times of one account compare by their digits: "2018-03-05 09:15:00".
fn digits(at: &str) -> String {
    at.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_are_states_and_unknown_ones_are_errors() {
        let row = |status: &str| {
            json!({"customerUserAccessInvitation": {"invitationId": "7", "emailAddress": "Ada@x", "accessRole": "ADMIN",
                "creationDateTime": "2026-01-02 03:04:05", "invitationStatus": status}})
        };
        let pending = invitation(&row("PENDING")).unwrap();
        assert_eq!(
            (pending.id.as_str(), pending.state),
            ("invitation:7@20260102030405", AccountState::Invited)
        );
        assert_eq!(
            (invitation_id(&pending.id), invited_at(&pending.id)),
            (Some("7"), Some("20260102030405"))
        );
        assert!(!is_member(&pending.id) && is_member("7") && invitation_id("7").is_none());
        assert_eq!(invitation(&row("DECLINED")).unwrap().state, AccountState::Declined);
        assert_eq!(invitation(&row("EXPIRED")).unwrap().state, AccountState::Expired);
        assert!(invitation(&row("UNKNOWN")).is_err() && invitation(&json!({})).is_err());
    }

    #[test]
    fn a_review_is_an_invitation_until_it_is_approved() {
        let row = |status: &str| {
            json!({"multiPartyAuthReview": {"multiPartyAuthReviewId": "9", "reviewStatus": status,
                "customerUserAccessInvitationReview": {"newCustomerUserAccessInvitation":
                    {"emailAddress": "ada@x", "accessRole": "STANDARD"}}}})
        };
        let pending = review(&row("PENDING")).unwrap().unwrap();
        assert!(is_review(&pending.id) && pending.state == AccountState::Invited);
        assert_eq!(review(&row("REJECTED")).unwrap().unwrap().state, AccountState::Declined);
        assert_eq!(review(&row("APPROVED")).unwrap(), None);
        assert!(review(&row("ODD")).is_err() && review(&json!({})).is_err());
    }

    #[test]
    fn a_member_may_have_no_address() {
        let ada = Member::read(&json!({"customerUserAccess": {"userId": "7", "accessRole": "ADMIN",
            "pendingMultiPartyAuthReview": "customers/1/multiPartyAuthReviews/9"}}))
        .unwrap();
        assert!(ada.in_review && !ada.has_email("") && ada.account.profile.user_name == "7");
        assert!(Member::read(&json!({"customerUserAccess": {"userId": "7"}})).is_err());
    }
}
