// Looks for news every so many seconds, asking with the tag of what is shown: 304 is no news. A page that has some is
// loaded anew; where only a part lives, those of its cards that have changed are swapped in. While nobody can see it,
// it does not look, and does so at once when somebody can; without an answer it asks ever less often.
// Without JavaScript the page reloads itself.
const shown = document.querySelector("[data-again]");
const stale = document.querySelector("[data-stale]");
const live = shown?.dataset.live;
const every = 1000 * shown?.dataset.again;
let tag = shown?.dataset.tag;
let wait = every;
let looking = false;
let next = 0;

const words = (page) => page.querySelector("main").textContent.replace(/\s+/g, " ");

function typing() {
  const field = document.activeElement;
  return !live && field?.matches("input, textarea") && field.value !== field.defaultValue;
}

function swap(fresh) {
  for (const card of fresh.querySelectorAll("[data-now]")) {
    const old = document.getElementById(card.id);
    for (const fold of old ? old.querySelectorAll("details[open][id]") : []) card.querySelector(`#${fold.id}`)?.setAttribute("open", "");
    if (old && old.outerHTML !== card.outerHTML) old.replaceWith(card);
  }
}

async function look() {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(live || location.href, { headers, cache: "no-store", redirect: live ? "manual" : "follow" });
  if (live && (answer.type === "opaqueredirect" || answer.status === 403)) return location.reload(); // the session is over
  if (answer.status === 304 || (answer.status === 404 && !live)) return; // what the page is about may be still to come
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (live) swap(fresh);
  else if (words(fresh) !== words(document)) return location.reload();
  tag = answer.headers.get("ETag");
}

async function again() {
  clearTimeout(next);
  if (looking || document.hidden) return;
  looking = true;
  try {
    if (!typing()) await look();
    wait = every;
  } catch {
    wait = Math.min(2 * wait, 10 * every, 60_000);
  }
  looking = false;
  if (stale) stale.hidden = wait === every;
  next = setTimeout(again, wait);
}

if (shown) {
  document.addEventListener("visibilitychange", again);
  window.addEventListener("online", again);
  if (live) again();
  else next = setTimeout(again, every);
}
