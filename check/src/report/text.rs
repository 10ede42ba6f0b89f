//! The report for people.

use std::fmt::{self, Write};

use super::{CheckReport, Report};
use crate::{Failure, Outcome, Sent};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SCIM check of {}", self.target)?;
        if let Some(reason) = &self.stopped {
            return writeln!(f, "\nNothing was checked: {reason}");
        }
        for group in self.groups() {
            let score = group.score;
            write!(f, "\n{}  {}/{}", group.group, score.passed, score.applied())?;
            if score.skipped > 0 {
                write!(f, ", {} skipped", score.skipped)?;
            }
            f.write_char('\n')?;
            for check in self.checks.iter().filter(|check| check.check.group == group.group) {
                line(f, check)?;
            }
        }
        self.summary(f)
    }
}

impl Report {
    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        writeln!(f, "\nScore")?;
        let groups = self.groups();
        let width = groups.iter().map(|group| group.group.chars().count()).max().unwrap_or(0);
        for group in &groups {
            let score = group.score;
            write!(f, "  {:width$}  {:>3}/{:<3}", group.group, score.passed, score.applied())?;
            match score.applied() {
                0 => writeln!(f, "  all skipped")?,
                _ => writeln!(f, "  {:>3} %", score.percent())?,
            }
        }
        writeln!(
            f,
            "\n{} of {} checks that apply passed ({} %); {} failed, {} blocked, {} skipped; {} \
                 requests",
            total.passed,
            total.applied(),
            total.percent(),
            total.failed,
            total.blocked,
            total.skipped,
            self.requests
        )?;
        if !self.leftovers.is_empty() {
            writeln!(f, "\nThe server did not let go of these; remove them by hand:")?;
            for path in &self.leftovers {
                writeln!(f, "  {path}")?;
            }
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, report: &CheckReport) -> fmt::Result {
    let check = &report.check;
    match &report.outcome {
        Outcome::Passed => writeln!(f, "  ok    {}  {}", check.id, check.title),
        Outcome::Skipped { reason } => writeln!(f, "  skip  {}  {}: {reason}", check.id, check.title),
        Outcome::Failed { failure } => {
            writeln!(f, "  FAIL  {}  {} ({})", check.id, check.title, check.level.word())?;
            details(f, failure, check.source)
        }
        Outcome::Blocked { failure } => {
            writeln!(
                f,
                "  STOP  {} [{}, {}]: could not be prepared",
                check.title,
                check.id,
                check.level.word()
            )?;
            details(f, failure, check.source)
        }
    }
}

fn details(f: &mut fmt::Formatter<'_>, failure: &Failure, source: &str) -> fmt::Result {
    writeln!(f, "        expected  {}", failure.expected)?;
    writeln!(f, "        because   {source}")?;
    if let Some((sent, answer)) = &failure.after {
        message(f, "written", &request(sent))?;
        message(f, "answered", answer)?;
    }
    if let Some(sent) = &failure.request {
        message(f, "sent", &request(sent))?;
    }
    message(f, "received", &failure.answer)?;
    if failure.steps.len() > 1 {
        message(f, "steps", &failure.steps.join("\n"))?;
    }
    Ok(())
}

fn request(sent: &Sent) -> String {
    let mut text = format!("{} {}", sent.method, sent.url);
    for (name, value) in &sent.headers {
        text.push_str(&format!("\n{name}: {value}"));
    }
    if let Some(body) = &sent.body {
        text.push_str("\n\n");
        text.push_str(body);
    }
    text
}

/// Text that came from outside: nothing in it may steer the terminal.
fn message(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    let plain: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    for (at, line) in plain.lines().enumerate() {
        let label = if at == 0 { label } else { "" };
        writeln!(f, "        {label:<8}  {line}")?;
    }
    Ok(())
}
