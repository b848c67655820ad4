// data-shortcut="v": that key presses the button, chooses the radio or goes to the field.
// Silent while somebody types, and can be switched off ([data-shortcuts-toggle]; WCAG 2.1.4). Escape leaves a text for
// the block that it stands in ([data-shortcut-scope]), so that the keys work again.
import { store } from "./store.js";

const KEY = "shortcuts-off";
const TYPING = 'textarea, select, [contenteditable="true"], input:not([type="radio"]):not([type="checkbox"]):not([type="button"]):not([type="submit"])';

export function startShortcuts() {
  const toggles = document.querySelectorAll("[data-shortcuts-toggle]");
  if (!document.querySelector("[data-shortcut]") && !toggles.length) return;
  toggles.forEach((toggle) => {
    toggle.hidden = false;
    draw(toggle);
    toggle.addEventListener("click", () => {
      store.set(KEY, !store.get(KEY));
      toggles.forEach(draw);
    });
  });
  document.addEventListener("keydown", press);
}

function draw(toggle) {
  toggle.textContent = store.get(KEY) ? "Turn keyboard shortcuts on" : "Turn keyboard shortcuts off";
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (store.get(KEY)) return;
  if (event.target.matches?.(TYPING)) {
    if (event.key === "Escape") event.target.closest("[data-shortcut-scope]")?.focus();
    return;
  }
  const target = choose(event.key.toLowerCase());
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (!target.matches(TYPING)) target.click();
}

// Where several have the same key (one in each criterion), the one in the block with focus wins.
function choose(key) {
  const all = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(key)}"]`)].filter((one) => one.offsetParent !== null);
  const block = document.activeElement?.closest("[data-shortcut-scope]");
  return all.find((one) => block?.contains(one)) ?? all[0];
}
