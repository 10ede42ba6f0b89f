//! Tells the story: lines for people, one JSON object per step for programs.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::idp::Sent;
use crate::commands::{Failure, output};

/// Who tells.
#[derive(Debug)]
pub(super) struct Narrator {
    json: bool,
    begun: Instant,
    steps: u32,
    step: Option<Step>,
}

/// The step that is being told.
#[derive(Debug)]
struct Step {
    key: &'static str,
    begun: Instant,
    requests: Vec<Value>,
    seen: Map<String, Value>,
}

impl Narrator {
    /// Begins.
    pub(super) fn new(json: bool) -> Self {
        Self { json, begun: Instant::now(), steps: 0, step: None }
    }

    /// Says something about all that follows.
    pub(super) fn preface(&self, text: &str) -> Result<(), Failure> {
        self.line(text)
    }

    /// Begins a step.
    pub(super) fn begin(&mut self, key: &'static str, title: &str) -> Result<(), Failure> {
        self.steps += 1;
        self.step = Some(Step { key, begun: Instant::now(), requests: Vec::new(), seen: Map::new() });
        self.line(&format!("\n{}. {title}", self.steps))
    }

    /// A request of the identity provider.
    pub(super) fn sent(&mut self, sent: &Sent) -> Result<(), Failure> {
        if let Some(step) = &mut self.step {
            step.requests.push(json!({
                "method": sent.method, "path": sent.path, "body": sent.body, "status": sent.status,
                "correlation_id": sent.correlation_id,
            }));
        }
        let collection = sent.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        self.says("IdP", &format!("{:<6} /{collection}: {} → {}", sent.method, sent.says, sent.status))
    }

    /// What somebody says or shows.
    pub(super) fn says(&self, who: &str, text: &str) -> Result<(), Failure> {
        self.line(&format!("   {who:<6} {text}"))
    }

    /// Something that was seen, for programs.
    pub(super) fn seen(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(step) = &mut self.step {
            step.seen.insert(name.to_owned(), value.into());
        }
    }

    /// Ends a step that went well.
    pub(super) fn done(&mut self) -> Result<(), Failure> {
        let Some(step) = self.step.take() else { return Ok(()) };
        self.object(&step.told(true))
    }

    /// Ends the story.
    pub(super) fn summary(&mut self, pages: &[(&str, String)], text: &str) -> Result<(), Failure> {
        let took = self.begun.elapsed();
        let links: Map<_, _> = pages.iter().map(|(name, link)| ((*name).to_owned(), json!(link))).collect();
        self.object(&json!({
            "step": "summary", "ok": true, "steps": self.steps, "seconds": seconds(took), "pages": links,
        }))?;
        self.line(&format!("\nAll {} steps went as they should, in {}. {text}", self.steps, words(took)))?;
        self.pages(pages)
    }

    /// Ends a story that did not go well.
    pub(super) fn failed(&mut self, pages: &[(&str, String)], failure: &Failure) -> Result<(), Failure> {
        if let Some(step) = self.step.take() {
            let mut told = step.told(false);
            told["error"] = json!(failure.message());
            self.object(&told)?;
        }
        let took = seconds(self.begun.elapsed());
        self.object(&json!({ "step": "summary", "ok": false, "steps": self.steps, "seconds": took }))?;
        if !self.json {
            output::complain(&format!("usher: step {} did not go as it should: {failure}", self.steps));
        }
        self.pages(pages)
    }

    fn pages(&self, pages: &[(&str, String)]) -> Result<(), Failure> {
        let pairs: Vec<_> = pages.iter().map(|(name, link)| (*name, link.clone())).collect();
        self.line(&format!("\n{}", output::fields(&pairs)))?;
        self.line("The link that `usher serve` printed signs in to the pages.")
    }

    fn line(&self, text: &str) -> Result<(), Failure> {
        if self.json { Ok(()) } else { output::line(text) }
    }

    fn object(&self, object: &Value) -> Result<(), Failure> {
        if self.json { output::line(&object.to_string()) } else { Ok(()) }
    }
}

impl Step {
    fn told(self, ok: bool) -> Value {
        json!({
            "step": self.key, "ok": ok, "sent": self.requests, "seen": self.seen,
            "seconds": seconds(self.begun.elapsed()),
        })
    }
}

/// Seconds, to the millisecond.
pub(super) fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1000.0).round() / 1000.0
}

/// A time in words.
pub(super) fn words(took: Duration) -> String {
    match took.as_millis() {
        millis @ ..1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        assert_eq!(words(Duration::from_millis(84)), "84 ms");
        assert_eq!(words(Duration::from_millis(5260)), "5.3 s");
        assert!((seconds(Duration::from_micros(84_400)) - 0.084).abs() < 1e-9);
    }
}
