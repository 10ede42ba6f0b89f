//! Keys of signing in: the provider, links, attempts, identities, sessions, and how often somebody tried.

use sha2::{Digest, Sha256};
use usher_domain::{
    Timestamp,
    id::{PersonId, WorkspaceId},
};

use super::{Key, key, workspace_partition};

/// The provider that a workspace's people sign in with.
pub fn openid_provider(workspace: &WorkspaceId) -> Key {
    key(workspace_partition(workspace), "OPENID")
}

/// A sign-in link.
pub fn link(workspace: &WorkspaceId, id: &str) -> Key {
    key(format!("W#{workspace}#SIGNIN#{id}"), "SIGNIN")
}

/// A sign-in that a browser began.
pub fn attempt(workspace: &WorkspaceId, id: &str) -> Key {
    key(format!("W#{workspace}#ATTEMPT#{id}"), "ATTEMPT")
}

/// A text that others chose, as a part of a key of one length.
fn hashed(parts: [&str; 2]) -> String {
    // No URL, subject or address holds a line break, so where one ends and the other begins is not open to choice.
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whom a provider's subject is.
pub fn identity(workspace: &WorkspaceId, issuer: &str, subject: &str) -> Key {
    key(format!("W#{workspace}#SUBJECT#{}", hashed([issuer, subject])), "SUBJECT")
}

/// The partition of the subjects that a person is.
pub fn identities_partition(workspace: &WorkspaceId, person: &PersonId) -> String {
    format!("W#{workspace}#SUBJECTS#{person}")
}

/// The subject that a person is at a provider.
pub fn identity_of(workspace: &WorkspaceId, person: &PersonId, issuer: &str) -> Key {
    key(identities_partition(workspace, person), hashed([issuer, ""]))
}

/// The partition of a workspace's sessions: ending all of somebody's must miss none, so they are read from the table.
pub fn sessions_partition(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#SESSIONS")
}

/// A session.
pub fn session(workspace: &WorkspaceId, id: &str) -> Key {
    key(sessions_partition(workspace), id)
}

/// How many sign-ins came from an address in a stretch of time.
pub fn rate(workspace: &WorkspaceId, address: &str, begins: Timestamp) -> Key {
    let sort = format!("{:012}", begins.as_second());
    key(format!("W#{workspace}#SIGNINS#{}", hashed([address, ""])), sort)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_its_workspace_and_of_a_bounded_length() {
        let workspace: WorkspaceId = "acme".parse().unwrap();
        let person: PersonId = "p".parse().unwrap();
        let long = "#x".repeat(5_000);
        let now = Timestamp::UNIX_EPOCH;
        for key in [
            openid_provider(&workspace),
            link(&workspace, "l"),
            attempt(&workspace, "a"),
            identity(&workspace, &long, &long),
            identity_of(&workspace, &person, &long),
            session(&workspace, "s"),
            rate(&workspace, &long, now),
        ] {
            assert!(key.pk == "W#acme" || key.pk.starts_with("W#acme#"), "{}", key.pk);
            assert!(key.pk.len() < 512 && key.sk.len() < 512);
        }
        assert_ne!(identity(&workspace, "ab", "c"), identity(&workspace, "a", "bc"));
    }
}
