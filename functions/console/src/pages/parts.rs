//! Small parts that pages share: times, numbers, pagers, empty states.

use maud::{Markup, PreEscaped, html};
use usher_domain::{Timestamp, automation::JobCounts, job::JobState};

pub(super) use usher_domain::words::number;

use super::chips::Chip;
use crate::error::Problem;

/// A text that one click selects; with script a button copies it.
pub(super) fn copyable(text: &str) -> Markup {
    html! {
        span.copyable {
            code { (text) }
            button.quiet type="button" data-copy=(text) aria-label={ "Copy " (text) } hidden { "Copy" }
        }
    }
}

/// A choice of a form, where none is a choice too.
pub(super) fn choice(
    name: &str,
    label: &str,
    any: &str,
    options: &[(String, String)],
    chosen: Option<&str>,
) -> Markup {
    html! {
        label {
            span.label { (label) }
            select name=(name) {
                option value="" { (any) }
                @for (value, words) in options {
                    option value=(value) selected[chosen == Some(value)] { (words) }
                }
            }
        }
    }
}

/// A moment, in UTC.
pub(super) fn time(at: Timestamp) -> Markup {
    let date = at.strftime("%Y-%m-%d").to_string();
    let clock = at.strftime("%H:%M:%S").to_string();
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { span.date { (date) } " " (clock) }
    }
}

/// The head of a column of moments.
pub(super) fn time_head(label: &str) -> Markup {
    html! { (label) " " span.unit { "UTC" } }
}

/// A count with its noun.
pub(super) fn plural(count: usize, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{} {noun}", number(u64::try_from(count).unwrap_or(u64::MAX)))
}

/// How far the jobs of an automation have come, in words.
pub(super) fn progress(counts: &JobCounts) -> String {
    let total: u64 = counts.values().sum();
    let over: u64 = counts.iter().filter(|(state, _)| is_over(**state)).map(|(_, count)| count).sum();
    match (over, total) {
        (_, 0) => "no jobs yet".to_owned(),
        (over, total) if over == total => format!("{} {}", number(total), jobs(total)),
        (over, total) => format!("{} of {} {}", number(over), number(total), jobs(total)),
    }
}

fn jobs(count: u64) -> &'static str {
    if count == 1 { "job" } else { "jobs" }
}

fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Done | JobState::Superseded | JobState::Cancelled)
}

/// The counts as a bar of coloured parts. An SVG, since the Content-Security-Policy takes no inline style.
pub(super) fn bar(counts: &JobCounts) -> Markup {
    let total: u64 = counts.values().sum();
    let mut x = 0.0;
    html! {
        svg.bar viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" {
            @for (state, count) in ordered(counts) {
                @let width = share_of(count, total);
                rect class=(state.tone().class()) x=(format!("{x:.1}")) y="0" width=(format!("{width:.1}")) height="8" {}
                @let () = x += width;
            }
        }
    }
}

/// A part of the whole, in thousandths.
fn share_of(count: u64, total: u64) -> f64 {
    let thousandths = u128::from(count) * 10_000 / u128::from(total.max(1));
    // At most ten thousand: exact.
    f64::from(u32::try_from(thousandths).unwrap_or(10_000)) / 10.0
}

/// The counts that are not zero, from what is over to what needs somebody.
pub(super) fn ordered(counts: &JobCounts) -> Vec<(JobState, u64)> {
    const ORDER: [JobState; 9] = [
        JobState::Done,
        JobState::Superseded,
        JobState::Cancelled,
        JobState::Running,
        JobState::Queued,
        JobState::Waiting,
        JobState::Retrying,
        JobState::Held,
        JobState::Failed,
    ];
    let count = |state| counts.get(&state).copied().filter(|count| *count > 0);
    ORDER.into_iter().filter_map(|state| Some((state, count(state)?))).collect()
}

/// A list that has nothing to show: what will appear, and how to make it happen.
pub(super) fn empty(title: &str, says: Markup) -> Markup {
    html! { div.empty { h2 { (title) } (says) } }
}

/// A whole number that somebody typed.
pub(super) fn whole(field: &str, text: &str) -> Result<u32, Problem> {
    text.trim().parse().map_err(|_| Problem::invalid(field, "use a whole number"))
}

/// The way to other pages of a list.
pub(super) fn pager(
    first: Option<&str>,
    older: Option<&str>,
    first_label: &str,
    older_label: &str,
) -> Markup {
    html! {
        @if first.is_some() || older.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(href) = first { a.button href=(href) rel="first" { (first_label) } }
                @if let Some(href) = older { a.button href=(href) rel="next" { (older_label) } }
            }
        }
    }
}

/// An arrow that turns when its drawer opens.
pub(super) fn chevron() -> PreEscaped<&'static str> {
    PreEscaped(
        r#"<svg class="chevron" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="m6 4 4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"/></svg>"#,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_for_people_and_machines() {
        let at = "2026-03-01T23:59:07.5+02:00".parse().unwrap();
        assert_eq!(
            time(at).into_string(),
            r#"<time datetime="2026-03-01T21:59:07Z"><span class="date">2026-03-01</span> 21:59:07</time>"#
        );
    }

    #[test]
    fn progress_reads_well() {
        let counts = |counts: &[(JobState, u64)]| progress(&counts.iter().copied().collect());
        assert_eq!(counts(&[]), "no jobs yet");
        assert_eq!(counts(&[(JobState::Done, 1)]), "1 job");
        assert_eq!(counts(&[(JobState::Done, 1200), (JobState::Failed, 1)]), "1,200 of 1,201 jobs");
    }

    #[test]
    fn the_bar_is_full() {
        let counts: JobCounts = [(JobState::Done, 3), (JobState::Running, 1), (JobState::Failed, 0)].into();
        let drawn = bar(&counts).into_string();
        assert!(drawn.contains(r#"class="good" x="0.0" y="0" width="750.0""#), "{drawn}");
        assert!(drawn.contains(r#"class="busy" x="750.0" y="0" width="250.0""#), "{drawn}");
        assert!(!drawn.contains("bad"), "{drawn}");
    }
}
