// [data-play] in a lesson: an interactive activity in a frame without an origin. Only messages of this very frame are
// heard; what it reports is sent to addresses that this page knows, with this person's token. Decision 0022.
import { isLost, tried } from "../device/signal.js";
import { csrfToken } from "../token.js";

const OURS = "pathway";
const PATIENCE = 20000;
const NEAR = "400px";
const STOPPED = "This activity did not start. Reload the page to try again, or do it another way: the words are below.";
const OFFLINE = "You are offline, and this activity needs a signal. You can do it another way: the words are below.";
const NOT_KEPT = "What you did last could not be kept. Check your signal: it is tried again.";
const RETRIES = [2000, 6000, 15000];
const players = new Set();

// The one listener of the page: a message is its own frame's, or nobody's.
window.addEventListener("message", (event) => {
  if (event.origin !== "null") return;
  for (const player of players) if (player.frame?.contentWindow === event.source) player.hear(event.data);
});
window.addEventListener("resize", () => players.forEach((player) => player.tell("resize", {}, "h5p")));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") players.forEach((player) => player.tell("save"));
});
document.addEventListener("fullscreenchange", () => players.forEach((player) => player.filled()));

export function startActivities(root) {
  const found = [...root.querySelectorAll("[data-play]")];
  if (root.matches?.("[data-play]")) found.push(root);
  found.filter((one) => !one.dataset.isPlayer).forEach((one) => new Player(one));
}

class Player {
  constructor(root) {
    root.dataset.isPlayer = "";
    this.root = root;
    this.block = root.closest("[data-live]") ?? root.parentElement;
    this.stage = root.querySelector("[data-stage]");
    this.words = root.querySelector("[data-words]");
    this.tools = root.querySelector("[data-tools]");
    this.again = root.querySelector("[data-again]");
    this.queue = Promise.resolve();
    this.key = `activity-height ${root.dataset.title} ${Math.round(root.clientWidth / 40)}`;
    this.last = 0;
    this.offset = 0;
    root.querySelector("[data-full]")?.addEventListener("click", () => this.fill());
    this.again?.addEventListener("click", () => this.open(true));
    this.otherWay();
    this.reserve();
    for (const known of players) if (!known.root.isConnected) players.delete(known);
    players.add(this);
    this.whenNear();
  }

  // The room it took last time is kept for it, so that the page does not jump.
  reserve() {
    let height;
    try {
      height = Number(sessionStorage.getItem(this.key));
    } catch {
      return;
    }
    if (height > 0) this.stage.style.minHeight = `${Math.min(height, 4000)}px`;
  }

  whenNear() {
    const near = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      near.disconnect();
      this.open(false);
    }, { rootMargin: NEAR });
    near.observe(this.stage);
  }

  otherWay() {
    const other = this.block.querySelector("[data-other]");
    const button = other?.querySelector("[data-other-show]");
    button?.addEventListener("click", () => this.showOther(!("shown" in other.dataset)));
    this.other = other;
  }

  showOther(on) {
    if (!this.other) return;
    if (on) this.other.dataset.shown = "";
    else delete this.other.dataset.shown;
    this.other.querySelector("[data-other-show]").setAttribute("aria-expanded", String(on));
  }

  async open(again) {
    this.say("Starting …");
    let facts = { src: this.root.dataset.src, states: [] };
    if (this.root.dataset.start) {
      try {
        facts = await this.post(this.root.dataset.start, new URLSearchParams(again ? { again: "1" } : {}));
      } catch (error) {
        return this.fail(error.said || (isLost() ? OFFLINE : STOPPED));
      }
      this.attempt = facts.attempt;
      this.offset = facts.now - Date.now();
    }
    if (!facts.src) return this.fail(STOPPED);
    this.facts = facts;
    this.started = false;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.started || this.fail(isLost() ? OFFLINE : STOPPED), PATIENCE);
    this.put(facts.src);
    return undefined;
  }

  put(src) {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.setAttribute("allow", "fullscreen; autoplay");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.title = this.root.dataset.title;
    frame.className = "play__frame";
    frame.src = src;
    this.frame = frame;
    this.stage.replaceChildren(frame);
  }

  tell(action, data = {}, context = OURS) {
    // A frame without an origin can be told under no other name; nothing of the person is in what it is told.
    this.frame?.contentWindow?.postMessage({ ...data, context, action }, "*");
  }

  hear(data) {
    if (data === null || typeof data !== "object") return;
    if (data.context === "h5p") this.size(data);
    else if (data.context === OURS) this.obey(data);
  }

  // What H5P's core asks of the page around it, as it does everywhere.
  size({ action, scrollHeight, clientHeight }) {
    const height = (value) => (Number.isFinite(value) ? `${Math.min(Math.max(Math.ceil(value), 40), 20000)}px` : "");
    if (action === "hello") this.tell("hello", {}, "h5p");
    else if (action === "prepareResize" && (this.frame.clientHeight !== scrollHeight || scrollHeight !== clientHeight)) {
      this.stage.style.minHeight = `${this.frame.clientHeight}px`; // it may shrink for a moment, and the page must not
      this.frame.style.height = height(clientHeight);
      this.tell("resizePrepared", {}, "h5p");
    } else if (action === "resize") {
      this.frame.style.height = height(scrollHeight);
      this.stage.style.minHeight = "0"; // no longer the room for something that is starting
      try {
        sessionStorage.setItem(this.key, String(Math.round(scrollHeight)));
      } catch {
        // no room is kept next time
      }
    }
  }

  obey({ action, ...data }) {
    if (action === "ready") this.tell("start", { states: this.facts.states });
    else if (action === "started") this.began();
    else if (action === "failed") this.fail(STOPPED, data.why);
    else if (!this.attempt) return;
    else if (action === "state") this.keep(data);
    else if (action === "statement") this.report(data);
  }

  began() {
    this.started = true;
    clearTimeout(this.patience);
    this.tools.hidden = false;
    this.root.querySelector("[data-full]").hidden = !document.fullscreenEnabled;
    if (this.again) this.again.hidden = !this.facts.completed;
    this.say(this.facts.words || "");
  }

  fail(words, why) {
    if (why) console.warn(`An activity did not start: ${String(why).slice(0, 300)}`);
    clearTimeout(this.patience);
    this.tools.hidden = true;
    this.say(words);
    this.root.classList.add("play--stopped");
    this.showOther(true);
  }

  say(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  keep({ type, part, data }) {
    if (typeof data !== "string") return;
    this.last = Math.max(Date.now() + this.offset, this.last + 1);
    this.send("state", { type: String(type), part: String(part), data, saved: this.last });
  }

  report({ statement, parts }) {
    const all = [statement, ...(Array.isArray(parts) ? parts.slice(0, 150) : [])].filter((one) => one && typeof one === "object");
    const statements = all.map((one) => ({ key: crypto.randomUUID(), statement: one }));
    if (statements.length) this.send("statements", { statements });
  }

  // One after the other, and again after a while when there is no signal: the same statement twice is one.
  send(what, body) {
    this.queue = this.queue.then(() => this.deliver(what, JSON.stringify(body))).catch((error) => {
      this.say(error.said || NOT_KEPT);
    });
  }

  async deliver(what, body, tries = 0) {
    const url = `/learn/activities/attempts/${this.attempt}/${what}/?${this.root.dataset.place}`;
    try {
      this.follow(await this.post(url, new URLSearchParams({ message: body })));
    } catch (error) {
      if (error.said || tries >= RETRIES.length) throw error;
      this.say(NOT_KEPT);
      await new Promise((done) => setTimeout(done, RETRIES[tries]));
      await this.deliver(what, body, tries + 1);
    }
  }

  follow(facts) {
    if (facts.completed && this.again) this.again.hidden = false;
    if (facts.words !== undefined) this.say(facts.words);
    else if (this.words.textContent === NOT_KEPT) this.say("");
    if (facts.done) this.markDone();
    const left = document.getElementById("study-left");
    if (facts.left && left) left.outerHTML = facts.left;
  }

  markDone() {
    const kind = this.block.querySelector(".lesson-box__kind");
    if (!kind || kind.querySelector(".quiz__done")) return;
    const done = document.createElement("span");
    done.className = "quiz__done";
    done.textContent = "✓ Done";
    kind.append(" ", done);
  }

  async post(url, body) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" };
    if (document.body.dataset.user) headers["Device-User"] = document.body.dataset.user;
    const small = String(body).length < 60000; // more than that a browser does not send from a page that is closing
    const answer = await tried(fetch(url, { method: "POST", body, headers, credentials: "same-origin", keepalive: small }));
    const facts = await answer.json().catch(() => ({}));
    if (answer.ok) return facts;
    throw Object.assign(new Error(url), { said: answer.status < 500 ? facts.message || STOPPED : "" });
  }

  fill() {
    this.stage.requestFullscreen?.().catch(() => {});
  }

  filled() {
    const on = document.fullscreenElement === this.stage;
    this.stage.classList.toggle("play__stage--full", on);
    this.tell("full", { on });
  }
}
