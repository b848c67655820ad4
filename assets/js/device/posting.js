// Sends the outbox, in order, from a page or from the worker. Everything in it may be sent twice without harm: a text
// names what it was typed over, an answer is the same answer.
import { tellOthers } from "./base.js";
import { Refusal, Stop, alone, greet, post } from "./hello.js";
import * as outbox from "./outbox.js";

// Late: an answer that was changed elsewhere since is not overwritten.
const LATE = { Accept: "application/json", "X-Requested-With": "fetch", "Device-Late": "yes" };
export const formLock = (key) => `senco-form ${key}`;

// Sends what waits and belongs to whoever is signed in; what belongs to a form on an open page is left to that page.
// Returns {sent: [url], why, user}: why it stopped, "" if it did not.
export async function sendOutbox() {
  return (await alone("senco-outbox", sendEach)) ?? { sent: [], why: "busy" };
}

async function sendEach() {
  const sent = [];
  try {
    const { user, token } = await greet();
    const waiting = (await outbox.entriesOf(user)).filter((entry) => entry.state === "waiting" && entry.later);
    for (const entry of waiting) {
      if (await alone(formLock(entry.key), () => sendOne(entry.key, token))) sent.push(entry.url);
    }
    return { sent, why: "", user };
  } catch (problem) {
    if (!(problem instanceof Stop)) throw problem;
    return { sent, why: problem.why };
  } finally {
    if (sent.length) tellOthers({ sent });
  }
}

// The entry is read again under its lock: a page may have sent it meanwhile.
async function sendOne(key, token) {
  const entry = await outbox.get(key);
  if (!entry || entry.state !== "waiting") return false;
  const values = valuesOf(entry);
  if (entry.kind === "text" && !Object.keys(values).length) return false;
  try {
    const answer = await post(entry.url, bodyOf(entry, values), token, { user: entry.owner, ...LATE });
    if (entry.kind === "text") await outbox.confirmFields(key, values, answer.bases);
    else await outbox.change(key, (now) => (now.changed === entry.changed ? null : {}));
    return true;
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    const theirs = problem.answer.conflicts;
    await outbox.change(key, () => ({ state: theirs ? "conflict" : "refused", theirs, reasons: problem.reasons }));
    tellOthers();
    return false;
  }
}

function valuesOf(entry) {
  const sent = Object.entries(entry.fields).filter(([, field]) => field.send !== false);
  return Object.fromEntries(sent.map(([name, field]) => [name, field.value]));
}

function bodyOf(entry, values) {
  const body = new URLSearchParams(entry.body);
  Object.entries(values).forEach(([name, value]) => body.set(name, value));
  return body;
}
