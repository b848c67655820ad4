// Study tools of a lesson. Without this each is a part of the page that opens, and a form that sends.
import { placeNow } from "./progress.js";
import { csrfToken } from "./token.js";

export function startTools(root) {
  const tools = root.querySelector("[data-tools]");
  const article = root.querySelector("article.study");
  if (tools && article) {
    startPanels(tools);
    startBookmark(tools, article);
  }
  const form = root.querySelector("form[data-comfort]");
  if (form) startComfort(form, article);
}

// One panel at a time; Escape, a press elsewhere or following a link in it closes it.
function startPanels(tools) {
  const panels = [...tools.querySelectorAll("details")];
  const close = (but) => panels.forEach((panel) => panel !== but && (panel.open = false));
  panels.forEach((panel) => panel.addEventListener("toggle", () => panel.open && close(panel)));
  tools.addEventListener("keydown", (event) => {
    const open = panels.find((panel) => panel.open);
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!tools.contains(event.target) || event.target.closest('a[href^="#"]')) close();
  });
}

// Opening the bookmarks offers the paragraph that is being read, first of all.
function startBookmark(tools, article) {
  const select = tools.querySelector("[data-bookmark-place]");
  if (!select) return;
  let here;
  select.closest("details").addEventListener("toggle", (event) => {
    const place = event.target.open && placeNow(article);
    if (!place) return;
    here ??= document.createElement("option");
    here.value = place.id;
    here.textContent = `Here: ${opening(place)}`;
    select.prepend(here);
    select.value = place.id;
  });
}

function opening(place) {
  const words = place.textContent.trim().split(/\s+/);
  return words.length > 8 ? `${words.slice(0, 8).join(" ")}…` : words.join(" ");
}

// The size of the text follows at once and is kept by the server for the next page.
function startComfort(form, article) {
  const said = form.querySelector("[data-comfort-said]");
  form.querySelector("button").hidden = Boolean(article);
  if (!article) return;
  form.addEventListener("change", async () => {
    const chosen = new FormData(form);
    [...article.classList].filter((name) => name.startsWith("reading--")).forEach((name) => article.classList.remove(name));
    ["size", "spacing"].forEach((name) => chosen.get(name) !== "normal" && article.classList.add(`reading--${chosen.get(name)}`));
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(chosen),
        headers: { "X-CSRFToken": csrfToken(form), "X-Requested-With": "fetch" },
        credentials: "same-origin",
        redirect: "manual",
      });
      said.textContent = answer.type === "opaqueredirect" ? "Kept in this browser." : "";
    } catch {
      said.textContent = "Not kept: you are offline.";
    }
  });
}
