// Small habits of pages; everything else works without this file.

// A tab that nobody looks at need not ask.
document.addEventListener("htmx:beforeRequest", (event) => {
  const triggered = event.detail.requestConfig.triggeringEvent;
  if (document.hidden && !(triggered && triggered.isTrusted)) event.preventDefault();
});

// Old rows must not look like new ones: say so while the server cannot be reached.
const stale = (is) => {
  const banner = document.getElementById("stale");
  if (banner) banner.hidden = !is;
};
document.addEventListener("htmx:sendError", () => stale(true));
document.addEventListener("htmx:timeout", () => stale(true));
document.addEventListener("htmx:responseError", (event) => stale(event.detail.xhr.status >= 500));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 500) stale(false);
});

// New rows come in at the top: whoever reads further down keeps the row before their eyes.
let place = null;
document.addEventListener("htmx:beforeSwap", () => {
  place = null;
  if (window.scrollY === 0) return;
  for (const row of document.querySelectorAll("tr[id]")) {
    const top = row.getBoundingClientRect().top;
    if (top >= 0) {
      place = { id: row.id, top };
      return;
    }
  }
});
document.addEventListener("htmx:afterSwap", () => {
  const row = place && document.getElementById(place.id);
  if (row) window.scrollBy({ top: row.getBoundingClientRect().top - place.top, behavior: "instant" });
});

// What one click selects, another copies.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}
