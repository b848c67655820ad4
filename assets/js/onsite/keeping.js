// [data-keep]: a page that the phone keeps, so that it opens without a signal. The page, its styles and scripts, and the
// page for when there is no signal: nothing else.
import * as person from "../device/person.js";
import * as db from "./db.js";
import { day, time } from "./parts.js";

const SCOPE = "/assess/";
const OFFLINE = "/assess/on-site/offline/";

export const canKeep = () => Boolean(self.isSecureContext && navigator.serviceWorker && self.caches && self.indexedDB);

export class Keeping {
  constructor(root, owner, learner) {
    Object.assign(this, { root, owner, learner, path: location.pathname });
    this.words = root.querySelector("[data-keep-words]");
    this.button = root.querySelector("[data-keep-button]");
    this.drop = root.querySelector("[data-keep-drop]");
    this.button.addEventListener("click", () => this.keep());
    this.drop.addEventListener("click", () => this.forget());
    root.hidden = false;
    this.ready = canKeep() ? this.show() : this.cannot();
  }

  cannot() {
    this.words.textContent = "This browser cannot keep pages. You need a signal to open this page. What you write on it is kept.";
    this.button.hidden = this.drop.hidden = true;
  }

  async show() {
    const kept = await db.page(this.path);
    this.root.classList.toggle("keep--kept", Boolean(kept));
    this.button.hidden = Boolean(kept);
    this.drop.hidden = !kept;
    if (!kept) return;
    const until = kept.at + Number(this.root.dataset.keep) * db.DAY;
    this.words.textContent = `Kept on this phone ${time(kept.at)}, ${day(kept.at)}. It opens without a signal until ${day(until)}. Opening it with a signal brings it up to date.`;
    if (navigator.onLine) await keepAssets().catch(() => {});
  }

  async keep() {
    this.button.setAttribute("aria-disabled", "true");
    this.words.textContent = "Keeping this page…";
    try {
      await navigator.serviceWorker.register("/sw.js", { scope: SCOPE });
      const page = await fetch(this.path, { credentials: "same-origin", cache: "no-store" });
      if (!page.ok || page.redirected) throw new Error(String(page.status));
      const cache = await caches.open(db.PAGES);
      await cache.put(this.path, page);
      await keepAssets();
      await db.keepPage({ path: this.path, owner: this.owner, learner: this.learner, at: Date.now() });
      await person.claim(this.owner);
      navigator.storage?.persist?.();
      await this.show();
      this.drop.focus();
    } catch {
      this.words.textContent = "It could not be kept. Check your signal and press again.";
    }
    this.button.removeAttribute("aria-disabled");
  }

  async forget() {
    await (await caches.open(db.PAGES)).delete(this.path);
    await db.dropPage(this.path);
    this.words.textContent = "It is not kept any more. What you wrote on it stays until it is sent.";
    await this.show();
    this.button.focus();
  }
}

// What this page is drawn with. The page without a signal is fetched as nobody, so that it names nobody.
async function keepAssets() {
  const named = [...document.querySelectorAll("link[href], script[src], img[src]")].map((one) => one.href || one.src);
  const loaded = performance.getEntriesByType("resource").map((one) => one.name);
  const wanted = [...named, ...loaded].map((url) => new URL(url, location.href)).filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
  const cache = await caches.open(db.ASSETS);
  const missing = [];
  for (const path of new Set(wanted.map((url) => url.pathname))) {
    if (!(await cache.match(path))) missing.push(path);
  }
  await cache.addAll(missing);
  const offline = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
  if (offline.ok) await cache.put(OFFLINE, offline);
}

// Pages that are kept, on the page for when there is no signal.
export async function keptPages() {
  const { user, locked } = await person.owner();
  return (await db.pages()).filter((page) => !locked && page.owner === user && Date.now() - page.at < 3 * db.DAY);
}
