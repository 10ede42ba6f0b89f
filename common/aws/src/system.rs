//! The machine's own clock and randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use usher_domain::{
    Timestamp,
    ports::{Clock, Ids},
};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::new_v4()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        if SystemRandom::new().fill(&mut secret).is_err() {
            // aws-lc fails only where the operating system gives no entropy at all; uuids come from the same
            // source and would have failed before.
            let (a, b) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
            secret[..16].copy_from_slice(a.as_bytes());
            secret[16..].copy_from_slice(b.as_bytes());
        }
        secret
    }
}
