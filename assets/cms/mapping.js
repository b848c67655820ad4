// The panel of a page's mapping in the editor: filters as one types, counts, and moves between boxes by arrow keys.
// Everything works without it.
const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

function filter(panel, text) {
  const wanted = words(text);
  const items = [...panel.querySelectorAll("[data-mapping-item]")];
  items.forEach((item) => {
    const said = item.dataset.mappingItem.toLowerCase();
    item.hidden = !wanted.every((word) => said.includes(word));
  });
  panel.querySelectorAll("[data-mapping-group]").forEach((group) => {
    group.hidden = !group.querySelector("[data-mapping-item]:not([hidden])");
  });
  const others = panel.querySelector("[data-mapping-others]");
  if (others && wanted.length) {
    others.dataset.wasOpen ??= String(others.open);
    others.open = Boolean(others.querySelector("[data-mapping-item]:not([hidden])"));
  } else if (others && others.dataset.wasOpen) {
    others.open = others.dataset.wasOpen === "true";
    delete others.dataset.wasOpen;
  }
  const left = items.filter((item) => !item.hidden).length;
  panel.querySelector("[data-mapping-shown]").textContent = wanted.length ? `${left} of ${items.length} statements shown` : "";
}

function count(panel) {
  panel.querySelectorAll("[data-mapping-count]").forEach((place) => {
    place.textContent = panel.querySelectorAll(`:checked[value$=":${place.dataset.mappingCount}"]`).length;
  });
}

function move(panel, box, key) {
  const row = box.closest("tr");
  const column = [...row.querySelectorAll("input")].indexOf(box);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    return row.querySelectorAll("input")[column + (key === "ArrowRight" ? 1 : -1)];
  }
  const shown = [...panel.querySelectorAll("[data-mapping-item]:not([hidden])")].filter((item) => item.offsetParent);
  const next = shown[shown.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  return next?.querySelectorAll("input")[column];
}

function start(panel) {
  const finder = panel.querySelector("[data-mapping-find]");
  const input = finder.querySelector("input");
  finder.hidden = false;
  input.addEventListener("input", () => filter(panel, input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would send the whole page
    if (event.key === "ArrowDown") {
      const first = [...panel.querySelectorAll("[data-mapping-item]:not([hidden]) input")].find((box) => box.offsetParent);
      if (first) { event.preventDefault(); first.focus(); }
    }
  });
  panel.addEventListener("change", () => count(panel));
  panel.addEventListener("keydown", (event) => {
    if (event.target.type !== "checkbox" || !event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = move(panel, event.target, event.key);
    if (next) { event.preventDefault(); next.focus(); }
    else if (event.key === "ArrowUp") { event.preventDefault(); input.focus(); }
  });
}

const startAll = () => document.querySelectorAll("[data-mapping]").forEach(start);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
else startAll();
