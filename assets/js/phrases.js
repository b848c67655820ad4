// [data-phrases="URL"]: a button at each rationale and feedback of its form opens a list of phrases to insert at the
// cursor; so does Alt+P while one writes there. The list is fetched when it is first opened. A combobox that filters a
// listbox: arrows choose, Enter inserts, Escape closes and goes back to the text.
import { csrfToken } from "./token.js";

const FIELDS = /(rationale|feedback)$/;
let phrases;

export function startPhrases(root) {
  root.querySelectorAll("[data-phrases]").forEach((box) => {
    const form = box.closest("form");
    form?.querySelectorAll("textarea").forEach((field) => FIELDS.test(field.name) && !field.picker && new Picker(field, box));
  });
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

async function fetched(box) {
  phrases ??= fetch(box.dataset.phrases, { credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((response) => (response.ok && !response.redirected ? response.json() : Promise.reject(new Error("refused"))))
    .then((answer) => answer.phrases);
  try {
    return await phrases;
  } catch {
    phrases = undefined;
    return null;
  }
}

class Picker {
  constructor(field, box) {
    this.field = field;
    this.box = box;
    this.use = field.name.match(FIELDS)[1];
    field.picker = this;
    this.button = element("button", { type: "button", class: "link-button phrase-button no-print", "aria-expanded": "false", "data-shortcut": "p" }, `Insert a phrase `, element("kbd", { "aria-hidden": "true" }, "Alt P"));
    this.button.append(element("span", { class: "govuk-visually-hidden" }, ` into ${this.use}`));
    this.button.addEventListener("click", () => (this.panel && !this.panel.hidden ? this.close() : this.open()));
    field.before(this.button);
    field.addEventListener("keydown", (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyP") return;
      event.preventDefault();
      this.open();
    });
  }

  build() {
    const id = `${this.field.id}-phrases`;
    this.input = element("input", {
      class: "govuk-input phrase-panel__find", id: `${id}-find`, type: "text", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": `${id}-list`, autocomplete: "off", spellcheck: "false",
    });
    this.list = element("ul", { class: "phrase-panel__list", id: `${id}-list`, role: "listbox", "aria-label": `Phrases for ${this.use}` });
    this.said = element("p", { class: "soft phrase-panel__said", role: "status" });
    const label = element("label", { class: "govuk-label govuk-label--s", for: `${id}-find` }, "Find a phrase");
    this.panel = element("div", { class: "phrase-panel", role: "group", "aria-label": "Phrases" }, label, this.input, this.list, this.said);
    this.field.after(this.panel);
    this.input.addEventListener("input", (event) => {
      event.stopPropagation(); // the form is not typed in: nothing to save
      this.draw();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.insert(this.shown[[...this.list.children].indexOf(event.target.closest("li"))]));
    this.panel.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.panel.contains(event.relatedTarget) && event.relatedTarget !== this.button) this.close(false);
    });
  }

  async open() {
    if (!this.panel) this.build();
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.input.value = "";
    this.input.focus();
    this.said.textContent = "Looking for your phrases…";
    this.all = await fetched(this.box);
    if (this.panel.hidden) return;
    this.draw();
    this.panel.scrollIntoView({ block: "nearest" });
  }

  close(backToText = true) {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (backToText) this.field.focus();
  }

  // Those for this use first; then the others, which fit too now and then.
  draw() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (this.all || []).filter((one) => words.every((word) => `${one.title} ${one.text}`.toLowerCase().includes(word)));
    this.shown = [...found.filter((one) => one.use === this.use), ...found.filter((one) => one.use !== this.use)];
    this.list.replaceChildren(...this.shown.map((one, place) => this.option(one, place)));
    this.list.hidden = !this.shown.length;
    this.at = this.shown.length ? 0 : -1;
    this.mark();
    this.tell();
  }

  tell() {
    this.said.replaceChildren();
    if (!this.all) this.said.textContent = "The phrases could not be read. You may be offline or signed out.";
    else if (!this.all.length) this.said.append("You have no phrases yet. ", element("a", { href: this.box.querySelector("a").href, target: "_blank", rel: "noopener" }, "Write some (opens in a new tab)"));
    else this.said.textContent = this.shown.length ? `${this.shown.length} phrase${this.shown.length === 1 ? "" : "s"}. Enter inserts, Escape closes.` : "No phrase matches.";
  }

  option(one, place) {
    const about = [one.own ? "yours" : "your centre’s"];
    if (one.use !== this.use) about.push(`for ${one.use}`);
    return element("li", { class: "phrase-panel__one", id: `${this.list.id}-${place}`, role: "option", "aria-selected": "false" }, element("strong", {}, one.title), ` `, element("span", { class: "soft" }, about.join(", ")), element("span", { class: "phrase-panel__text" }, this.filled(one.text)));
  }

  mark() {
    [...this.list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === this.at)));
    const chosen = this.list.children[this.at];
    if (!chosen) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    const [top, bottom] = [chosen.offsetTop, chosen.offsetTop + chosen.offsetHeight];
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (bottom > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = bottom - this.list.clientHeight;
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      return this.close();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      return this.shown?.[this.at] && this.insert(this.shown[this.at]);
    }
    const last = (this.shown?.length || 0) - 1;
    const to = { ArrowDown: this.at === last ? 0 : this.at + 1, ArrowUp: this.at <= 0 ? last : this.at - 1, PageDown: Math.min(last, this.at + 5), PageUp: Math.max(0, this.at - 5) }[event.key];
    if (to === undefined || last < 0) return undefined;
    event.preventDefault();
    this.at = to;
    return this.mark();
  }

  filled(text) {
    const criterion = this.field.closest("[data-criterion]")?.dataset.criterion || this.box.dataset.criterion;
    return text.replaceAll("{first name}", this.box.dataset.firstName).replaceAll("{criterion}", criterion);
  }

  // Where the cursor was, with a space or not as the words before it ask; the cursor goes after it.
  insert(one) {
    if (!one) return;
    const { selectionStart: from, selectionEnd: to, value } = this.field;
    const space = from && !/\s$/.test(value.slice(0, from)) ? " " : "";
    this.close();
    this.field.setRangeText(space + this.filled(one.text), from, to, "end");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    fetch(one.used, { method: "POST", credentials: "same-origin", keepalive: true, headers: { "X-CSRFToken": csrfToken() } }).catch(() => {});
  }
}

// [data-copy]: copies the text of the phrase that it stands in, on the library's page.
export function startCopy(root) {
  if (!navigator.clipboard) return;
  root.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    const words = button.innerHTML;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest(".phrase").querySelector(".phrase__text").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.innerHTML = words), 3000);
    });
  });
}
