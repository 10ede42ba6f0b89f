//! What an admin's consent gave to the app: a refresh token (RFC 6749 §6), which the app may replace.

/// A refresh token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    token: String,
    given: String,
    replaces: bool,
    replaced: u32,
}

impl Consent {
    /// The one that the consent gave.
    pub fn new(token: &str) -> Self {
        Self { token: token.to_owned(), given: token.to_owned(), ..Self::default() }
    }

    /// From now on another one takes its place whenever it is used.
    pub fn replace_when_used(&mut self) {
        self.replaces = true;
    }

    /// How often one took another's place.
    pub fn replaced(&self) -> u32 {
        self.replaced
    }

    /// Uses it. Answers whether it is the one that is good now, and which one takes its place.
    pub(in crate::apps) fn redeem(&mut self, token: &str) -> Redeemed {
        if token != self.token {
            return Redeemed::Refused;
        }
        if !self.replaces {
            return Redeemed::Kept;
        }
        self.replaced += 1;
        self.token = format!("{}.{}", self.given, self.replaced);
        Redeemed::ReplacedBy(self.token.clone())
    }
}

/// What becomes of a refresh token that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::apps) enum Redeemed {
    /// It is not good.
    Refused,
    /// It stays good.
    Kept,
    /// From now on this one is good alone.
    ReplacedBy(String),
}
