// Answering in a lesson without a signal: what was chosen is kept on the device, stands there again when the page is
// opened again, and is sent and marked later. Marking is the server's.
import htmx from "htmx.org";
import { whenOthersChange } from "../device/base.js";
import { sendLater } from "../device/hello.js";
import * as outbox from "../device/outbox.js";
import { missed } from "../device/signal.js";
import { element } from "../onsite/parts.js";

const user = document.body.dataset.user;
const NEVER_KEPT = ["csrfmiddlewaretoken", "once"];
const SAID = {
  check: "Kept on this phone. Your answer will be marked when you are back online.",
  h5p: "Kept on this phone. It counts when you are back online.",
  scenario: "Kept on this phone. You can go on from here when you are back online.",
  checklist: "Kept on this phone. Your ticks are sent when you are back online.",
};
const CANNOT = "You are offline. This needs a signal: try again when you are back.";
const NO_STORE = "Not sent: you are offline. What you chose is still here: press again when you are back.";

const urlOf = (form) => form.getAttribute("action");
const idOf = (url) => `answer ${url}`;
const kindOf = (block) => Object.keys(SAID).find((kind) => block.classList.contains(`lesson-box--${kind}`)) ?? "check";

export function startAnswersOffline() {
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.detail.elt?.closest?.("[data-live] form");
    if (form) keepForLater(form, event.detail.requestConfig.formData);
  });
  // The website has a newer answer than what waits here.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt?.closest?.("[data-live] form");
    if (form && event.detail.successful) sentNow(form);
  });
  document.addEventListener("autosaved", (event) => event.detail?.pressed && freshen([event.target.dataset.autosave]));
  whenOthersChange(({ sent }) => sent && freshen(sent));
}

// Keeps what a form would have sent, as nobody answered; false where this browser keeps nothing.
export async function keepForLater(form, body) {
  missed();
  const block = form.closest("[data-live]");
  const pairs = [...body.entries()].filter(([name]) => !NEVER_KEPT.includes(name));
  const act = pairs.find(([name]) => name === "act");
  if (act && ["back", "restart"].includes(act[1])) return tell(block, CANNOT);
  if (!outbox.canKeep() || !user) return tell(block, NO_STORE) && false;
  try {
    if (form.autosave) await form.autosave.pressed(pairs.filter(([name]) => name === "act" || name === "then"));
    else await outbox.keepAnswer(entryOf(form, block, pairs));
  } catch {
    return tell(block, NO_STORE) && false;
  }
  sendLater();
  markChoice(form, pairs);
  return tell(block, SAID[kindOf(block)], "kept");
}

// Of a scenario: which way was chosen, in colour and for those who hear it.
function markChoice(form, pairs) {
  const chosen = pairs.filter(([name]) => name === "choice").map(([, value]) => value);
  form.querySelectorAll("button[name=choice]").forEach((one) => {
    one.classList.toggle("choose__one--kept", chosen.includes(one.value));
    one.setAttribute("aria-pressed", String(chosen.includes(one.value)));
  });
}

function entryOf(form, block, pairs) {
  const url = urlOf(form);
  const title = `${document.querySelector("h1").textContent.trim()}: ${block.querySelector(".prose, .lesson-box__title")?.textContent.trim().slice(0, 120) ?? "a question"}`;
  return { owner: user, form: idOf(url), url, title, page: `${location.pathname}#${block.id}`, body: pairs, words: wordsOf(form, pairs) };
}

// What was chosen, in words: to read and to copy, should it not be taken.
function wordsOf(form, pairs) {
  const lines = pairs.map(([name, value]) => {
    const field = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].find((one) => one.type === "hidden" || one.value === value || one.matches("select, textarea"));
    if (!field || field.type === "hidden" || name === "act") return "";
    if (field.matches("select")) return `${labelOf(field)}: ${field.selectedOptions[0]?.textContent.trim() ?? ""}`;
    return field.matches("button") ? field.textContent.trim() : field.matches("textarea") ? value : labelOf(field);
  });
  return lines.filter(Boolean).join("\n");
}

const labelOf = (field) => field.labels?.[0]?.textContent.trim().replace(/^Place of: /, "") ?? "";

function tell(block, text, looks = "bad") {
  let line = block.querySelector("[data-not-sent]");
  if (!line) {
    line = element("p", { "data-not-sent": true, role: "status" });
    (block.querySelector(".quiz__screen") ?? block.querySelector("form")).append(line);
  }
  line.className = `saved saved--${looks}`;
  line.textContent = text;
  return true;
}

export async function sentNow(form) {
  if (!outbox.isUsed()) return;
  await outbox.remove(outbox.keyOf(user, idOf(urlOf(form))));
  form.closest("[data-live]")?.querySelector("[data-not-sent]")?.remove();
}

// What waits from this page stands in it again.
export async function restoreAnswers() {
  if (!user || !outbox.isUsed() || !document.querySelector("[data-live]")) return;
  for (const entry of await outbox.entriesOf(user)) {
    const form = entry.kind === "answer" && [...document.forms].find((one) => urlOf(one) === entry.url);
    if (form) restore(form, entry);
  }
}

function restore(form, entry) {
  const given = (name) => entry.body.filter(([key]) => key === name).map(([, value]) => value);
  form.querySelectorAll("input[type=radio], input[type=checkbox]").forEach((box) => (box.checked = given(box.name).includes(box.value)));
  form.querySelectorAll("select").forEach((select) => (select.value = given(select.name)[0] ?? select.value));
  markChoice(form, entry.body);
  form.querySelectorAll("[data-ordering]").forEach((list) => list.dispatchEvent(new CustomEvent("reorder")));
  const block = form.closest("[data-live]");
  if (entry.state === "refused") tell(block, `${entry.reasons.join(" ")} You chose: ${entry.words}`);
  else tell(block, SAID[kindOf(block)], "kept");
}

// What was sent is marked: its block as the server shows it now.
export async function freshen(urls) {
  const blocks = [...document.querySelectorAll("[data-live]")].filter((block) => [...block.querySelectorAll("form")].some((form) => urls.includes(urlOf(form))));
  if (!blocks.length) return;
  const page = await fetch(location.pathname, { credentials: "same-origin" }).then((answer) => answer.text()).catch(() => "");
  const shown = new DOMParser().parseFromString(page, "text/html");
  if (shown.body.dataset.keptAt || shown.body.dataset.user !== user) return;
  blocks.forEach((block) => {
    const fresh = shown.getElementById(block.id);
    if (!fresh || block.querySelector("textarea")?.matches(":focus")) return;
    const had = block.contains(document.activeElement);
    block.replaceWith(fresh);
    htmx.process(fresh);
    document.dispatchEvent(new CustomEvent("block:fresh", { detail: { elt: fresh } }));
    if (had) fresh.querySelector("[tabindex], input, button")?.focus({ preventScroll: true });
  });
  const left = shown.getElementById("study-left");
  if (left) document.getElementById("study-left")?.replaceWith(left);
}
