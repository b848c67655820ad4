// Records sound in the browser: every two seconds of it are written to the phone as they come. A recording has parts:
// one for each time that "Start recording" was pressed (or that the phone died and one went on).
import * as db from "./db.js";
import { clock } from "./parts.js";
import { withLength } from "./webm.js";

const SLICE = 2000;
const BITS = 32000; // a second: an hour of speech is about 14 MB
const TYPES = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
];
const REFUSED = {
  NotAllowedError: "This page may not use the microphone. Allow it in your browser’s settings for this site, then press again.",
  NotFoundError: "This device has no microphone that the browser can use.",
};

export const canRecord = () => Boolean(self.MediaRecorder && navigator.mediaDevices?.getUserMedia);

function typeHere() {
  return TYPES.find(([type]) => MediaRecorder.isTypeSupported(type)) ?? ["", "webm"];
}

// Events: "time" (every quarter of a second), "change" (state or parts), "problem" (detail: words).
export class Recorder extends EventTarget {
  constructor(item) {
    super();
    this.item = item;
    this.state = "idle";
  }

  get live() {
    return this.state !== "idle";
  }

  get seconds() {
    return (this.before + (this.state === "recording" ? performance.now() - this.since : 0)) / 1000;
  }

  async start() {
    if (this.live) return;
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch (problem) {
      this.problem(REFUSED[problem.name] ?? "The microphone could not be used. Is another app using it?");
      return;
    }
    const [type, ending] = typeHere();
    this.media = new MediaRecorder(this.stream, { mimeType: type || undefined, audioBitsPerSecond: BITS });
    this.part = await this.newPart(this.media.mimeType || type, ending);
    this.before = 0;
    this.since = performance.now();
    this.written = 0;
    this.size = 0;
    this.writing = Promise.resolve();
    this.media.addEventListener("dataavailable", (event) => this.came(event.data));
    this.media.addEventListener("stop", () => this.stopped());
    this.media.start(SLICE);
    this.become("recording");
    this.listen();
    this.ticking = setInterval(() => this.dispatchEvent(new Event("time")), 250);
    this.stayAwake();
  }

  async newPart(type, ending) {
    const n = 1 + Math.max(0, ...this.item.parts.map((part) => part.n));
    const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" }).format(new Date());
    const part = { n, type: type.split(";")[0], name: `Recording ${n}, ${day}.${ending}`, seconds: 0, live: true };
    this.item.parts.push(part);
    await this.save();
    return part;
  }

  save() {
    return db.change(this.item.id, () => ({ parts: this.item.parts, touched: true, changed: Date.now() }));
  }

  become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  problem(words) {
    this.dispatchEvent(new CustomEvent("problem", { detail: words }));
  }

  pause() {
    if (this.state !== "recording") return;
    this.media.pause();
    this.before += performance.now() - this.since;
    this.become("paused");
  }

  resume() {
    if (this.state !== "paused") return;
    this.media.resume();
    this.since = performance.now();
    this.become("recording");
  }

  // Ends the part; resolves when its last seconds are on the phone.
  stop() {
    if (!this.live) return Promise.resolve();
    this.ended ??= new Promise((done) => (this.done = done));
    if (this.media.state !== "inactive") this.media.stop();
    return this.ended;
  }

  came(blob) {
    if (!blob.size) return;
    const [n, seconds] = [this.written, this.seconds];
    this.written += 1;
    this.size += blob.size;
    this.writing = this.writing.then(async () => {
      try {
        await db.addChunk({ item: this.item.id, part: this.part.n, n, blob });
        this.part.seconds = seconds;
        await this.save();
      } catch {
        this.problem("This phone has no room left. The recording stops here; what came before is kept.");
        this.stop();
      }
    });
    if (this.size > this.item.limitBytes * 0.97) {
      this.problem("This recording is as long as your centre’s limit for one file. It stops here. Start another one to go on.");
      this.stop();
    }
  }

  async stopped() {
    if (this.state === "recording") this.before += performance.now() - this.since;
    const byItself = !this.ended;
    this.ended ??= new Promise((done) => (this.done = done));
    clearInterval(this.ticking);
    this.stream.getTracks().forEach((track) => track.stop());
    this.sound?.close().catch(() => {});
    this.awake?.release().catch(() => {});
    this.awake = null;
    await this.writing;
    this.part.seconds = this.before / 1000;
    await finish(this.item, this.part);
    await this.save();
    const done = this.done;
    this.ended = null;
    this.become("idle");
    if (byItself) this.problem("Your phone ended the recording, perhaps for a call. What came before is kept.");
    done();
  }

  // How loud it is, from 0 to 100.
  listen() {
    try {
      this.sound = new AudioContext();
      this.meter = this.sound.createAnalyser();
      this.meter.fftSize = 512;
      this.sound.createMediaStreamSource(this.stream).connect(this.meter);
    } catch {
      this.meter = null;
    }
  }

  get level() {
    if (!this.meter || this.state !== "recording") return 0;
    const samples = new Uint8Array(this.meter.fftSize);
    this.meter.getByteTimeDomainData(samples);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0);
    return Math.min(100, Math.round((loudest / 128) * 160));
  }

  // A phone that goes to sleep stops recording.
  async stayAwake() {
    try {
      this.awake = await navigator.wakeLock?.request("screen");
    } catch {
      this.awake = null; // saving power: the person sees the screen go dark
    }
  }
}

// Closes a part: its length goes into the file.
async function finish(item, part) {
  part.live = false;
  const whole = await db.recording(item.id, part);
  part.size = whole.size;
  if (!part.type.includes("webm") || !whole.size) return;
  const fixed = await withLength(whole, part.seconds);
  await db.replacePart(item.id, part.n, fixed);
  part.size = fixed.size;
}

// A part that was being recorded when the page or the phone died: what was written is a recording.
export async function recover(item) {
  const broken = item.parts.filter((part) => part.live);
  for (const part of broken) {
    await finish(item, part);
    part.broken = true;
  }
  item.parts = item.parts.filter((part) => part.size);
  if (broken.length) await db.change(item.id, () => ({ parts: item.parts }));
  return broken.filter((part) => part.size).map((part) => `The recording broke off at ${clock(part.seconds)}. It is kept up to there.`);
}
