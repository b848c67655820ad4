// [data-keep-unit] on a unit's page: all its pages are kept at once, for a week without a signal: the unit's own page and
// whatever it lists, an authority's own lessons too.
import * as base from "../device/base.js";
import { dropPage, keepPage, keptPages } from "../device/pages.js";
import { canKeepPages } from "./keeping.js";

const user = document.body.dataset.user;
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
const pagesOf = (count) => (count === 1 ? "1 page" : `${count} pages`);

export function startUnits() {
  if (user && canKeepPages()) document.querySelectorAll("[data-keep-unit]").forEach((root) => new Unit(root));
}

class Unit {
  constructor(root) {
    this.root = root;
    const listed = [...document.querySelectorAll("a.course-items__title")].map((link) => new URL(link.href).pathname);
    this.paths = [...new Set([location.pathname, ...listed])];
    this.words = root.querySelector("[data-keep-words]");
    this.bar = root.querySelector("progress");
    this.button = root.querySelector("[data-keep-button]");
    this.drop = root.querySelector("[data-keep-drop]");
    this.button.addEventListener("click", () => this.keep());
    this.drop.addEventListener("click", () => this.forget());
    this.show().then(() => (root.hidden = false)).catch(() => {});
  }

  async rows() {
    return (await keptPages(user)).filter((row) => this.paths.includes(row.path));
  }

  async show() {
    const rows = await this.rows();
    const pinned = rows.filter((row) => row.pinned);
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    const whole = pinned.length === this.paths.length;
    this.button.hidden = whole;
    this.drop.hidden = !pinned.length;
    this.root.classList.toggle("keep--kept", whole);
    if (whole) this.words.textContent = `Kept on this phone: ${pagesOf(rows.length)}, ${size(bytes)}. They open without a signal. Opening one with a signal brings it up to date.`;
    else if (pinned.length) this.words.textContent = `${rows.length} of ${pagesOf(this.paths.length)} are kept on this phone.`;
    else this.words.textContent = `All ${pagesOf(this.paths.length)} of this unit, with pictures and without videos: they open without a signal. What you open is kept anyway.`;
  }

  async keep() {
    if (this.button.ariaDisabled === "true") return;
    this.button.ariaDisabled = "true";
    this.bar.hidden = false;
    this.bar.max = this.paths.length;
    let [bytes, done] = [0, 0];
    try {
      for (const path of this.paths) {
        const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
        if (await keepPage(path, answer, user, { pinned: true })) done += 1;
        bytes += (await base.one("kept", path))?.bytes ?? 0;
        this.bar.value += 1;
        this.words.textContent = `Keeping page ${this.bar.value} of ${this.paths.length}: ${size(bytes)}`;
      }
      navigator.storage?.persist?.();
      await this.show();
      if (done < this.paths.length) this.words.textContent = `${done} of ${pagesOf(this.paths.length)} are kept. The others could not be: try again later.`;
    } catch {
      await this.show();
      this.words.textContent = `The signal was lost after ${pagesOf(done)}. Press again to go on.`;
    }
    this.bar.hidden = true;
    this.bar.value = 0;
    this.button.ariaDisabled = "false";
    if (!this.drop.hidden && this.button.hidden) this.drop.focus();
  }

  async forget() {
    await Promise.all((await this.rows()).map((row) => dropPage(row.path)));
    await this.show();
    this.words.textContent = "Removed from this phone. What you wrote is not touched.";
    this.button.focus();
  }
}
