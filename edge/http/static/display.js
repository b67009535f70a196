// Shows the lane's screen as it changes: asks with an ETag, fetches the new screen only when there is one.
"use strict";
const page = document.body;
let tag = null;

async function look() {
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(page.dataset.json, { headers, cache: "no-store" });
    if (answer.status === 200) {
      const screen = await fetch(page.dataset.screen, { cache: "no-store" });
      if (screen.ok) {
        page.innerHTML = await screen.text();
        tag = answer.headers.get("ETag");
      }
    }
    page.classList.remove("lost");
  } catch {
    page.classList.add("lost"); // the gate restarts: what is shown may be old
  }
  setTimeout(look, 500);
}

// a machine without letters for Hindi shows boxes, all as wide as that of a character that does not exist
const pen = document.createElement("canvas").getContext("2d");
pen.font = "100px " + getComputedStyle(page).fontFamily;
if (["क", "ऋ", "ख"].every((letter) => pen.measureText(letter).width === pen.measureText("\u0378").width)) {
  page.classList.add("no-hi");
}
look();
