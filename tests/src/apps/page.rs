//! The look of the simulated apps' pages.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Swaps the list in place, so that neither the scroll position nor a selection is lost.
const REFRESH: &str = "
setInterval(async () => {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const fresh = page.querySelector('main'), shown = document.querySelector('main');
    if (fresh.innerHTML !== shown.innerHTML) shown.replaceWith(fresh);
    document.body.classList.remove('stale');
  } catch { document.body.classList.add('stale'); }
}, 1000);
";

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #e4e7ec; --paper: #fff; --ground: #f6f7f9; --chip: #eef1f6; --good: #0b7a4b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2c3442; --paper: #171c25; --ground: #10141b; --chip: #242c3a; --good: #4cc38a; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
header { padding-bottom: 0; } h1 { margin: 0; font-size: 1.4rem; } p { margin: .25rem 0; color: var(--soft); }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; }
table { width: 100%; border-collapse: collapse; } th, td { padding: .7rem 1rem; text-align: left; vertical-align: top; }
th { font-weight: 500; color: var(--soft); font-size: .85rem; } tbody tr { border-top: 1px solid var(--line); }
small { display: block; color: var(--soft); } .chip { display: inline-block; margin: 0 .3rem .2rem 0; padding: 0 .55rem; border-radius: 1rem; background: var(--chip); }
.on { color: var(--good); } .off { color: var(--soft); } .off-row td { opacity: .8; } .stale main { opacity: .5; }
.none { padding: 3rem 1rem; text-align: center; color: var(--soft); }
form { display: inline-block; margin: 0 .4rem .4rem 0; }
button { font: inherit; color: inherit; padding: .1rem .7rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--chip); cursor: pointer; }
button[aria-pressed] { border-color: var(--ink); } h2 { margin: 2rem 0 .5rem; font-size: 1.05rem; } a { color: inherit; }
dt { margin-top: .5rem; color: var(--soft); font-size: .85rem; } dd { margin: 0; } code { display: block; max-height: 10rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
";

/// A page that keeps what is in it up to date.
pub(super) fn shell(name: &str, about: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) }
                style { (PreEscaped(STYLE)) }
                script { (PreEscaped(REFRESH)) }
                noscript { meta http-equiv="refresh" content="3"; }
            }
            body {
                header { h1 { (name) } p { (about) } }
                main { (content) }
            }
        }
    }
}

/// How many members there are, and who.
pub(super) fn members(count: usize, table: &Markup) -> Markup {
    html! {
        p { (count) @if count == 1 { " member" } @else { " members" } }
        div class="scroll" {
            @if count == 0 { div class="none" { "Nobody has a seat yet." } }
            @else { (table) }
        }
    }
}

/// A button for one of the app's controls, which answer without a page of their own: a browser stays where it is.
pub(super) fn button(control: &str, words: &str, pressed: bool) -> Markup {
    html! {
        form method="post" action=(control) {
            button aria-pressed=[pressed.then_some("true")] { (words) }
        }
    }
}

/// Values beside each other.
pub(super) fn chips<'a>(texts: impl Iterator<Item = &'a str>) -> Markup {
    html! { @for text in texts { span class="chip" { (text) } } }
}
