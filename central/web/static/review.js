// Decides with one key: j and k go through the queue, 1 to 9 press the numbered button of the item in focus, u takes back.
const items = [...document.querySelectorAll("[data-item]")];
let here = 0;

for (const [at, item] of items.entries()) {
  item.addEventListener("focusin", () => (here = at));
  for (const [index, button] of [...item.querySelectorAll("[data-key]")].slice(0, 9).entries()) {
    const key = document.createElement("kbd");
    key.textContent = index + 1;
    button.append(" ", key);
  }
}

function go(to) {
  const item = items[Math.max(0, Math.min(items.length - 1, to))];
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "start" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=hidden]), select, textarea")) return;
  if (event.key === "j") go(document.activeElement === items[here] ? here + 1 : here);
  else if (event.key === "k") go(here - 1);
  else if (event.key === "u") document.querySelector("[data-undo]")?.click();
  else if (/^[1-9]$/.test(event.key)) items[here]?.querySelectorAll("[data-key]")[event.key - 1]?.click();
  else return;
  event.preventDefault();
});
