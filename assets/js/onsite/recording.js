// The recorder on the page: its buttons, its meter, and the parts to listen to.
import * as db from "./db.js";
import { ask, button, clock, element } from "./parts.js";
import { Recorder, canRecord, recover } from "./recorder.js";

export class Recording {
  // `changed()`: the parts or the time to mark at have changed; `forgot(n)`: part n is gone.
  constructor(root, item, { changed, forgot }) {
    Object.assign(this, { root, item, changed, forgot });
    this.recorder = new Recorder(item);
    this.urls = [];
    this.heard = null;
    ["agreed", "start", "stop", "pause", "live", "word", "clock", "level", "list", "said", "consent", "unable"].forEach(
      (name) => (this[name] = root.querySelector(`[data-rec-${name}]`)),
    );
    this.unable.hidden = canRecord();
    this.consent.hidden = this.start.hidden = !canRecord();
    this.start.addEventListener("click", () => this.begin());
    this.stop.addEventListener("click", () => this.recorder.stop());
    this.pause.addEventListener("click", () => (this.recorder.state === "recording" ? this.recorder.pause() : this.recorder.resume()));
    this.recorder.addEventListener("time", () => this.tick());
    this.recorder.addEventListener("change", () => this.show());
    this.recorder.addEventListener("problem", (event) => this.say(event.detail));
    this.leaving = (event) => this.recorder.live && event.preventDefault();
    window.addEventListener("beforeunload", this.leaving);
    recover(item).then((said) => {
      if (said.length) this.say(said.join(" "));
      this.show();
    });
  }

  say(words) {
    this.said.textContent = words;
  }

  async begin() {
    if (!this.agreed.checked) {
      this.say("First say that you are recording, and tick that everybody agrees.");
      this.agreed.focus();
      return;
    }
    this.say("");
    this.root.closest("form").querySelector("details").open = false; // what is chosen stands below, to be marked
    this.root.querySelectorAll("audio").forEach((player) => player.pause());
    await this.recorder.start();
  }

  // Where one is in the recording: what is being recorded, or what was listened to last.
  position() {
    if (this.recorder.live) return { part: this.recorder.part.n, seconds: this.recorder.seconds };
    return this.heard && { part: this.heard.part, seconds: this.heard.player.currentTime };
  }

  tick() {
    this.clock.textContent = clock(this.recorder.seconds);
    this.level.value = this.recorder.level;
  }

  show() {
    const { state, live } = this.recorder;
    const focused = [this.start, this.stop, this.pause].includes(document.activeElement);
    this.live.hidden = !live;
    this.start.hidden = live || !canRecord();
    this.consent.hidden = this.start.hidden || this.item.parts.length > 0;
    this.agreed.checked ||= this.item.parts.length > 0;
    this.live.classList.toggle("recorder__live--paused", state === "paused");
    this.word.textContent = state === "paused" ? "Paused" : "Recording";
    this.pause.textContent = state === "paused" ? "Go on recording" : "Pause";
    this.start.textContent = this.item.parts.length ? "Record another part" : "Start recording";
    if (live) this.tick();
    this.players();
    if (focused) (live ? (document.activeElement === this.pause ? this.pause : this.stop) : this.start).focus();
    this.changed();
  }

  // The parts that are done, each to listen to, download or delete.
  players() {
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = [];
    this.heard = null;
    const done = this.item.parts.filter((part) => !part.live);
    this.list.hidden = !done.length;
    this.list.replaceChildren(...done.map((part) => this.player(part)));
  }

  player(part) {
    const name = this.item.parts.length > 1 ? `Recording ${part.n}` : "Recording";
    const player = element("audio", { controls: true, preload: "metadata", "aria-label": `${name}, ${clock(part.seconds)}` });
    const use = () => {
      if (this.recorder.live) return;
      this.heard = { part: part.n, player };
      this.changed();
    };
    ["play", "seeked"].forEach((event) => player.addEventListener(event, use));
    db.recording(this.item.id, part).then((blob) => {
      const url = URL.createObjectURL(blob);
      this.urls.push(url);
      player.src = url;
    });
    const about = element("p", {}, element("strong", {}, name), ` ${clock(part.seconds)}`, part.broken ? ", broken off" : "");
    return element("li", {}, about, player, button("Delete and record again", () => this.drop(part, name), { more: name }));
  }

  async drop(part, name) {
    const sure = await ask({
      title: `Delete ${name.toLowerCase()}?`,
      text: `It is ${clock(part.seconds)} long, and nobody has a copy. The times that you marked in it go too.`,
      yes: "Delete it",
      no: "Keep it",
    });
    if (!sure) return;
    this.item.parts = this.item.parts.filter((one) => one !== part);
    await db.dropPart(this.item.id, part.n);
    await db.change(this.item.id, () => ({ parts: this.item.parts }));
    this.forgot(part.n);
    this.show();
    this.start.focus();
  }

  async close() {
    await this.recorder.stop();
    window.removeEventListener("beforeunload", this.leaving);
    this.urls.forEach((url) => URL.revokeObjectURL(url));
  }
}
