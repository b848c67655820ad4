// One record, document or recording, open to be written. Everything is on the phone as soon as it is typed.
import { Checkboxes, createAll } from "govuk-frontend";
import { startFilter } from "../filter.js";
import * as db from "./db.js";
import { Marks } from "./marks.js";
import { ask, element, time } from "./parts.js";
import { Recording } from "./recording.js";

const WAIT = 250;
const OURS = ["criterion", "agreed"]; // fields that are not the record's own
const NEEDED = {
  record: [["title", "Give the record a title."]],
  attestation: [
    ["seen_on_day", "Say on which day you saw it."],
    ["place", "Say where you saw it."],
    ["note", "Say what the document showed."],
  ],
};

export class Panel {
  // `done(finished)`: the person leaves it.
  constructor(root, item, done) {
    Object.assign(this, { root, item, done });
    const template = document.querySelector(`template[data-form="${item.existing ? "recording" : item.kind}"]`);
    root.replaceChildren(template.content.cloneNode(true));
    root.hidden = false;
    this.form = root.querySelector("form");
    this.kept = root.querySelector("[data-kept]");
    const about = root.querySelector("[data-about]");
    if (about) about.textContent = item.about || item.title;
    this.fill();
    this.form.addEventListener("input", (event) => this.typed(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.finish();
    });
    root.querySelector("[data-delete]").addEventListener("click", () => this.drop());
    this.hiding = () => document.visibilityState === "hidden" && this.save();
    document.addEventListener("visibilitychange", this.hiding);
    this.prepare();
    createAll(Checkboxes, undefined, root);
    startFilter(root);
    if (item.reasons?.length) this.refuse(item.reasons.map((words) => ["", words]));
    else root.querySelector(".on-site__title").focus();
  }

  fill() {
    for (const field of this.form.elements) {
      if (!field.name || OURS.includes(field.name)) continue;
      const saved = this.item.fields[field.name];
      if (field.type === "checkbox") field.checked = this.item.touched ? saved !== undefined : field.checked;
      else if (saved !== undefined) field.value = saved;
    }
  }

  prepare() {
    const [marks, recorder] = [this.root.querySelector("[data-marks]"), this.root.querySelector("[data-recorder]")];
    if (!marks) return;
    const choose = document.querySelector("template[data-criteria]").content.cloneNode(true);
    this.root.querySelector("[data-criteria-here]").replaceWith(choose);
    const texts = new Map();
    this.form.querySelectorAll("[name=criterion]").forEach((box) => {
      texts.set(box.value, box.dataset.text);
      box.checked = box.value in this.item.criteria;
    });
    const save = () => this.later();
    if (recorder) {
      const changed = () => this.marks?.show();
      this.recording = new Recording(recorder, this.item, { changed, forgot: (part) => this.marks.forget(part) });
    }
    this.marks = new Marks(marks, this.item, { position: recorder && (() => this.recording.position()), save, texts });
  }

  typed(event) {
    const { name, value, checked } = event.target;
    if (name === "criterion") {
      if (checked) this.item.criteria[value] ??= {};
      else delete this.item.criteria[value];
      this.marks.show();
    }
    if (name) this.later();
  }

  // Soon after the first change, not after the last: somebody who types on and on loses no more than that.
  later() {
    this.changed = true;
    this.timer ??= setTimeout(() => this.save(), WAIT);
  }

  async save() {
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.changed) return;
    this.changed = false;
    const fields = {};
    new FormData(this.form).forEach((value, name) => OURS.includes(name) || (fields[name] = value));
    this.item.fields = fields;
    this.item.touched = true;
    if (fields.title !== undefined) this.item.title = fields.title.trim();
    const { title, criteria } = this.item;
    try {
      await db.change(this.item.id, () => ({ fields, title, criteria, touched: true, changed: Date.now() }));
      this.kept.textContent = `Kept on this phone ${time(Date.now())}`;
      this.kept.classList.remove("saved--bad");
      db.tellOthers();
    } catch {
      this.changed = true;
      this.kept.textContent = "This phone has no room to keep it. Copy your text somewhere else.";
      this.kept.classList.add("saved--bad");
    }
  }

  lacks() {
    if (this.item.existing) return this.item.parts.length ? [] : [["agreed", "Record something first."]];
    const needed = NEEDED[this.item.kind === "attestation" ? "attestation" : "record"];
    return needed.filter(([name]) => !this.form.elements[name].value.trim());
  }

  async finish() {
    await this.recording?.recorder.stop();
    await this.save();
    const lacks = this.lacks();
    if (lacks.length) return this.refuse(lacks);
    await db.change(this.item.id, () => ({ state: "ready", reasons: [], finished: Date.now() }));
    return this.done(true);
  }

  refuse(lacks) {
    this.root.querySelector(".govuk-error-summary")?.remove();
    const items = lacks.map(([name, words]) => {
      const field = name && this.form.elements[name];
      return element("li", {}, field ? element("a", { href: `#${field.id}` }, words) : words);
    });
    const box = element(
      "div",
      { class: "govuk-error-summary", tabindex: "-1", role: "alert" },
      element("h2", { class: "govuk-error-summary__title" }, this.item.reasons?.length ? "It was not taken" : "There is a problem"),
      element("div", { class: "govuk-error-summary__body" }, element("ul", { class: "govuk-list govuk-error-summary__list" }, ...items)),
    );
    // A link to a field must not change the address: that is how this page knows what is open.
    box.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      const field = document.getElementById(link.getAttribute("href").slice(1));
      field.closest(".govuk-form-group")?.scrollIntoView();
      field.focus({ preventScroll: true });
    });
    this.root.prepend(box);
    box.focus();
  }

  async drop() {
    const sure = await ask({
      title: "Delete this from your phone?",
      text: "What you wrote and recorded here is deleted for good. Nobody else has a copy.",
      yes: "Delete it",
      no: "Keep it",
    });
    if (!sure) return;
    this.changed = false;
    await this.recording?.recorder.stop();
    await db.remove(this.item.id);
    this.done(false);
  }

  // Takes it off the page; what was opened and left as it was is not kept.
  async close() {
    await this.recording?.close();
    await this.save();
    document.removeEventListener("visibilitychange", this.hiding);
    const now = await db.item(this.item.id);
    if (now && db.isEmpty(now)) await db.remove(now.id);
    this.root.replaceChildren();
    this.root.hidden = true;
  }
}
