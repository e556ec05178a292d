// Keys, the slider, the live session, files dropped on the import: all of it works without this file too.
"use strict";

document.documentElement.classList.add("js");

// Cards by keyboard: j and k move, l d s judge, w tells why.
const cards = () => [...document.querySelectorAll("#list .card")];
const chosen = () => document.activeElement && document.activeElement.closest("#list .card");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const all = cards();
  if (!all.length) return;
  const now = all.indexOf(chosen());
  const verbs = { l: "like", d: "dislike", s: "skip" };
  if (event.key === "j" || event.key === "k") {
    const to = event.key === "j" ? Math.min(now + 1, all.length - 1) : Math.max(now - 1, 0);
    all[to].focus();
  } else if (verbs[event.key] && now >= 0) {
    all[now].querySelector(`.thumb.${verbs[event.key]}`).click();
  } else if (event.key === "w" && now >= 0) {
    const why = all[now].querySelector("details");
    why.open = !why.open;
  } else {
    return;
  }
  event.preventDefault();
});

// A card that was judged is drawn anew: the focus stays on it.
let judged = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const card = event.detail.target.closest(".card");
  judged = card && card.contains(document.activeElement) ? card.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  const card = judged && document.getElementById(judged);
  if (card) card.focus();
  judged = "";
});

// The live session: the server sends the card whenever it changed.
const live = document.getElementById("live");
if (live && window.EventSource) {
  const source = new EventSource(live.dataset.events);
  source.addEventListener("card", (event) => { live.innerHTML = event.data; });
  source.addEventListener("over", () => source.close());
  window.addEventListener("pagehide", () => source.close());
}

// A file is dropped on the form; its progress is asked for.
const drop = document.getElementById("drop");
if (drop) {
  const input = drop.querySelector("input[type=file]");
  const told = document.getElementById("progress");
  for (const name of ["dragover", "dragenter"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; drop.requestSubmit(); }
  });
  drop.addEventListener("submit", () => { told.textContent = told.dataset.sending; });
}
const running = document.getElementById("importing");
if (running) setTimeout(() => location.reload(), 1500);

// The map of music: + and - zoom, dragging moves.
for (const frame of document.querySelectorAll(".map")) {
  const svg = frame.querySelector("svg");
  const whole = svg.viewBox.baseVal;
  const full = [whole.x, whole.y, whole.width, whole.height];
  const show = (x, y, w, h) => svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  frame.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (!button) return;
    const box = svg.viewBox.baseVal;
    const by = Number(button.dataset.zoom);
    const w = Math.min(full[2], box.width / by), h = Math.min(full[3], box.height / by);
    show(box.x + (box.width - w) / 2, box.y + (box.height - h) / 2, w, h);
    if (w === full[2]) show(...full);
  });
  let from = null;
  svg.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY, svg.viewBox.baseVal.x, svg.viewBox.baseVal.y];
  });
  svg.addEventListener("pointermove", (event) => {
    const box = svg.viewBox.baseVal;
    if (!from || box.width === full[2]) return;
    const scale = box.width / svg.clientWidth;
    show(from[2] - (event.clientX - from[0]) * scale, from[3] - (event.clientY - from[1]) * scale, box.width, box.height);
  });
  // Whoever dragged the map did not mean the star below the finger.
  let moved = false;
  svg.addEventListener("pointerdown", () => { moved = false; });
  svg.addEventListener("pointermove", (event) => {
    if (from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 6) moved = true;
  });
  svg.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  window.addEventListener("pointerup", () => { from = null; });
}
