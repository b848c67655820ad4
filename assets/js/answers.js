// Answering in a lesson without leaving it. Every form here also works as a plain form.
import { tried } from "./device/signal.js";
import { keepForLater, sentNow } from "./study/answering.js";
import { keepRead } from "./study/reading.js";
import { csrfToken } from "./token.js";

const FAILED = "Not sent: something went wrong here. Reload the page and try again.";
const MOVED = (place, all) => `Now in place ${place} of ${all}.`;

// For the whole page, once: why an answer was not kept is shown at its block. What cannot be sent without a signal is kept
// on the device (study/answering.js).
export function startAnswers() {
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 422 || !event.detail.target?.matches?.("[data-live]")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:responseError", (event) => say(event.detail.elt, FAILED));
}

function say(from, text) {
  const form = from.closest?.("[data-live] form");
  if (!form) return;
  let line = form.querySelector("[data-not-sent]");
  if (!line) {
    line = document.createElement("p");
    line.className = "saved saved--bad";
    line.dataset.notSent = "";
    line.setAttribute("role", "alert");
    form.append(line);
  }
  line.textContent = text;
}

// Of a part of the page: lists to order and lists to tick.
export function startLists(root) {
  root.querySelectorAll("[data-ordering]").forEach(startOrdering);
  root.querySelectorAll("form[data-checklist][method=post]").forEach(startChecklist);
}

// <ol data-ordering>: buttons move a line; its select, which is what is sent, follows.
function startOrdering(list) {
  if (list.dataset.started) return;
  list.dataset.started = "yes";
  const said = list.parentElement.querySelector("[data-ordering-said]");
  const byPlace = [...list.children].sort((one, other) => one.querySelector("select").value - other.querySelector("select").value);
  list.append(...byPlace);
  list.classList.add("order--moves");
  list.querySelectorAll(".order__moves").forEach((moves) => (moves.hidden = false));
  number(list);
  list.addEventListener("reorder", () => {
    list.append(...[...list.children].sort((one, other) => one.querySelector("select").value - other.querySelector("select").value));
    number(list);
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const line = button.closest("li");
    const up = button.dataset.move === "-1";
    const other = up ? line.previousElementSibling : line.nextElementSibling;
    if (other) up ? other.before(line) : other.after(line);
    number(list);
    button.focus();
    said.textContent = MOVED([...list.children].indexOf(line) + 1, list.children.length);
  });
}

function number(list) {
  [...list.children].forEach((line, place) => {
    line.querySelector("select").value = String(place + 1);
    const [up, down] = line.querySelectorAll("[data-move]");
    up.setAttribute("aria-disabled", String(place === 0));
    down.setAttribute("aria-disabled", String(place === list.children.length - 1));
  });
}

// <form data-checklist>: each tick is sent as it is made. `was` says what the list looked like before, so that a list
// open twice never undoes its own ticks.
function startChecklist(form) {
  if (form.dataset.started) return;
  form.dataset.started = "yes";
  form.classList.add("checklist--live");
  const output = form.querySelector("[data-saved]");
  let running = false;
  let again = false;

  async function send() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    const body = new URLSearchParams(new FormData(form));
    const ticked = body.getAll("tick");
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": csrfToken(form), Accept: "application/json", "X-Requested-With": "fetch" },
        credentials: "same-origin",
      });
      if (!response.ok || response.redirected) throw new Error(response.status);
      setWas(form, ticked);
      await sentNow(form);
      output.textContent = `Saved ${(await response.json()).saved_at}`;
      output.classList.remove("saved--bad");
    } catch (problem) {
      if (problem instanceof TypeError && (await keepForLater(form, body))) return;
      output.textContent = FAILED;
      output.classList.add("saved--bad");
    } finally {
      running = false;
    }
    if (again) send();
  }

  form.addEventListener("change", send);
}

function setWas(form, keys) {
  form.querySelectorAll("[name=was]").forEach((field) => field.remove());
  keys.forEach((key) => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "was";
    field.value = key;
    form.append(field);
  });
}

// <article data-finish-url>: the end of the page has come into view: the server is told once, and says what is left.
export function startEnd(root) {
  const article = root.querySelector("[data-finish-url]:not([data-reached])");
  const end = article?.querySelector(".study__next");
  if (!end || !window.IntersectionObserver) return;
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    reached(article);
  });
  watch.observe(end);
}

async function reached(article) {
  try {
    const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json", "X-Requested-With": "fetch" };
    const response = await tried(fetch(article.dataset.finishUrl, { method: "POST", headers, credentials: "same-origin" }));
    if (!response.ok || response.redirected) return;
    const said = new DOMParser().parseFromString((await response.json()).left, "text/html").getElementById("study-left");
    said.removeAttribute("hx-swap-oob");
    document.getElementById("study-left")?.replaceWith(said);
  } catch {
    await keepRead(article.dataset.finishUrl); // sent when there is a signal
  }
}
