//! A headless Chromium, and what tests ask of it: the few commands of WebDriver (W3C) that they need, which are plain
//! HTTP and JSON.

use std::{path::Path, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{
    client::{JsonClient, eventually_ok},
    process::{ChromeDriver, axe},
};

/// How long what happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How wide, and in which colours, a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) width: u32,
    pub(super) dark: bool,
}

impl Look {
    pub(super) const ALL: [Self; 4] = [
        Self { width: 1280, dark: false },
        Self { width: 1280, dark: true },
        Self { width: 390, dark: false },
        Self { width: 390, dark: true },
    ];

    pub(super) fn name(self) -> String {
        format!("{}-{}", self.width, if self.dark { "dark" } else { "light" })
    }
}

/// One browser with one page.
pub(super) struct Browser {
    session: JsonClient,
    origin: String,
    _driver: ChromeDriver,
}

/// An element of the page, as WebDriver names it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Starts a browser that is going to look at `origin`.
    pub(super) async fn start(origin: &str) -> Self {
        let driver = ChromeDriver::start().await.unwrap();
        let options = json!({
            // By the pipe the browser ends with its driver, also when a test fails.
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--no-proxy-server", "--remote-debugging-pipe"],
        });
        let capabilities = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let server = JsonClient::new(driver.url(), "");
        let made = server.send(Method::POST, "/session", Some(&capabilities)).await.unwrap().ok().unwrap();
        let id = made["value"]["sessionId"].as_str().unwrap();
        let session = JsonClient::new(&format!("{}/session/{id}", driver.url()), "");
        Self { session, origin: origin.to_owned(), _driver: driver }
    }

    /// Ends it.
    pub(super) async fn close(self) {
        self.session.send(Method::DELETE, "", None).await.unwrap().ok().unwrap();
    }

    /// A command and its answer.
    async fn ask(&self, path: &str, body: Value) -> Result<Value, String> {
        let answer =
            self.session.send(Method::POST, path, Some(&body)).await.map_err(|error| error.to_string())?;
        answer.ok().map(|mut answer| answer["value"].take()).map_err(|error| error.to_string())
    }

    async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.ask("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await.unwrap()
    }

    async fn run(&self, script: &str) -> Value {
        self.ask("/execute/sync", json!({"script": script, "args": []})).await.unwrap()
    }

    /// Opens an address, or a path of the console.
    pub(super) async fn open(&self, address: &str) {
        let url =
            if address.starts_with('/') { format!("{}{address}", self.origin) } else { address.to_owned() };
        self.ask("/url", json!({"url": url})).await.unwrap();
    }

    /// Waits until this path is open.
    pub(super) async fn arrives_at(&self, wanted: &str) {
        eventually_ok(PATIENCE, async || {
            let path = self.run("return location.pathname").await;
            if path == wanted { Ok(()) } else { Err(format!("{path} is open, not {wanted:?}")) }
        })
        .await;
    }

    /// Everything that can be read on the page.
    pub(super) async fn text(&self) -> String {
        let text = self.run("return document.body ? document.body.innerText : ''").await;
        text.as_str().unwrap().to_owned()
    }

    /// Waits until the page says so.
    pub(super) async fn says(&self, wanted: &str) {
        eventually_ok(PATIENCE, async || {
            let text = self.text().await;
            if text.contains(wanted) {
                Ok(())
            } else {
                Err(format!("the page does not say {wanted:?}:\n{text}"))
            }
        })
        .await;
    }

    /// Waits until a part of the page that keeps itself up to date says so. Filters have the same words in their choices.
    pub(super) async fn shows(&self, region: &str, wanted: &str) {
        let script = format!("return document.getElementById({region:?})?.innerText ?? ''");
        eventually_ok(PATIENCE, async || {
            let text = self.run(&script).await;
            let text = text.as_str().unwrap_or_default();
            if text.contains(wanted) {
                Ok(())
            } else {
                Err(format!("{region} does not show {wanted:?}:\n{text}"))
            }
        })
        .await;
    }

    /// Clicks the first link, button or label with just these words, as soon as there is one.
    pub(super) async fn click(&self, words: &str) {
        let path = format!("//*[self::a or self::button or self::label][normalize-space(.) = \"{words}\"]");
        eventually_ok(PATIENCE, async || {
            let element = self.element("xpath", &path).await?;
            // Refused while the page moves.
            self.ask(&format!("/element/{element}/click"), json!({})).await
        })
        .await;
    }

    /// Types into a field.
    pub(super) async fn fill(&self, field: &str, text: &str) {
        let element = self.element("css selector", &format!("[name=\"{field}\"]")).await.unwrap();
        self.ask(&format!("/element/{element}/value"), json!({"text": text})).await.unwrap();
    }

    /// Types into a field, as soon as there is one.
    pub(super) async fn fill_when_there(&self, field: &str, text: &str) {
        let path = format!("[name=\"{field}\"]");
        eventually_ok(PATIENCE, async || self.element("css selector", &path).await).await;
        self.fill(field, text).await;
    }

    async fn element(&self, using: &str, value: &str) -> Result<String, String> {
        let found = self.ask("/element", json!({"using": using, "value": value})).await?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| format!("{found} is no element"))
    }

    /// Sees pages this way from now on.
    pub(super) async fn look(&self, look: Look) {
        let size = json!({"width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
        self.cdp("Emulation.setScrollbarsHidden", json!({"hidden": true})).await;
        let scheme = if look.dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.cdp("Emulation.setEmulatedMedia", features).await;
    }

    /// Writes the whole page to a file.
    pub(super) async fn screenshot(&self, file: &Path) {
        let answer =
            self.cdp("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true})).await;
        let png = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, answer["data"].as_str().unwrap());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, png.unwrap()).unwrap();
    }

    /// What keeps people out of the page, as axe-core sees it.
    pub(super) async fn violations(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(axe().unwrap()).unwrap();
        self.run(&axe).await;
        let script = "const done = arguments[arguments.length - 1]; axe.run(document).then(
            result => done(result.violations.map(it => it.id + \": \" + it.nodes.map(node => node.html).join(\"  \"))))";
        let found = self.ask("/execute/async", json!({"script": script, "args": []})).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// How many pixels of the page lie beyond its right edge.
    pub(super) async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.run(script).await.as_i64().unwrap()
    }

    /// What the page loaded: its bytes over the wire on a first visit, and addresses that are not ours.
    pub(super) async fn loaded(&self) -> (u64, Vec<String>) {
        self.cdp("Network.clearBrowserCache", json!({})).await;
        self.ask("/refresh", json!({})).await.unwrap();
        let script = "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
            .map(entry => [entry.name, entry.transferSize])";
        let entries: Vec<(String, u64)> = serde_json::from_value(self.run(script).await).unwrap();
        let foreign = entries.iter().map(|(name, _)| name).filter(|name| !name.starts_with(&self.origin));
        (entries.iter().map(|(_, size)| size).sum(), foreign.cloned().collect())
    }
}
