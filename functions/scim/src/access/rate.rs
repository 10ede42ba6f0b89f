//! How many requests a connection may make, and where its workspace has a quota, all connections of it: a token bucket for
//! each.
//!
//! The buckets are this process's own. On Lambda a sandbox serves one request at a time and there are as many as the load
//! needs, so the limit holds per sandbox: it stops a client that went wild, and costs no round trip.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use usher_domain::Timestamp;
use usher_domain::id::{ConnectionId, WorkspaceId};
use usher_scim::ScimError;

use crate::auth::Known;

/// Buckets kept at most. A bucket that was untouched for [`FULL_AFTER_MS`] is full, so nothing is lost by forgetting it.
const KEPT: usize = 10_000;
/// Seconds' worth of requests that a bucket holds. Two, not one: a client that sends its share at the end of one second and
/// at the begin of the next stays below its rate, and is to pass.
const SECONDS_HELD: i64 = 2;
/// When any bucket is full again.
const FULL_AFTER_MS: i64 = SECONDS_HELD * 1_000;

/// A bucket. It counts thousandths of requests, so that a rate of `r` per second is `r` per millisecond.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: i64,
    at: i64,
}

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    Connection(ConnectionId),
    Workspace(WorkspaceId),
}

/// The buckets of all connections and workspaces.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<Owner, Bucket>>);

impl Buckets {
    /// Lets one request of a connection pass, or tells when the next one may come.
    ///
    /// Only requests with a proven sender are counted: others could be sent by anybody, to lock the connection out.
    pub(crate) fn admit(&self, known: &Known, now: Timestamp) -> Result<(), TooManyRequests> {
        let Known { connection, tenancy } = known;
        self.take(Owner::Connection(connection.id.clone()), connection.admission.rate(), now)?;
        match tenancy.quotas.rate() {
            Some(rate) => self.take(Owner::Workspace(connection.id.workspace().clone()), rate, now),
            None => Ok(()),
        }
    }

    fn take(&self, owner: Owner, rate: u32, now: Timestamp) -> Result<(), TooManyRequests> {
        let rate = i64::from(rate);
        let now = now.as_millisecond();
        // A poisoned lock only means that another request panicked; the map itself is whole.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(&owner) {
            kept.retain(|_, bucket| now - bucket.at < FULL_AFTER_MS);
            if kept.len() >= KEPT {
                // So many at once: everybody begins anew, rather than anybody being refused for others.
                kept.clear();
            }
        }
        let most = rate.saturating_mul(FULL_AFTER_MS);
        let full = Bucket { left: most, at: now };
        let whose = if matches!(owner, Owner::Connection(_)) { "connection" } else { "workspace" };
        let bucket = kept.entry(owner).or_insert(full);
        // A clock that was set back adds nothing, and starts from there.
        let passed = (now - bucket.at).clamp(0, FULL_AFTER_MS);
        bucket.left = bucket.left.saturating_add(rate.saturating_mul(passed)).min(most);
        bucket.at = now;
        if bucket.left < 1_000 {
            let wait_ms = (1_000 - bucket.left + rate - 1) / rate;
            return Err(TooManyRequests { whose, rate, wait_ms });
        }
        bucket.left -= 1_000;
        Ok(())
    }
}

/// A connection, or all of its workspace, asked more often than it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooManyRequests {
    whose: &'static str,
    rate: i64,
    wait_ms: i64,
}

impl TooManyRequests {
    /// What `Retry-After` says: whole seconds, at least one (RFC 9110 §10.2.3).
    pub(crate) fn retry_after(&self) -> String {
        ((self.wait_ms + 999) / 1_000).max(1).to_string()
    }

    /// RFC 6585 §4: "The response representations SHOULD include details explaining the condition, and MAY include a
    /// Retry-After header".
    pub(crate) fn error(&self) -> ScimError {
        ScimError::new(
            429,
            format!(
                "this {} may make {} requests a second; wait as long as Retry-After says and send the request again",
                self.whose, self.rate
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::admission::Admission;
    use usher_domain::directory::{Connection, Scope};
    use usher_domain::tenancy::{Quotas, Tenancy};

    use super::*;

    fn connection(id: &str, rate: u32) -> Known {
        let connection = Connection {
            admission: Admission { requests_per_second: Some(rate), ..Admission::default() },
            ..serde_json::from_value(serde_json::json!({
                "id": id, "name": "Okta", "scope": Scope::Workspace, "tokens": [], "etags": true,
                "created_at": "2026-01-01T00:00:00Z",
            }))
            .unwrap()
        };
        Known { connection: connection.into(), tenancy: Tenancy::default().into() }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_767_225_600_000 + ms).unwrap()
    }

    fn passed(buckets: &Buckets, connection: &Known, ms: i64, sent: usize) -> usize {
        (0..sent).filter(|_| buckets.admit(connection, at(ms)).is_ok()).count()
    }

    #[test]
    fn twenty_five_a_second_always_pass_however_they_are_spread() {
        for rate in [0, 1, 25, 40] {
            let buckets = Buckets::default();
            let okta = connection("main.okta", rate);
            // All at once, first at the end of a second and then at the begin of each.
            for ms in [999, 1_000, 2_000, 3_000, 4_000] {
                assert_eq!(passed(&buckets, &okta, ms, 25), 25, "{rate} {ms}");
            }
            // Evenly, for a minute.
            let even = (0..60 * 25).filter(|n| buckets.admit(&okta, at(5_000 + n * 40)).is_ok()).count();
            assert_eq!(even, 60 * 25, "{rate}");
        }
    }

    #[test]
    fn what_is_over_the_rate_is_told_when_to_come_again() {
        let buckets = Buckets::default();
        let okta = connection("main.okta", 50);
        assert_eq!(passed(&buckets, &okta, 0, 1_000), 100);
        let refused = buckets.admit(&okta, at(0)).unwrap_err();
        assert_eq!((refused.wait_ms, refused.retry_after().as_str()), (20, "1"));
        assert_eq!(refused.error().status, 429);
        // After the wait that it was told.
        assert_eq!(passed(&buckets, &okta, 20, 2), 1);
        // In the long run the rate, no more.
        let sent: usize = (1..=100).map(|n| passed(&buckets, &okta, 20 + n * 100, 100)).sum();
        assert_eq!(sent, 500);
    }

    #[test]
    fn connections_do_not_share_and_a_clock_that_is_set_back_refuses_nobody() {
        let buckets = Buckets::default();
        let (okta, entra) = (connection("main.okta", 25), connection("main.entra", 25));
        assert_eq!(passed(&buckets, &okta, 10_000, 60), 50);
        assert_eq!(passed(&buckets, &entra, 10_000, 60), 50);
        assert_eq!(passed(&buckets, &okta, 0, 25), 0);
        assert_eq!(passed(&buckets, &okta, 1_000, 30), 25);
    }

    #[test]
    fn a_quota_is_for_all_connections_of_the_workspace_together() {
        let buckets = Buckets::default();
        let of = |id| {
            let quotas = Quotas { requests_per_second: Some(30), ..Quotas::default() };
            let tenancy = Tenancy { quotas, ..Tenancy::default() };
            Known { tenancy: tenancy.into(), ..connection(id, 1_000) }
        };
        assert_eq!(passed(&buckets, &of("main.okta"), 0, 50), 50);
        assert_eq!(passed(&buckets, &of("main.entra"), 0, 50), 10);
        assert_eq!(passed(&buckets, &of("rival.okta"), 0, 50), 50);
        let told = buckets.admit(&of("main.okta"), at(0)).unwrap_err().error();
        assert!(told.status == 429 && told.detail.starts_with("this workspace may make 30 requests"));
        assert_eq!(passed(&buckets, &of("main.okta"), 1_000, 50), 30);
    }

    #[test]
    fn the_buckets_are_bounded() {
        let buckets = Buckets::default();
        for n in 0..KEPT + 10 {
            buckets.admit(&connection(&format!("main.c{n}"), 25), at(0)).unwrap();
        }
        assert!(buckets.0.lock().unwrap().len() <= KEPT);
    }
}
