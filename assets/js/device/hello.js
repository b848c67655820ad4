// Before anything is sent: who is signed in, and a fresh anti-forgery token. For pages and workers.
import { HELLO, tried } from "./signal.js";

export const SYNC = "senco-send";

// Why sending stopped, for everything: `why` is offline, signed-out or server.
export class Stop extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

// The server will not take this one; the reasons are sentences.
export class Refusal extends Error {
  constructor(reasons, answer = {}) {
    super("refused");
    Object.assign(this, { reasons, answer });
  }
}

export async function ask(url, options = {}) {
  let answer;
  try {
    answer = await tried(fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "error", ...options }));
  } catch {
    throw new Stop("offline");
  }
  if (answer.status === 401) throw new Stop("signed-out");
  if (answer.status >= 500 || answer.status === 429) throw new Stop("server");
  return answer;
}

// Who is signed in, with a token: {user, token}. Raises Stop.
export async function greet() {
  return (await ask(HELLO)).json();
}

// Sends a form's body in the name of `user`: the server refuses it in anybody else's. Raises Stop or Refusal.
export async function post(url, body, token, { user = "", ...headers } = {}) {
  const named = user ? { "Device-User": user } : {};
  const answer = await ask(url, { method: "POST", body, headers: { "X-CSRFToken": token, ...named, ...headers } });
  if (!answer.ok) throw await refusalOf(answer);
  return answer.json();
}

async function refusalOf(answer) {
  const copy = answer.clone();
  const facts = await copy.json().catch(() => ({}));
  return new Refusal(facts.message ? [facts.message] : await reasonsIn(answer), facts);
}

export async function reasonsIn(answer) {
  const text = await answer.text();
  try {
    const { reasons } = JSON.parse(text);
    if (reasons) return reasons;
  } catch {
    if (text && !text.trimStart().startsWith("<")) return [text];
  }
  return ["The website did not take it. Copy your text and tell your centre."];
}

// One at a time in this browser, in whatever tab or worker; undefined if another is at it.
export function alone(name, work) {
  if (!self.navigator.locks) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

// Where the browser can, a worker sends when there is a signal, even with the page closed.
export async function sendLater() {
  try {
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.sync?.register(SYNC);
  } catch {
    // not allowed here: a page sends when it is open and there is a signal
  }
}
