// Shuts an open menu of the staff's pages by Escape, or by a click beside it; without this script they open and shut as well.
const menus = [...document.querySelectorAll("[data-menu]")];

document.addEventListener("keydown", (event) => {
  const open = menus.find((menu) => menu.open);
  if (event.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});
