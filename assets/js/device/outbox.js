// What somebody typed or answered that the website does not have yet: kept as it is typed, sent when there is a signal.
// One entry a form, by its owner:
//   {key, owner, form, url, kind, title, page, later, body, fields, words, state, reasons, theirs, submitted, made, changed}
//   kind    text (fields saved as they are typed) · answer (a question answered) · read (a page read to its end)
//   fields  of a text: {name: {value, base, at, send}}; base is the saved text that it was typed over
//   body    [[name, value]]: the whole of an answer; of a text its hidden fields, among them base.<name>
//   later   may be sent from any page; a text without it waits for its own page
//   state   waiting -> gone (sent) · conflict (theirs: {name: {text, base}}) · refused (reasons)
import * as base from "./base.js";
import { store } from "../store.js";

const USED = "device-used"; // something is or was kept in this browser: without it nothing here opens the database
export const isUsed = () => Boolean(store.get(USED));
export const markUsed = () => store.set(USED, true);
export const forgetUsed = () => store.drop(USED);
export const canKeep = () => Boolean(self.indexedDB);

export const keyOf = (owner, form) => `${owner} ${form}`;
export const get = (key) => base.one("outbox", key);
export const find = (owner, form) => get(keyOf(owner, form));
export const remove = (key) => base.drop("outbox", key);
export const change = (key, how) => base.change("outbox", key, how);
export const isQuiet = (entry) => entry.kind === "read";

export async function entriesOf(owner) {
  return (await base.all("outbox")).filter((entry) => entry.owner === owner).sort((one, other) => one.made - other.made);
}

export async function ofOthers(owner) {
  return (await base.all("outbox")).filter((entry) => entry.owner !== owner);
}

// Keeps a field of a form. `about`: what an entry says besides its fields; the form knows best what it is over.
export function keepField(about, name, field) {
  markUsed();
  const now = Date.now();
  const key = keyOf(about.owner, about.form);
  return base.run(["outbox"], "readwrite", (rows) => {
    const request = rows.get(key);
    request.onsuccess = () => {
      const old = request.result ?? { key, kind: "text", fields: {}, made: now };
      const fields = { ...old.fields, [name]: { ...field, at: now } };
      rows.put({ ...old, ...about, state: "waiting", reasons: [], theirs: undefined, submitted: undefined, fields, words: wordsOf(fields), changed: now });
    };
  });
}

// The website has what was sent of these fields: {name: value}. What was typed since stays, over what is saved now.
export function confirmFields(key, sent, bases = {}) {
  return change(key, (entry) => {
    const fields = {};
    Object.entries(entry.fields).forEach(([name, field]) => {
      if (!(name in sent)) fields[name] = field;
      else if (field.value !== sent[name]) fields[name] = { ...field, base: sent[name] };
    });
    if (!Object.keys(fields).length) return null;
    return { fields, words: wordsOf(fields), state: "waiting", reasons: [], theirs: undefined, body: withBases(entry.body, bases) };
  });
}

export const withBases = (body, bases) => body.map(([name, value]) => [name, bases[name] ?? value]);

const wordsOf = (fields) => Object.values(fields).map((field) => field.value).join("\n\n").trim();

// Its form was sent by its own button. It comes back if the form does; otherwise it has arrived, and is nobody's worry.
export const submitted = (key) => change(key, () => ({ submitted: Date.now() }));
export const isUnsent = (entry) => !isQuiet(entry) && !entry.submitted;

export async function tidy(owner) {
  const [visit] = performance.getEntriesByType("navigation");
  const arrived = visit?.responseStatus === 200 && !document.body.dataset.keptAt;
  const open = new Set([...document.querySelectorAll("form[data-autosave]")].map((form) => form.autosave?.key));
  const mine = (await entriesOf(owner)).filter((entry) => entry.submitted && !entry.later && !open.has(entry.key));
  await Promise.all(mine.filter((entry) => arrived || Date.now() - entry.submitted > base.DAY).map((entry) => remove(entry.key)));
}

// Keeps an answer: the last one to a question stands for all before it.
export async function keepAnswer(entry) {
  markUsed();
  const now = Date.now();
  const row = { kind: "answer", state: "waiting", reasons: [], fields: {}, later: true, made: now, ...entry, changed: now };
  await base.put("outbox", { ...row, key: keyOf(entry.owner, entry.form) });
  base.tellOthers({ kept: entry.url });
}

// Somebody has chosen what a text shall be: it is sent over the other.
export async function settle(entry, name, value) {
  await change(entry.key, (now) => {
    const theirs = { ...now.theirs };
    const chosen = theirs[name];
    delete theirs[name];
    const fields = { ...now.fields, [name]: { ...now.fields[name], value, base: chosen?.text ?? now.fields[name].base, at: Date.now() } };
    const left = Object.keys(theirs).length > 0;
    const body = chosen ? withBases(now.body, { [`base.${name}`]: chosen.base }) : now.body;
    return { fields, words: wordsOf(fields), theirs: left ? theirs : undefined, state: left ? "conflict" : "waiting", body, changed: Date.now() };
  });
  base.tellOthers();
}

export const again = (key) => change(key, () => ({ state: "waiting", reasons: [] }));
