// a[data-dialog="#notes-12"]: opens the [data-dialog-part] of its page in a dialog, so that what is beside it stays as
// it is. A form in it is sent from there; of the page that answers, the parts named by data-dialog are put in place of
// the old ones. What was typed and not saved is there again when the same link is followed. Without this, a page.
import { csrfToken } from "./token.js";

const kept = new Map(); // what was typed, by the address of its page
let dialog;
let opener;
let landing; // what was added: focus goes there
let start;

export function startDialogs(begin) {
  if (!window.HTMLDialogElement) return;
  start = begin;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (!dialog?.contains(link)) opener = link;
    open(link.href);
  });
}

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "desk-dialog";
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "link-button desk-dialog__close", textContent: "Close" });
  close.addEventListener("click", () => dialog.close());
  const body = document.createElement("div");
  body.className = "desk-dialog__body";
  dialog.append(close, body);
  dialog.addEventListener("close", closed);
  dialog.addEventListener("submit", submit);
  dialog.addEventListener("input", () => (dialog.dataset.typed = "yes"));
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the page's shortcuts are not the dialog's
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("a[data-dialog-close]")) return;
    event.preventDefault();
    delete dialog.dataset.typed;
    dialog.close();
  });
  document.body.append(dialog);
}

async function open(address) {
  if (!dialog) build();
  const before = kept.get(address);
  if (before) return show(before, address);
  const page = await ask(address).catch(() => null);
  const part = page?.querySelector("[data-dialog-part]");
  if (part) return show(part, address);
  return window.location.assign(address);
}

async function ask(address, options = {}) {
  const response = await fetch(address, { credentials: "same-origin", ...options });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function show(part, address) {
  const body = dialog.querySelector(".desk-dialog__body");
  body.replaceChildren(part);
  dialog.dataset.address = address;
  delete dialog.dataset.typed;
  const heading = body.querySelector("h2:not(.govuk-error-summary__title)");
  if (heading) dialog.setAttribute("aria-labelledby", heading.id);
  if (!dialog.open) dialog.showModal();
  start(body);
  const first = body.querySelector(".govuk-error-summary, [autofocus]") || body.querySelector("textarea") || body.querySelector("input:not([type=hidden]), button");
  first?.focus();
}

// Closed by Escape or "Close": what was typed waits, on this page, for the same link.
function closed() {
  const part = dialog.querySelector("[data-dialog-part]");
  if (part && dialog.dataset.typed) kept.set(dialog.dataset.address, part);
  else kept.delete(dialog.dataset.address);
  part?.querySelectorAll("audio, video").forEach((player) => player.pause());
  part?.remove();
  part?.querySelectorAll("form").forEach((form) => delete form.dataset.dirty);
  back();
}

// Focus goes back to where the dialog was opened from, which may have been drawn anew.
function back() {
  const added = landing;
  landing = undefined;
  if (added) return added.focus();
  const same = opener?.isConnected ? opener : [...document.querySelectorAll("a[data-dialog]")].find((link) => link.href === opener?.href);
  return (same || document.querySelector(opener?.dataset.dialog.split(",")[0] || "main"))?.focus();
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const options = { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": csrfToken() } };
  const page = await ask(form.getAttribute("action") || dialog.dataset.address, options).catch(() => null);
  delete form.dataset.sending;
  const names = opener.dataset.dialog.split(",").map((name) => name.trim());
  const part = page?.querySelector("[data-dialog-part]");
  if (part) {
    show(part, dialog.dataset.address);
    return (dialog.dataset.typed = "yes");
  }
  if (!page?.querySelector(names[0])) return refused(form);
  delete dialog.dataset.typed;
  const known = new Set([...document.querySelectorAll(`${names[0]} [id]`)].map((one) => one.id));
  refresh(page, names);
  landing = [...document.querySelectorAll(`${names[0]} li[id]`)].find((one) => !known.has(one.id));
  return dialog.close();
}

function refresh(page, names) {
  names.forEach((name) => {
    const [old, fresh] = [document.querySelector(name), page.querySelector(name)];
    if (!old || !fresh) return;
    old.replaceWith(fresh);
    start(fresh);
  });
}

function refused(form) {
  const said = form.querySelector(".desk-dialog__said") || document.createElement("p");
  said.className = "desk-dialog__said saved saved--bad";
  said.setAttribute("role", "alert");
  said.textContent = "Not saved: you are offline, or signed out. What you typed is still here. Try again.";
  form.append(said);
}
