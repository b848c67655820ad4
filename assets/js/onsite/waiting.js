// [data-waiting]: what was written on this phone and has not been sent, on the on-site page and among the trainees.
import { isLost, whenSignalChanges } from "../device/signal.js";
import * as db from "./db.js";
import { ask, button, day, element, time } from "./parts.js";
import { sendAll } from "./sending.js";

const KINDS = {
  observation: "Observation",
  witness_testimony: "Witness testimony",
  professional_discussion: "Professional discussion",
  attestation: "Document seen",
};
const AGAIN = 30000;
const CHECKING = 5000;
const WHY = {
  offline: "No signal. It is sent by itself when there is one, while this page is open.",
  server: "The website does not answer as it should. It is tried again.",
  "signed-out": "You have been signed out. It stays on this phone until you sign in again.",
  busy: "",
  "": "",
};

export class Waiting {
  // `open(item)`: goes on with an item that belongs to this page; null where there are no forms.
  constructor(root, owner, { registration = "", open = null } = {}) {
    Object.assign(this, { root, owner, registration, open });
    this.title = root.querySelector("[data-waiting-title]");
    this.list = root.querySelector("[data-waiting-rows]");
    this.why = root.querySelector("[data-waiting-why]");
    this.signIn = root.querySelector("[data-waiting-sign-in]");
    this.sendNow = root.querySelector("[data-waiting-send]");
    this.progress = new Map();
    this.sendNow.addEventListener("click", () => this.send(true));
    db.whenOthersChange(() => this.show());
    whenSignalChanges((lost) => (lost ? this.show() : this.send()));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
    this.ready = this.show().then(() => this.send());
  }

  async send(asked = false) {
    clearTimeout(this.timer);
    const waiting = this.items.some((one) => ["ready", "checking"].includes(one.state));
    if (!waiting) return;
    const { why } = await sendAll((id, words) => this.tell(id, words));
    this.progress.clear();
    await this.show();
    this.why.textContent = WHY[why];
    this.signIn.hidden = why !== "signed-out";
    if (asked && !WHY[why]) this.title.focus();
    const left = this.items.filter((one) => ["ready", "checking"].includes(one.state));
    if (left.length && why !== "signed-out") this.timer = setTimeout(() => this.send(), why || left.some((one) => one.state === "ready") ? AGAIN : CHECKING);
  }

  tell(id, words) {
    this.progress.set(id, words);
    const row = this.list.querySelector(`[data-item="${id}"] [data-state]`);
    if (row) row.textContent = words;
  }

  async show() {
    this.items = await db.itemsOf(this.owner);
    const unsent = this.items.filter(db.isUnsent);
    const checking = this.items.filter((one) => one.state === "checking");
    const sent = this.items.filter((one) => one.state === "sent" && (!this.registration || one.registration === this.registration));
    this.root.hidden = !unsent.length && !checking.length && !sent.length;
    this.title.textContent = unsent.length ? `Waiting to be sent (${unsent.length})` : "Sent from this phone";
    this.sendNow.hidden = !unsent.some((one) => one.state === "ready");
    if (!unsent.length) this.why.textContent = "";
    const focused = this.list.contains(document.activeElement) && document.activeElement.closest("[data-item]")?.dataset.item;
    this.list.replaceChildren(...[...unsent, ...checking].map((one) => this.row(one)), ...sent.map((one) => this.sentRow(one)));
    if (focused) (this.list.querySelector(`[data-item="${focused}"] a, [data-item="${focused}"] button`) ?? this.title).focus();
  }

  row(one) {
    const about = `${KINDS[one.kind]} · ${one.learner} · kept ${time(one.changed ?? one.made)}, ${day(one.changed ?? one.made)}`;
    const acts = element("p", { class: "cluster" }, ...this.acts(one));
    const reasons = one.state === "refused" ? element("ul", { class: "waiting__reasons" }, ...one.reasons.map((words) => element("li", {}, words))) : null;
    return element(
      "li",
      { class: "row", "data-item": one.id },
      element("div", {}, element("p", {}, element("strong", {}, this.name(one))), element("p", { class: "soft" }, about), reasons, acts),
      element("span", { class: `tag tag--${one.state === "refused" ? "changes_needed" : one.state === "draft" ? "draft" : "submitted"}`, "data-state": true }, this.word(one)),
    );
  }

  name(one) {
    return one.title || `${KINDS[one.kind]} without a title`;
  }

  word(one) {
    if (one.state === "draft") return "Not finished";
    if (one.state === "refused") return "Not taken";
    if (one.state === "checking") return "Being checked";
    return this.progress.get(one.id) ?? (isLost() ? "Waits for a signal" : "To be sent");
  }

  acts(one) {
    const more = this.name(one);
    const link = (text, href) => element("a", { href }, text, element("span", { class: "govuk-visually-hidden" }, ` ${more}`));
    const acts = [];
    const begun = one.record && !one.existing;
    if (!begun && one.state !== "checking") acts.push(link(one.state === "ready" ? "Change" : "Go on", `${one.page}#${one.id}`));
    if (begun) acts.push(link("Open the record", one.record.url));
    if (one.state === "refused") {
      acts.push(button("Send again", () => this.again(one), { more }));
      if (one.kind !== "attestation" || one.fields.note) acts.push(button("Copy the text", (event) => this.copy(one, event.target), { more }));
    }
    if (one.state !== "checking") {
      acts.push(...one.parts.filter((part) => !part.live).map((part) => button("Download the recording", () => this.download(one, part), { more: `${part.n} of ${more}` })));
      acts.push(button("Delete", () => this.drop(one), { more }));
    }
    return acts;
  }

  sentRow(one) {
    const words = one.kind === "attestation" ? "It is on record that you have seen it." : null;
    const sign = words ?? element("a", { href: one.url }, "Check and sign it", element("span", { class: "govuk-visually-hidden" }, ` ${this.name(one)}`));
    const line = element("p", { class: "soft" }, `${KINDS[one.kind]} · ${one.learner} · sent ${time(one.at)}`);
    const acts = element("p", { class: "cluster" }, sign, button("Take off this list", () => this.gone(one), { more: this.name(one) }));
    return element(
      "li",
      { class: "row", "data-item": one.id },
      element("div", {}, element("p", {}, element("strong", {}, this.name(one))), line, acts),
      element("span", { class: "tag tag--achieved" }, "Sent"),
    );
  }

  async gone(one) {
    await db.remove(one.id);
    await this.show();
  }

  async again(one) {
    const parts = one.parts.map(({ file, marked, ...kept }) => kept);
    await db.change(one.id, () => ({ state: "ready", reasons: [], parts }));
    await this.show();
    await this.send(true);
  }

  async copy(one, pressed) {
    const { title = "", text = "", note = "", place = "" } = one.fields;
    await navigator.clipboard.writeText([title, place, text, note].filter(Boolean).join("\n\n"));
    pressed.firstChild.textContent = "Copied";
  }

  async download(one, part) {
    const url = URL.createObjectURL(await db.recording(one.id, part));
    const link = element("a", { href: url, download: part.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }

  async drop(one) {
    const sure = await ask({
      title: `Delete “${this.name(one)}” from this phone?`,
      text: one.record && !one.existing ? "The record itself is on the website already. What was not sent, such as a recording, is deleted for good." : "It was not sent, so nobody else has a copy.",
      yes: "Delete it",
      no: "Keep it",
    });
    if (!sure) return;
    await db.remove(one.id);
    await this.show();
    if (!this.root.hidden) this.title.focus();
  }
}
