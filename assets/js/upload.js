// Sends large files in parts that survive a lost connection, a closed tab and a restarted server (tus).
// The server knows a file again by a key made from its name, size, date and ends: beginning it again goes on with it.
import { Upload } from "tus-js-client";
import { csrfToken } from "./token.js";

const RETRY = [0, 1000, 3000, 5000, 10000, 20000];
const AGAIN = 30000; // after the last of these
const ENDS = 256 * 1024;
const SAMPLE = 10000; // milliseconds over which speed is measured
const SIGNED_OUT = "You have been signed out. Sign in again in another tab, then press “Go on”: it goes on where it stopped.";

// The cookie's token is the newest one: it changes when the person signs in again in another tab.
function token() {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? csrfToken();
}

async function keyOf(file) {
  const facts = `${file.name}|${file.size}|${file.lastModified}`;
  if (!crypto.subtle) return facts;
  const ends = new Blob([facts, file.slice(0, ENDS), file.slice(Math.max(ENDS, file.size - ENDS))]);
  const digest = await crypto.subtle.digest("SHA-256", await ends.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function megabytes(bytes) {
  const size = bytes / 1048576;
  return size >= 10 ? Math.round(size).toString() : Math.max(0.1, size).toFixed(1);
}

function timeLeft(seconds) {
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} minute${minutes === 1 ? "" : "s"} left`;
  const hours = Math.round(minutes / 60);
  return `about ${hours} hour${hours === 1 ? "" : "s"} left`;
}

class Sending {
  constructor(queue, file) {
    this.queue = queue;
    this.file = file;
    this.state = "waiting";
    this.told = 0;
    this.samples = [];
    this.row = queue.template.content.firstElementChild.cloneNode(true);
    this.bar = this.row.querySelector("progress");
    this.pauseButton = this.row.querySelector("[data-act=pause]");
    this.row.querySelector("[data-name]").textContent = file.name;
    this.bar.setAttribute("aria-label", `How much of ${file.name} has arrived`);
    this.row.querySelectorAll("button").forEach((button) => {
      const name = document.createElement("span");
      name.className = "govuk-visually-hidden";
      name.textContent = ` ${file.name}`;
      button.dataset.word = button.textContent;
      button.append(name);
    });
    this.pauseButton.addEventListener("click", () => (this.state === "sending" ? this.pause() : this.goOn()));
    this.row.querySelector("[data-act=cancel]").addEventListener("click", () => this.cancel());
    this.pauseButton.hidden = true;
    this.say("Waits for its turn.");
  }

  say(text, bad = false) {
    this.row.querySelector("[data-text]").textContent = text;
    this.row.classList.toggle("upload-row--bad", bad);
  }

  become(state) {
    this.state = state;
    this.pauseButton.hidden = !["sending", "paused", "stopped"].includes(state);
    this.pauseButton.firstChild.textContent = state === "sending" ? "Pause" : "Go on";
    this.queue.changed();
  }

  // Says where this file's upload is: a new one, or the one that stopped.
  async begin() {
    this.become("sending");
    this.say("Beginning…");
    this.key ??= await keyOf(this.file);
    let answer;
    try {
      answer = await fetch(this.queue.address, {
        method: "POST",
        credentials: "same-origin",
        headers: {
          "Tus-Resumable": "1.0.0",
          "Upload-Length": String(this.file.size),
          "Upload-Metadata": `filename ${base64(this.file.name)},key ${base64(this.key)}`,
          "X-CSRFToken": token(),
        },
      });
    } catch {
      return this.lostConnection(() => this.begin());
    }
    if (this.state !== "sending") return undefined;
    if (answer.status >= 500) return this.lostConnection(() => this.begin());
    if (!answer.ok) return this.refused(answer.status, await answer.text());
    this.queue.found(this.file);
    const came = Number(answer.headers.get("Upload-Offset"));
    this.queue.tell(came ? `${this.file.name} goes on at ${Math.floor((came / this.file.size) * 100)}%.` : `Sending ${this.file.name}.`);
    this.upload = new Upload(this.file, {
      uploadUrl: new URL(answer.headers.get("Location"), location.href).pathname,
      chunkSize: this.queue.partBytes,
      retryDelays: RETRY,
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", token()),
      onShouldRetry: (error) => this.mayRetry(error.originalResponse?.getStatus() ?? 0),
      onProgress: (sent) => this.progress(sent),
      onSuccess: () => this.arrived(),
      onError: (error) => this.failed(error),
    });
    this.upload.start();
    return undefined;
  }

  mayRetry(status) {
    if (status) return status >= 500 || [400, 409, 423, 460].includes(status);
    this.say("No connection. It goes on by itself when there is one again.");
    return true;
  }

  failed(error) {
    const answer = error.originalResponse;
    const status = answer?.getStatus() ?? 0;
    if (status === 404 || status === 410) this.begin(); // it was ended elsewhere, or waited too long: once more
    else if (this.mayRetry(status)) this.lostConnection(() => this.upload.start());
    else this.refused(status, answer.getBody());
  }

  lostConnection(again) {
    this.say("No connection. It goes on by itself when there is one again.");
    this.queue.tell(`${this.file.name}: no connection.`);
    const retry = () => {
      clearTimeout(this.timer);
      window.removeEventListener("online", retry);
      if (this.state === "sending") again();
    };
    this.timer = setTimeout(retry, AGAIN);
    window.addEventListener("online", retry);
  }

  refused(status, words) {
    const signedOut = status === 401 || (status === 403 && words.trimStart().startsWith("<"));
    const why = signedOut ? SIGNED_OUT : words && !words.trimStart().startsWith("<") ? words : "It could not be sent. Try again later.";
    this.say(why, true);
    this.become(signedOut ? "stopped" : "failed");
    this.queue.tell(`${this.file.name}: ${why}`);
  }

  progress(sent) {
    const now = Date.now();
    this.samples = [...this.samples.filter(([when]) => now - when < SAMPLE), [now, sent]];
    const part = Math.floor((sent / this.file.size) * 100);
    this.bar.value = part;
    if (this.shown && now - this.shown < 500 && part < 100) return;
    this.shown = now;
    const [first, before] = this.samples[0];
    const speed = now - first > 1500 && sent > before ? (sent - before) / ((now - first) / 1000) : 0;
    const left = speed ? `, ${timeLeft((this.file.size - sent) / speed)}` : "";
    this.say(`${megabytes(sent)} of ${megabytes(this.file.size)} MB${left}`);
    const quarter = Math.floor(part / 25) * 25;
    if (quarter > this.told && part < 100) this.queue.tell(`${this.file.name}: ${quarter}%.`);
    this.told = Math.max(this.told, quarter);
  }

  pause() {
    this.upload?.abort();
    this.become("paused");
    this.say(`Paused at ${Math.floor(this.bar.value)}%.`);
    this.queue.tell(`${this.file.name} is paused.`);
  }

  goOn() {
    this.samples = [];
    this.begin();
  }

  async cancel() {
    clearTimeout(this.timer);
    const focused = this.row.contains(document.activeElement);
    this.become("cancelled");
    if (this.upload) await this.upload.abort(true).catch(() => {}); // else it expires by itself
    this.queue.tell(`${this.file.name} is cancelled.`);
    this.queue.remove(this, focused);
  }

  arrived() {
    const focused = this.row.contains(document.activeElement);
    this.become("arrived");
    this.queue.tell(`${this.file.name} has arrived. It is being checked now.`);
    this.queue.remove(this, focused);
    document.body.dispatchEvent(new CustomEvent("file-added"));
  }
}

class Queue {
  constructor(root) {
    this.address = root.dataset.uploads;
    this.partBytes = Number(root.dataset.partBytes);
    this.limitBytes = Number(root.dataset.limitBytes);
    this.limit = root.dataset.limit;
    this.room = Number(root.dataset.room);
    this.template = root.querySelector("template");
    this.list = root.querySelector("[data-upload-rows]");
    this.said = root.querySelector("[data-uploads-said]");
    this.sendings = [];
    this.input = document.getElementById(root.dataset.input);
    if (!this.input) return;
    // The form's own limits are for browsers without this script.
    delete this.input.dataset.maxBytes;
    delete this.input.dataset.maxFiles;
    this.form = this.input.form;
    this.hold = root.querySelector("[data-uploads-hold]");
    this.form?.querySelectorAll("[name=then][value=add]").forEach((button) => (button.hidden = true));
    this.form?.addEventListener("submit", (event) => this.submitted(event));
    this.input.addEventListener("change", () => this.take());
    window.addEventListener("beforeunload", (event) => {
      if (this.isBusy() && !this.held) event.preventDefault();
    });
  }

  isBusy() {
    return this.sendings.some((one) => ["sending", "waiting"].includes(one.state));
  }

  // Pressed while a file is on its way, a button waits for it; pressed again, it does not.
  submitted(event) {
    if (!this.isBusy() || this.held) return;
    event.preventDefault();
    this.held = event.submitter ?? true;
    this.hold.hidden = false;
    this.tell(this.hold.textContent);
  }

  goOn() {
    const button = this.held;
    if (!button || this.isBusy()) return;
    this.held = null;
    this.hold.hidden = true;
    if (this.sendings.some((one) => one.state !== "arrived")) return; // paused or failed: the person decides
    this.form.requestSubmit(button === true ? undefined : button);
  }

  take() {
    const files = [...this.input.files];
    this.input.value = ""; // they are sent from here, not with the form
    files.forEach((file) => {
      const sending = new Sending(this, file);
      this.sendings.push(sending);
      this.list.append(sending.row);
      if (file.size > this.limitBytes) sending.refused(413, `“${file.name}” is ${megabytes(file.size)} MB. Your centre’s limit for one file is ${this.limit}.`);
    });
    this.changed();
  }

  // One at a time: the next begins when nothing is being sent.
  changed() {
    this.list.hidden = !this.sendings.length;
    if (this.sendings.some((one) => one.state === "sending")) return;
    const next = this.sendings.find((one) => one.state === "waiting");
    if (next) next.begin();
    else this.goOn();
  }

  remove(sending, focused) {
    sending.row.remove();
    this.sendings = this.sendings.filter((one) => one !== sending);
    if (focused) this.input.focus();
    this.changed();
  }

  // A file of the list "Not finished" goes on: it leaves that list.
  found(file) {
    const rows = [...document.querySelectorAll("[data-waiting-name]")];
    rows.find((row) => row.dataset.waitingName === file.name && Number(row.dataset.waitingLength) === file.size)?.remove();
    document.querySelectorAll("[data-waiting]").forEach((section) => (section.hidden = !section.querySelector("li")));
  }

  tell(text) {
    this.said.textContent = text;
  }
}

document.querySelectorAll("[data-uploads]").forEach((root) => new Queue(root));
