// The page beside a trainee, the list of what waits among the trainees, and the page for when there is no signal.
import { greet, sendLater } from "./device/hello.js";
import * as person from "./device/person.js";
import { isLost, whenSignalChanges } from "./device/signal.js";
import * as db from "./onsite/db.js";
import { Keeping, keptPages } from "./onsite/keeping.js";
import { Panel } from "./onsite/panel.js";
import { element } from "./onsite/parts.js";
import { Waiting } from "./onsite/waiting.js";

const owner = document.body.dataset.user;

class OnSite {
  constructor(root) {
    this.root = root;
    this.about = root.dataset;
    this.home = root.querySelector("[data-home]");
    this.panelRoot = root.querySelector("[data-panel]");
    this.signal = root.querySelector("[data-signal]");
    this.waiting = new Waiting(root.querySelector("[data-waiting]"), owner, { registration: this.about.registration });
    this.keeping = new Keeping(root.querySelector("[data-keep]"), owner, this.about.learner);
    root.querySelectorAll("[data-new]").forEach((link) => link.addEventListener("click", (event) => this.begin(event, link)));
    window.addEventListener("hashchange", () => this.turn());
    whenSignalChanges(() => this.look());
    this.turn();
    this.look();
  }

  // Is there a signal, and is it still this person who is signed in?
  async look() {
    const { user } = await greet().catch(() => ({}));
    if (user && user !== owner) return location.replace("/assess/learners/");
    this.signal.hidden = !isLost();
    return undefined;
  }

  // A new item, or the one that was begun for the same document or record.
  async begin(event, link) {
    event.preventDefault();
    const { new: kind, document: name, number, title, about, record, place } = link.dataset;
    const items = (await db.itemsOf(owner)).filter(db.isUnsent);
    const same = items.find((one) => (name && one.document?.document === name) || (record && one.existing && one.record.url === link.dataset.url));
    const fresh = {
      id: crypto.randomUUID(), owner, kind, state: "draft", made: Date.now(), criteria: {}, parts: [], reasons: [],
      fields: place ? { place } : {}, title: title ?? "", about, registration: this.about.registration, learner: this.about.learner,
      send: this.about.send, page: location.pathname, limitBytes: Number(this.about.limitBytes), partBytes: Number(this.about.partBytes),
    };
    if (name) fresh.document = { document: name, number };
    if (record) Object.assign(fresh, { existing: true, record: { url: link.dataset.url, uploads: link.dataset.uploads, marks: link.dataset.marks } });
    await person.claim(owner);
    if (!same) await db.keep(fresh);
    location.hash = (same ?? fresh).id;
  }

  // The address says what is open: the phone's own Back button goes back to the page.
  async turn() {
    await this.panel?.close();
    const left = this.panel;
    this.panel = null;
    const item = location.hash && (await db.item(location.hash.slice(1)));
    if (item && item.owner === owner && ["draft", "ready", "refused"].includes(item.state) && (item.existing || !item.record)) {
      if (item.state === "ready") await db.change(item.id, () => ({ state: "draft" }));
      this.home.hidden = true;
      this.panel = new Panel(this.panelRoot, item, (finished) => this.leave(finished));
      window.scrollTo(0, 0);
      return;
    }
    this.home.hidden = false;
    if (left) {
      await this.waiting.show();
      this.root.querySelector("h1").focus();
    }
  }

  async leave(finished) {
    history.replaceState(null, "", location.pathname);
    await this.turn();
    if (!finished) return;
    await this.waiting.send(true);
    if (this.waiting.items.some((one) => one.state === "ready")) await sendLater();
  }
}

async function showKept(root) {
  const pages = await keptPages();
  root.querySelector("[data-kept-none]").hidden = pages.length > 0;
  root.querySelector("[data-kept-list]").replaceChildren(
    ...pages.map((page) => element("li", { class: "row" }, element("a", { href: page.path }, `On site with ${page.learner}`))),
  );
}

async function start() {
  const [site, kept, list] = ["[data-on-site]", "[data-kept-pages]", "[data-waiting]"].map((one) => document.querySelector(one));
  if (kept) await showKept(kept);
  if (!owner || !self.indexedDB) return;
  await db.tidy();
  if (site) new OnSite(site);
  else if (list) new Waiting(list, owner);
}

start().catch((problem) => {
  // Without the browser's store (a private window of an old browser) the plain forms of the page do all of this.
  document.documentElement.classList.add("no-store");
  console.warn(problem);
});
