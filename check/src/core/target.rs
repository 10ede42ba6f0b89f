//! The server under test.

use reqwest::Url;

/// A SCIM base URL and the credentials for it. Not `Debug`: the token is secret.
#[derive(Clone)]
pub struct Target {
    pub(crate) base: Url,
    /// What the tenant URL carries after `?`, such as Entra's `aadOptscim062020`; sent with every request.
    pub(crate) flag: Option<String>,
    pub(crate) token: String,
}

/// Why a target cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The base URL is none.
    #[error(
        "`{0}` is no http or https URL; give the SCIM base URL, such as \
                 https://example.com/scim/v2"
    )]
    Url(String),
    /// The token cannot be sent in a header.
    #[error("the token is empty or has characters that no header can carry; copy it again")]
    Token,
}

impl Target {
    /// The server at `base_url`, spoken to with a bearer token.
    ///
    /// # Errors
    /// When the URL or the token cannot be used.
    pub fn new(base_url: &str, token: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError::Url(base_url.to_owned());
        let mut base = Url::parse(base_url.trim()).map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong());
        }
        let token = token.trim().to_owned();
        if token.is_empty() || !token.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Err(TargetError::Token);
        }
        let flag = base.query().map(str::to_owned);
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { base, flag, token })
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// A text without the token. What is shorter than any real token would only make holes in words.
    pub(crate) fn redacted(&self, text: &str) -> String {
        redacted(text, &self.token)
    }

    /// The URL of a path that begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        let mut url = format!("{}{path}", self.base_url());
        if let Some(flag) = &self.flag {
            url.push(if path.contains('?') { '&' } else { '?' });
            url.push_str(flag);
        }
        url
    }
}

/// A text without a token.
pub(crate) fn redacted(text: &str, token: &str) -> String {
    if token.len() < 6 { text.to_owned() } else { text.replace(token, "[token]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_of_the_tenant_url_is_sent_with_every_request() {
        let target = Target::new("https://example.com/scim/?aadOptscim062020", "t").unwrap();
        assert_eq!(target.url("/Users"), "https://example.com/scim/Users?aadOptscim062020");
        assert_eq!(target.url("/Users?count=1"), "https://example.com/scim/Users?count=1&aadOptscim062020");
    }

    #[test]
    fn a_token_is_in_no_text() {
        let target = Target::new("https://example.com", "s3cret-token").unwrap();
        assert_eq!(target.redacted("Bearer s3cret-token"), "Bearer [token]");
        let short = Target::new("https://example.com", "t").unwrap();
        assert_eq!(short.redacted("no token"), "no token");
    }

    #[test]
    fn what_cannot_be_spoken_to_is_refused() {
        for wrong in ["", "example.com/scim", "ftp://example.com", "mailto:a@example.com"] {
            assert!(matches!(Target::new(wrong, "t"), Err(TargetError::Url(_))), "{wrong}");
        }
        assert_eq!(Target::new("http://localhost/v2", " \n").err(), Some(TargetError::Token));
    }
}
