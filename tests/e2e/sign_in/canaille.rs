//! A real identity provider that nobody here wrote: it pushes its people, and signs them in on its own pages.

use std::collections::BTreeMap;

use reqwest::{Method, Url, redirect::Policy};
use serde_json::{Value, json};
use usher_tests::process::{Canaille, OpenId, Usher};

/// Usher, and Canaille for both of its parts.
pub(crate) struct Company {
    pub(crate) usher: Usher,
    pub(crate) canaille: Canaille,
    pub(crate) openid: OpenId,
}

impl Company {
    /// With Ada, who has this role in the workspace.
    pub(crate) async fn new(usher: Usher, role: &str) -> Self {
        let ready = usher.ready().clone();
        let workspace = ready.workspace.as_str().unwrap().to_owned();
        let mut canaille = Canaille::start(&ready.scim.base_url, &ready.scim.token).await.unwrap();
        canaille.create_user("ada", json!({})).await.unwrap();
        let redirect = format!("{}/sign-in/openid/callback", ready.origin);
        let after = format!("{}/sign-in?workspace={workspace}", ready.origin);
        let openid = canaille.serve_openid(&redirect, &after).await.unwrap();
        let company = Self { usher, canaille, openid };
        // Canaille says nothing about whether it has checked an address.
        let body = json!({
            "issuer": company.openid.issuer, "client_id": company.openid.client_id,
            "client_secret": company.openid.client_secret, "trusts_email": true,
        });
        let settings = company.api(Method::PUT, "/sign-in/openid", Some(body)).await;
        assert_eq!(settings["redirect_uri"], redirect);
        let ada = company.person("ada").await;
        company.api(Method::PUT, &format!("/members/{ada}"), Some(json!({ "role": role }))).await;
        company
    }

    pub(crate) async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        self.usher.api().send(method, path, body.as_ref()).await.unwrap().ok().unwrap()
    }

    /// Somebody's id in Usher.
    pub(crate) async fn person(&self, name: &str) -> String {
        let found =
            self.usher.scim().list("Users", &[("filter", &format!("userName eq \"{name}\""))]).await.unwrap();
        found.ok().unwrap()["Resources"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// A browser's cookies, and its last page. Cookies know no ports, so that one host's are kept in one place.
struct Visitor {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    at: Url,
    page: String,
}

impl Visitor {
    fn new() -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { http, cookies: BTreeMap::new(), at: "http://nowhere".parse().unwrap(), page: String::new() }
    }

    /// Opens an address, or sends a form there, and goes on to where it leads. Answers the last status.
    async fn go(&mut self, to: &str, form: Option<&[(&str, &str)]>) -> u16 {
        let mut url = self.at.join(to).unwrap_or_else(|_| to.parse().unwrap());
        let mut form = form;
        loop {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = match form.take() {
                Some(fields) => {
                    let encoded = Url::parse_with_params("http://form", fields).unwrap();
                    self.http
                        .post(url.clone())
                        .header("content-type", "application/x-www-form-urlencoded")
                        .header("origin", url.origin().ascii_serialization())
                        .body(encoded.query().unwrap_or_default().to_owned())
                }
                None => self.http.get(url.clone()),
            };
            let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
            for set in answer.headers().get_all("set-cookie") {
                let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let status = answer.status();
            if status.is_redirection() {
                url = url.join(answer.headers()["location"].to_str().unwrap()).unwrap();
                continue;
            }
            self.at = url;
            self.page = answer.text().await.unwrap();
            return status.as_u16();
        }
    }

    /// What a hidden field of the page holds.
    fn hidden(&self, name: &str) -> String {
        let (_, field) =
            self.page.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{}", self.page));
        field.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }

    /// Gives name and password on Canaille's own pages.
    async fn identify(&mut self, name: &str) {
        for (field, value) in [("login", name), ("password", Canaille::PASSWORD)] {
            let token = self.hidden("csrf_token");
            let here = self.at.to_string();
            self.go(&here, Some(&[("csrf_token", &token), (field, value)])).await;
        }
    }
}

#[tokio::test]
async fn people_sign_in_at_a_real_provider() {
    let mut company = Company::new(Usher::start().await.unwrap(), "admin").await;
    let origin = company.usher.ready().origin.clone();
    let workspace = company.usher.ready().workspace.as_str().unwrap().to_owned();
    let begin = format!("{origin}/sign-in/openid?workspace={workspace}&return_to=%2Fpeople");
    let mut ada = Visitor::new();
    assert_eq!(ada.go(&begin, None).await, 200);
    assert!(ada.at.as_str().starts_with(&company.openid.issuer), "{}", ada.at);
    ada.identify("ada").await;
    assert_eq!(ada.at.as_str(), format!("{origin}/people"), "{}", ada.page);
    let id = company.person("ada").await;
    assert_eq!(ada.go(&format!("{origin}/api/v1/me"), None).await, 200);
    let me: Value = serde_json::from_str(&ada.page).unwrap();
    assert_eq!((&me["person"], &me["role"]), (&json!(id), &json!("admin")));

    // Signed out here and there: the way back in leads through the login page again.
    assert_eq!(ada.go(&format!("{origin}/"), None).await, 200);
    assert_eq!(ada.go(&format!("{origin}/sign-out"), Some(&[])).await, 200);
    let (_, link) = ada.page.split_once("href=\"http").unwrap();
    let there = format!("http{}", link.split('"').next().unwrap()).replace("&amp;", "&");
    ada.go(&there, None).await;
    assert_eq!(ada.at.as_str(), format!("{origin}/sign-in?workspace={workspace}"), "{}", ada.page);
    assert_eq!(ada.go(&begin, None).await, 200);
    assert!(ada.at.path().starts_with("/login"), "{}", ada.at);
    ada.identify("ada").await;
    assert_eq!(ada.at.path(), "/people", "{}", ada.page);

    // Somebody without a role is told so.
    company.canaille.create_user("bob", json!({})).await.unwrap();
    let mut bob = Visitor::new();
    assert_eq!(bob.go(&begin, None).await, 200);
    bob.identify("bob").await;
    assert!(bob.page.contains("no role in this workspace"), "{}", bob.page);

    // The identity provider deactivates Ada: the next request is nobody's.
    company.canaille.lock_user("ada").await.unwrap();
    assert_eq!(ada.go(&format!("{origin}/people"), None).await, 401);
    assert!(ada.page.contains("You are not signed in"));
}

/// As it is deployed: the console's role opens its own secret and may do all that signing in needs, and the gateway's address is
/// the one that is written down.
#[tokio::test]
async fn people_sign_in_through_the_deployed_programs() {
    let usher = Usher::options().processes().start().await.unwrap();
    let company = Company::new(usher, "owner").await;
    let (origin, workspace) = (company.usher.ready().origin.clone(), company.usher.ready().workspace.clone());
    let mut ada = Visitor::new();
    let begin =
        format!("{origin}/sign-in/openid?workspace={}&return_to=%2Fpeople", workspace.as_str().unwrap());
    assert_eq!(ada.go(&begin, None).await, 200);
    ada.identify("ada").await;
    assert_eq!(ada.at.as_str(), format!("{origin}/people"), "{}", ada.page);
    assert_eq!(ada.go(&format!("{origin}/api/v1/audit?act=signIn"), None).await, 200);
    let log: Value = serde_json::from_str(&ada.page).unwrap();
    assert_eq!(log["items"][0]["actor"]["person"], json!(company.person("ada").await));
    assert!(
        log["items"][0]["actor"]["address"].as_str().unwrap().parse::<std::net::IpAddr>().is_ok(),
        "{log}"
    );
    assert_eq!(ada.go(&format!("{origin}/sign-out"), Some(&[])).await, 200);
    assert_eq!(ada.go(&format!("{origin}/people"), None).await, 401);
}
