// The criteria chosen for a record: where each is met, in words, and for a recording by its time (rule 23).
import { button, clock, element } from "./parts.js";

export class Marks {
  // `position()`: {part, seconds} in the recording now, or null. `save()`: the item's criteria have changed.
  constructor(root, item, { position, save, texts }) {
    Object.assign(this, { root, item, position, save, texts });
    this.list = root.querySelector("[data-mark-rows]");
    this.none = root.querySelector("[data-mark-none]");
    this.said = root.querySelector("[data-mark-said]");
    this.show();
  }

  codes() {
    return [...this.texts.keys()].filter((code) => code in this.item.criteria);
  }

  show() {
    const codes = this.codes();
    const focused = this.list.contains(document.activeElement) ? document.activeElement.id : "";
    this.none.hidden = codes.length > 0;
    this.list.hidden = !codes.length;
    this.list.replaceChildren(...codes.map((code) => this.row(code)));
    if (focused) document.getElementById(focused)?.focus();
  }

  row(code) {
    const chosen = this.item.criteria[code];
    const acts = element("div", { class: "mark__acts" });
    if (this.position) acts.append(...this.timeActs(code, chosen));
    const id = `where-${code.replace(/\W/g, "-")}`;
    const where = element("input", { class: "govuk-input", id, maxlength: "160", value: chosen.where || "" });
    where.addEventListener("input", () => {
      chosen.where = where.value;
      this.save();
    });
    return element(
      "li",
      { class: "mark" },
      element("p", { class: "mark__text" }, element("strong", {}, code), ` ${this.texts.get(code)}`),
      acts.childElementCount ? acts : null,
      element("label", { class: "govuk-label mark__label", for: id }, `Where is ${code} met? In your words (optional)`),
      where,
    );
  }

  timeActs(code, { part, start, end }) {
    const ends = start !== undefined && end === undefined && this.position()?.part === part;
    const words = start === undefined ? `Mark ${code} here` : ends ? `${code} ends here` : `Mark ${code} again`;
    const mark = button(words, () => this.mark(code, ends), { kind: start === undefined || ends ? "primary" : "secondary" });
    mark.id = `mark-${code.replace(/\W/g, "-")}`;
    mark.disabled = !this.position();
    if (start === undefined) return [mark];
    const times = end === undefined ? `from ${clock(start)}` : `${clock(start)} to ${clock(end)}`;
    const more = this.item.parts.length > 1 ? ` in recording ${part}` : "";
    const clear = button("Clear", () => this.clear(code), { more: `the time of ${code}` });
    return [element("p", { class: "mark__time" }, element("strong", {}, times + more)), mark, clear];
  }

  mark(code, ends) {
    const now = this.position();
    const chosen = this.item.criteria[code];
    const seconds = Math.floor(now.seconds);
    if (ends) chosen.end = Math.max(chosen.start, Math.ceil(now.seconds));
    else Object.assign(chosen, { part: now.part, start: seconds, end: undefined });
    this.changed(ends ? `${code} ends at ${clock(chosen.end)}.` : `${code} is marked from ${clock(seconds)}.`);
  }

  clear(code) {
    Object.assign(this.item.criteria[code], { part: undefined, start: undefined, end: undefined });
    this.changed(`The time of ${code} is cleared.`);
    document.getElementById(`mark-${code.replace(/\W/g, "-")}`)?.focus();
  }

  // A part of the recording is gone: so are the times in it.
  forget(part) {
    Object.values(this.item.criteria).filter((one) => one.part === part).forEach((one) => Object.assign(one, { part: undefined, start: undefined, end: undefined }));
    this.show();
  }

  changed(words) {
    this.save();
    this.show();
    this.said.textContent = words;
  }
}
