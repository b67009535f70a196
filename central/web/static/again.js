// Looks every so many seconds whether the page says something else by now, and only then loads it anew.
// Without JavaScript the page reloads itself.
const seconds = Number(document.currentScript.dataset.again);
const words = (page) => page.querySelector("main").textContent.replace(/\s+/g, " ");

async function look() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  return words(fresh) !== words(document);
}

async function again() {
  // a network that is away for a moment is no reason to stop looking
  if (!document.hidden && (await look().catch(() => false))) return location.reload();
  setTimeout(again, 1000 * seconds);
}

setTimeout(again, 1000 * seconds);
