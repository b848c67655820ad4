// <form data-autosave="URL">: text and radios are saved as they are filled in, and survive a lost connection or session.
// The server answers {"saved_at": "14:02", "bases": {"base.text": "..."}}; a refusal answers 4xx with {"message": "..."}
// and, for a text that was changed in another tab or on another device, {"conflicts": {"text": {text, base}}}.
// Hidden fields go with every save (except the once-token); of the rest, only text that changed.
import { csrfToken } from "./token.js";
import { store } from "./store.js";
import { showConflict } from "./conflict.js";

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
    this.fields().forEach((field) => this.restore(field));
    form.addEventListener("input", (event) => this.typed(event.target));
    window.addEventListener("online", () => this.save());
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

  key(field) {
    return `kept:${document.body.dataset.user || "-"}:${this.form.dataset.autosaveKey || this.form.dataset.autosave}:${field.name}`;
  }

  typed(field) {
    if (!field.name || !field.matches?.(TEXT)) return;
    // The parts of a date make sense only together.
    const date = field.closest(".govuk-date-input");
    (date ? this.fields().filter((part) => date.contains(part)) : [field]).forEach((part) => this.keep(part));
    this.later(WAIT);
  }

  // A field with data-kept-here waits for its own button: kept on this device, never sent by itself.
  keep(field) {
    if (!("keptHere" in field.dataset)) this.changed.add(field.name);
    store.set(this.key(field), { value: this.value(field), base: this.confirmed.get(field.name) ?? "", at: Date.now() });
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  // A copy kept on this device comes back when the server still has what it was typed over.
  restore(field) {
    const kept = store.get(this.key(field));
    if (!kept) return;
    if (same(kept.value, this.value(field))) {
      if (!document.querySelector(".govuk-error-summary")) store.drop(this.key(field));
      return;
    }
    const serverTime = Date.parse(this.form.dataset.savedAt || "");
    if (same(kept.base, this.value(field)) || (serverTime && serverTime < kept.at)) this.putBack(field, kept.value);
    else this.offer(field, kept.value);
  }

  putBack(field, value) {
    this.form.elements[field.name].value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    this.keep(field);
    this.say(`We put back text that was kept on this device.${this.changed.size ? " Saving it now." : ""}`);
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
      const response = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: this.body(values),
        headers: { "X-CSRFToken": csrfToken(this.form), Accept: "application/json", "X-Requested-With": "fetch" },
        credentials: "same-origin",
      });
      wait = await this.answered(response, values);
    } catch {
      this.say("Not saved: you are offline. Your text is kept on this device.", true);
      wait = RETRY;
    } finally {
      this.running = false;
    }
    if (this.changed.size && wait) this.later(wait);
  }

  body(values) {
    const body = new URLSearchParams();
    this.form.querySelectorAll('input[type="hidden"][name]').forEach((field) => {
      if (!NEVER_SENT.includes(field.name)) body.append(field.name, field.value);
    });
    values.forEach((value, name) => body.append(name, value));
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
      this.confirm(values, answer.saved_at);
      return WAIT;
    }
    Object.entries(answer.conflicts || {}).forEach(([name, other]) => this.conflict(name, other));
    const why = answer.message || "Not saved: something went wrong here. Your text is kept on this device.";
    this.say(why, true);
    return response.status >= 500 ? RETRY : 0;
  }

  confirm(values, time) {
    this.fields().forEach((field) => {
      if (!values.has(field.name)) return;
      this.confirmed.set(field.name, values.get(field.name));
      if (this.value(field) === values.get(field.name)) {
        this.changed.delete(field.name);
        store.drop(this.key(field));
      } else {
        this.keep(field);
      }
    });
    this.say(time ? `Saved ${time}` : "Saved");
    if (!this.changed.size) this.form.dispatchEvent(new CustomEvent("autosaved"));
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
