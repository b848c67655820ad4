// <form data-autosave="URL">: text and radios are saved as they are filled in, and survive a lost connection or session.
// The server answers {"saved_at": "14:02", "bases": {"base.text": "..."}}; a refusal answers 4xx with {"message": "..."}
// and, for a text that was changed in another tab or on another device, {"conflicts": {"text": {text, base}}}.
// Hidden fields go with every save (except the once-token); of the rest, only text that changed. Until the server has it,
// text is kept in the outbox of this device (device/outbox.js); data-send-later: it may be sent from any other page too.
import { tellOthers } from "./device/base.js";
import { greet } from "./device/hello.js";
import * as outbox from "./device/outbox.js";
import { formLock } from "./device/posting.js";
import { isLost, tried, whenSignalChanges } from "./device/signal.js";
import { showConflict } from "./conflict.js";
import { csrfToken } from "./token.js";

const WAIT = 1500;
const RETRY = 15000;
const TEXT = 'textarea, input[type="text"], input[type="email"], input[type="url"], input[type="search"], input:not([type]), input[type="radio"], select';
const NEVER_SENT = ["csrfmiddlewaretoken", "once"];

export function startAutosave(root) {
  root.querySelectorAll("form[data-autosave]").forEach((form) => {
    if (!form.autosave) form.autosave = new Autosave(form);
  });
}

// Line ends and spaces at the ends may change on their way through the server.
function same(one, other) {
  return one.replace(/\r\n/g, "\n").trim() === other.replace(/\r\n/g, "\n").trim();
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.changed = new Set();
    this.confirmed = new Map();
    this.output = form.querySelector("[data-saved]");
    this.running = false;
    this.fields().forEach((field) => this.confirmed.set(field.name, this.value(field)));
    this.owner = document.body.dataset.user || "";
    this.id = form.dataset.autosaveKey || form.dataset.autosave;
    this.key = outbox.keyOf(this.owner, this.id);
    this.ready = outbox.canKeep() ? this.begin() : Promise.resolve();
    form.addEventListener("input", (event) => this.typed(event.target));
    form.addEventListener("submit", () => outbox.isUsed() && this.write(() => outbox.submitted(this.key)));
    whenSignalChanges((lost) => !lost && this.save());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.save());
  }

  fields() {
    const named = [...this.form.elements].filter((field) => field.name && field.matches(TEXT) && !NEVER_SENT.includes(field.name));
    // Radios of one name are one field: the first stands for them, their list knows which is chosen.
    return named.filter((field) => field.type !== "radio" || field === this.form.elements[field.name][0]);
  }

  value(field) {
    return field.type === "radio" ? this.form.elements[field.name].value : field.value;
  }

  // While this page is open nobody else sends what belongs to its form; then what was kept comes back.
  async begin() {
    if (navigator.locks) {
      await new Promise((held) => {
        const hold = () => new Promise(() => held()); // never resolved: held until the page goes
        navigator.locks.request(formLock(this.key), { mode: "shared" }, hold).catch(held);
      });
    }
    const entry = outbox.isUsed() ? await outbox.get(this.key).catch(() => null) : null;
    const pressed = entry?.body.filter(([name]) => name === "act") ?? [];
    if (pressed.length) this.extra = pressed;
    if (entry) this.fields().forEach((field) => this.restore(field, entry));
  }

  // What the outbox has to know of this form besides its text.
  about() {
    const title = (document.querySelector("h1")?.textContent ?? document.title).trim();
    const block = this.form.closest("[data-live]");
    const later = Boolean(this.form.closest("[data-live], [data-progress-url], [data-send-later]"));
    const page = location.pathname + location.search + (block ? `#${block.id}` : "");
    return { owner: this.owner, form: this.id, url: this.form.dataset.autosave, title, page, later, body: [...this.body(new Map())] };
  }

  // What is kept on the device changes in the order of what was typed.
  write(act) {
    this.ready = this.ready.then(act).catch(() => {});
    return this.ready;
  }

  typed(field) {
    if (!field.name || !field.matches?.(TEXT)) return;
    // The parts of a date make sense only together.
    const date = field.closest(".govuk-date-input");
    (date ? this.fields().filter((part) => date.contains(part)) : [field]).forEach((part) => this.keep(part));
    this.later(WAIT);
  }

  // Its button was pressed, and there is no signal: what the button says goes with the text when it is sent.
  pressed(pairs) {
    this.extra = pairs;
    this.fields().forEach((field) => this.keep(field));
    this.later(WAIT);
    return this.ready;
  }

  // A field with data-kept-here waits for its own button: kept on this device, never sent by itself.
  keep(field) {
    if (this.stopped) return;
    const send = !("keptHere" in field.dataset);
    if (send) this.changed.add(field.name);
    if (!outbox.canKeep()) return;
    const [about, kept] = [this.about(), { value: this.value(field), base: this.confirmed.get(field.name) ?? "", send }];
    this.write(() => outbox.keepField(about, field.name, kept));
  }

  // Whoever is signing out had it deleted: from now on it is neither kept nor sent, not even as the page goes.
  stop() {
    clearTimeout(this.timer);
    this.changed.clear();
    this.stopped = true;
  }

  later(wait) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), wait);
  }

  // A copy kept on this device comes back when the server still has what it was typed over.
  restore(field, entry) {
    const kept = entry.fields[field.name];
    if (!kept) return;
    const server = this.confirmed.get(field.name);
    const typed = this.changed.has(field.name); // while this was looked up
    if (same(kept.value, server)) {
      if (!document.querySelector(".govuk-error-summary") && !typed) outbox.confirmFields(this.key, { [field.name]: kept.value });
      return;
    }
    const serverTime = Date.parse(this.form.dataset.savedAt || "");
    if (typed) this.offer(field, kept.value);
    else if (document.body.dataset.keptAt) this.goOn(field, kept, entry);
    else if (same(kept.base, server) || (field.type !== "radio" && kept.value.startsWith(server))) this.putBack(field, kept.value);
    else if (this.form.elements[`base.${field.name}`] && serverTime) this.compare(field, kept.value, server);
    else if (serverTime && serverTime < kept.at) this.putBack(field, kept.value);
    else this.offer(field, kept.value);
  }

  // The page itself is an older copy: what was typed since knows better what it was typed over.
  goOn(field, kept, entry) {
    const base = entry.body.find(([name]) => name === `base.${field.name}`);
    if (base) this.setBase(...base);
    this.confirmed.set(field.name, kept.base);
    this.putBack(field, kept.value);
  }

  // Both were changed: mine stands in the field, what is saved beside it.
  compare(field, mine, theirs) {
    this.form.elements[field.name].value = mine;
    this.say("This text was changed elsewhere since you typed here. Choose what to keep.", true);
    this.conflict(field.name, { text: theirs, base: this.form.elements[`base.${field.name}`].value });
  }

  putBack(field, value) {
    this.form.elements[field.name].value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    this.keep(field);
    const now = this.changed.size && !isLost();
    this.say(`We put back text that was kept on this device.${now ? " Saving it now." : ""}`);
    this.later(200);
  }

  // The server has something newer: nothing is overwritten, and nothing is thrown away.
  offer(field, value) {
    const box = document.createElement("p");
    box.className = "saved saved--bad";
    const what = field.type === "radio" ? "answer" : "text";
    box.append(`This device has a different ${what} here, which was never saved. `);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = `Use the ${what} from this device`;
    button.addEventListener("click", () => {
      box.remove();
      this.putBack(field, value);
      field.focus();
    });
    box.append(button);
    (field.type === "radio" ? field.closest("fieldset") : field).after(box);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.running || !this.changed.size || this.form.dataset.submitting) return;
    this.running = true;
    const sent = this.fields().filter((field) => this.changed.has(field.name));
    const values = new Map(sent.map((field) => [field.name, this.value(field)]));
    let wait = WAIT;
    try {
      let response = await this.send(values, csrfToken(this.form));
      // The page may be a kept one, from before the last sign-in: a fresh token, if it is still the same person.
      if (response.status === 403 && document.body.dataset.keptAt) {
        const { user, token } = await greet();
        if (user === this.owner) response = await this.send(values, token);
      }
      wait = await this.answered(response, values);
    } catch {
      const later = this.about().later ? " It is saved when you are back online." : "";
      this.say(`Not saved: you are offline. Your text is kept on this device.${later}`, true);
      tellOthers({ kept: this.form.dataset.autosave });
      wait = RETRY;
    } finally {
      this.running = false;
    }
    if (this.changed.size && wait) this.later(wait);
  }

  send(values, token) {
    const person = this.owner ? { "Device-User": this.owner } : {}; // refused if somebody else has signed in since
    const headers = { "X-CSRFToken": token, Accept: "application/json", "X-Requested-With": "fetch", ...person };
    return tried(fetch(this.form.dataset.autosave, { method: "POST", body: this.body(values), headers, credentials: "same-origin" }));
  }

  body(values) {
    const body = new URLSearchParams();
    this.form.querySelectorAll('input[type="hidden"][name]').forEach((field) => {
      if (!NEVER_SENT.includes(field.name)) body.append(field.name, field.value);
    });
    values.forEach((value, name) => body.append(name, value));
    this.extra?.forEach(([name, value]) => body.set(name, value));
    return body;
  }

  // Returns how long to wait before the next try; 0 means that trying again would not help.
  async answered(response, values) {
    if (response.redirected || response.status === 401 || response.status === 403) {
      this.signedOut();
      return 0;
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) {
      Object.entries(answer.bases || {}).forEach(([name, base]) => this.setBase(name, base));
      this.confirm(values, answer.saved_at, answer.bases);
      return WAIT;
    }
    Object.entries(answer.conflicts || {}).forEach(([name, other]) => this.conflict(name, other));
    if (response.status < 500 && outbox.canKeep()) {
      const state = answer.conflicts ? "conflict" : "refused";
      this.write(() => outbox.change(this.key, () => ({ state, theirs: answer.conflicts, reasons: answer.message ? [answer.message] : [] })));
    }
    const why = answer.message || "Not saved: something went wrong here. Your text is kept on this device.";
    this.say(why, true);
    return response.status >= 500 ? RETRY : 0;
  }

  confirm(values, time, bases) {
    this.fields().forEach((field) => {
      if (!values.has(field.name)) return;
      this.confirmed.set(field.name, values.get(field.name));
      if (this.value(field) === values.get(field.name)) this.changed.delete(field.name);
    });
    if (outbox.isUsed()) this.write(() => outbox.confirmFields(this.key, Object.fromEntries(values), bases));
    this.say(time ? `Saved ${time}` : "Saved");
    if (this.changed.size) return;
    this.form.dispatchEvent(new CustomEvent("autosaved", { bubbles: true, detail: { pressed: Boolean(this.extra) } }));
    this.extra = undefined;
  }

  setBase(name, base) {
    const field = this.form.elements[name];
    if (field) field.value = base;
  }

  // Both texts are kept until the person has chosen; then the choice is saved over the other.
  conflict(name, other) {
    const field = this.form.elements[name];
    showConflict(field, other.text, (value) => {
      this.setBase(`base.${name}`, other.base);
      field.value = value;
      field.focus();
      this.keep(field);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      this.later(200);
    });
  }

  signedOut() {
    this.say("Not saved: you have been signed out. Your text is kept on this device. ", true);
    if (!this.output) return;
    const link = document.createElement("a");
    link.href = `${document.body.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Sign in again to carry on here";
    // The text is kept, so following the link loses nothing: no question about leaving.
    link.addEventListener("click", () => delete this.form.dataset.dirty);
    this.output.append(link);
  }

  say(text, bad = false) {
    if (!this.output) return;
    this.output.textContent = text;
    this.output.classList.toggle("saved--bad", bad);
  }
}
