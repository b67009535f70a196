// Decides with one key: j and k go through the queue, 1 to 9 press the numbered button of the item in focus, u takes back.
// It stands in the head and listens before anything can be seen, so a key means what is on the page by then.
const items = () => [...document.querySelectorAll("[data-item]")];
const numbered = (item) => [...item.querySelectorAll("[data-key]")].slice(0, 9);
let here = 0;
let decided = false; // the answer to a decision is on its way: a further key would be for a page that nobody has seen

function go(to) {
  const all = items();
  const item = all[Math.max(0, Math.min(all.length - 1, to))];
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "start" });
}

function press(button) {
  if (button && !decided) button.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=hidden]), select, textarea")) return;
  const item = items()[here];
  if (event.key === "j") go(document.activeElement === item ? here + 1 : here);
  else if (event.key === "k") go(here - 1);
  else if (event.key === "u") press(document.querySelector("[data-undo]"));
  else if (/^[1-9]$/.test(event.key)) press(item && numbered(item)[event.key - 1]);
  else return;
  event.preventDefault();
});
document.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-item]");
  if (item) here = items().indexOf(item);
});
document.addEventListener("submit", () => (decided = true));
window.addEventListener("pageshow", () => (decided = false));

document.addEventListener("DOMContentLoaded", () => {
  for (const item of items()) {
    for (const [index, button] of numbered(item).entries()) {
      const key = document.createElement("kbd");
      key.textContent = index + 1;
      button.append(" ", key);
    }
  }
  document.documentElement.dataset.keys = "live";
});
