// What was written on this device and is not on the website yet: sent when there is a signal, from whatever page is open.
// [data-outbox] lists it; elsewhere one line says that something waits for the person.
import { whenOthersChange } from "../device/base.js";
import { sendLater } from "../device/hello.js";
import * as outbox from "../device/outbox.js";
import { keptPages } from "../device/pages.js";
import * as person from "../device/person.js";
import { sendOutbox } from "../device/posting.js";
import { isLost, whenSignalChanges } from "../device/signal.js";
import { ask, button, day, element, time } from "../onsite/parts.js";
import { freshen } from "./answering.js";

const AGAIN = 30000;
const WHY = {
  offline: "No signal. It is sent by itself when there is one.",
  server: "The website does not answer as it should. It is tried again.",
  "signed-out": "You have been signed out. It stays on this device until you sign in again.",
};
const STATES = { waiting: ["submitted", "To be sent"], conflict: ["changes_needed", "Choose"], refused: ["changes_needed", "Not taken"] };
const LOGOUT = "/account/logout/"; // was asked for, and never got there
const LINE_WAITS = 4000; // what is typed with a signal is saved before a line could say that it waits

let user = document.body.dataset.user;
let panel;
let timer;

export async function startUnsent() {
  panel = document.querySelector("[data-outbox]");
  const kept = document.querySelector("[data-kept-pages]");
  if (kept && location.pathname === LOGOUT) kept.querySelector("[data-logout]").hidden = false;
  if (!outbox.canKeep()) return;
  if (!user) {
    const now = document.body.dataset.page === "offline" && outbox.isUsed() ? await person.owner() : { user: "" };
    if (!now.user || now.locked) return;
    user = now.user;
  }
  if (kept) await listPages(kept);
  panel?.querySelector("[data-outbox-send]").addEventListener("click", () => send(true));
  whenOthersChange(show);
  whenSignalChanges((lost) => (lost ? show() : send()));
  window.addEventListener("pageshow", () => send());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  send();
  if (!panel) setTimeout(show, LINE_WAITS);
}

const mine = async () => (await outbox.entriesOf(user)).filter(outbox.isUnsent);

async function send(asked = false) {
  clearTimeout(timer);
  if (!outbox.isUsed()) return;
  const waiting = (await outbox.entriesOf(user)).filter((entry) => entry.state === "waiting" && entry.later);
  let why = "";
  if (waiting.length && document.body.dataset.page !== "offline") {
    const { sent, why: stopped } = await sendOutbox();
    why = stopped;
    if (why === "signed-out") await person.lock();
    if (sent.length) await freshen(sent);
    if (why === "offline" || why === "server") {
      sendLater();
      timer = setTimeout(send, AGAIN);
    }
  }
  await show();
  if (!panel) return;
  panel.querySelector("[data-outbox-why]").textContent = WHY[why] ?? "";
  panel.querySelector("[data-outbox-sign-in]").hidden = why !== "signed-out";
  if (asked && !panel.hidden) panel.querySelector("h2").focus();
}

async function show() {
  const entries = outbox.isUsed() ? await mine() : [];
  if (!panel) return line(entries);
  const list = panel.querySelector("[data-outbox-rows]");
  const title = panel.querySelector("h2");
  panel.hidden = !entries.length;
  title.textContent = `Not sent yet (${entries.length})`;
  panel.querySelector("[data-outbox-send]").hidden = !entries.some((entry) => entry.state === "waiting" && entry.later) || isLost();
  const focused = list.contains(document.activeElement) && document.activeElement.closest("[data-entry]")?.dataset.entry;
  list.replaceChildren(...entries.map(row));
  if (focused) (list.querySelector(`[data-entry="${CSS.escape(focused)}"] a`) ?? title).focus();
  return undefined;
}

// One line on other pages. What needs a choice is said at once; what only waits is not worth a word with a signal.
function line(entries) {
  const choose = entries.filter((entry) => entry.state !== "waiting" && entry.page.split("#")[0] !== location.pathname).length;
  const waits = isLost() ? entries.filter((entry) => entry.state === "waiting").length : 0;
  const text = choose ? `${choose === 1 ? "One thing" : `${choose} things`} that you wrote without a signal ${choose === 1 ? "needs" : "need"} you. ` : `${waits === 1 ? "One thing is" : `${waits} things are`} kept on this device and sent when you are back online. `;
  let said = document.querySelector("[data-unsent-line]");
  if (!choose && !waits) return said?.remove();
  if (!said) {
    said = element("p", { class: "kept-line kept-line--waits no-print", role: "status", "data-unsent-line": true });
    const kept = document.querySelector("[data-kept-line]");
    if (kept) kept.after(said);
    else document.getElementById("main-content")?.prepend(said);
  }
  if (!said.textContent.startsWith(text)) said.replaceChildren(text, element("a", { href: "/learn/#not-sent" }, "See what"));
  return undefined;
}

function row(entry) {
  const [looks, word] = STATES[entry.state];
  const about = `${entry.kind === "answer" ? "Answer" : "Text"}, kept ${time(entry.changed)}, ${day(entry.changed)}`;
  const words = entry.words && entry.state !== "conflict" ? element("blockquote", { class: "unsent__words" }, entry.words) : null;
  const reasons = entry.reasons?.length ? element("ul", { class: "waiting__reasons" }, ...entry.reasons.map((reason) => element("li", {}, reason))) : null;
  const parts = [element("p", {}, element("strong", {}, entry.title)), element("p", { class: "soft" }, about), reasons, words, ...conflictsOf(entry), acts(entry)];
  return element(
    "li",
    { class: "row", "data-entry": entry.key },
    element("div", {}, ...parts.filter(Boolean)),
    element("span", { class: `tag tag--${looks}` }, entry.state === "waiting" && isLost() ? "Waits for a signal" : word),
  );
}

function conflictsOf(entry) {
  if (entry.state !== "conflict") return [];
  return Object.entries(entry.theirs).map(([name, theirs]) => {
    const own = entry.fields[name]?.value ?? "";
    const settle = (value) => async () => {
      await outbox.settle(entry, name, value);
      await send(true);
    };
    const text = (title, words) => element("div", { class: "unsent__text" }, element("h3", {}, title), element("p", { class: "typed" }, words || "(empty)"));
    const choice = (words, value) => button(words, settle(value), { kind: "secondary", more: entry.title });
    return element(
      "div",
      { class: "unsent__both", role: "group", "aria-label": "Two texts: choose" },
      text("Yours, from this device", own),
      text("What is saved now", theirs.text),
      element("div", { class: "govuk-button-group" }, choice("Keep mine", own), choice("Use the other text", theirs.text), choice("Keep both", `${own.trimEnd()}\n\n${theirs.text}`)),
    );
  });
}

function acts(entry) {
  const more = entry.title;
  const made = [element("a", { href: entry.page }, "Open its page", element("span", { class: "govuk-visually-hidden" }, `: ${more}`))];
  if (entry.state === "refused") made.push(button("Send again", () => outbox.again(entry.key).then(() => send(true)), { more }));
  if (entry.words) made.push(button("Copy the text", (event) => copy(entry, event.currentTarget), { more }));
  made.push(button("Delete", () => remove(entry), { more }));
  return element("p", { class: "cluster" }, ...made);
}

async function copy(entry, pressed) {
  await navigator.clipboard.writeText(entry.words);
  pressed.firstChild.textContent = "Copied";
}

async function remove(entry) {
  const sure = await ask({ title: "Delete this from the device?", text: "It was not sent, so nobody else has a copy.", yes: "Delete it", no: "Keep it" });
  if (!sure) return;
  await outbox.remove(entry.key);
  await show();
  if (!panel.hidden) panel.querySelector("h2").focus();
}

// The pages that open without a signal, by name, in the order of the course.
async function listPages(root) {
  const pages = (await keptPages(user)).sort((one, other) => one.path.localeCompare(other.path));
  const names = { home: "My learning", contents: "Contents", draft: "Draft of evidence" };
  root.querySelector("[data-kept-none]").hidden = pages.length > 0;
  root.querySelector("[data-kept-list]").replaceChildren(
    ...pages.map((page) => element("li", { class: "row" }, element("a", { href: page.path }, page.title), names[page.kind] && names[page.kind] !== page.title ? element("span", { class: "soft" }, names[page.kind]) : null)),
  );
}
