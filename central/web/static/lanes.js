// Keeps cards live: asks each second, or as seldom as the page says, and swaps in only those that have changed.
const source = document.querySelector("[data-live]");
const stale = document.querySelector("[data-stale]");
let tag = "";

async function look() {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(source.dataset.live, { headers, cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 403) return location.reload(); // the session is over
  if (answer.status === 304) return;
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const card of fresh.querySelectorAll("[data-now]")) {
    const old = document.getElementById(card.id);
    for (const fold of old ? old.querySelectorAll("details[open][id]") : []) card.querySelector(`#${fold.id}`)?.setAttribute("open", "");
    if (old && old.outerHTML !== card.outerHTML) old.replaceWith(card);
  }
  tag = answer.headers.get("ETag") || "";
}

async function live() {
  if (!document.hidden) {
    try {
      await look();
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }
  setTimeout(live, 1000 * (source.dataset.every || 1));
}

if (source) live();
