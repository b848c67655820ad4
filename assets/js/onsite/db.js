// What an assessor's phone keeps while there is no signal, by the person whose it is (device/base.js).
//   items   what was written: {id, owner, registration, learner, kind, state, title, fields, criteria, parts, record…}
//           states: draft -> ready (finished, to be sent) -> checking (sent, its recording is being checked) -> sent
//           (a line with a link, nothing else) · refused (with reasons; nothing is lost)
//   chunks  seconds of a recording, each written as it comes: a phone that dies loses at most the last ones
//   pages   which on-site pages are kept, whose, and since when
import { DAY, run, tellOthers, whenOthersChange } from "../device/base.js";

export { DAY, tellOthers, whenOthersChange };
export const PAGES = "senco-on-site-pages";
export const ASSETS = "senco-on-site-assets";

const partOf = (item, part) =>
  part === undefined ? IDBKeyRange.bound([item], [item, []]) : IDBKeyRange.bound([item, part], [item, part, []]);

export const item = (id) => run(["items"], "readonly", (items) => items.get(id));
export const keep = (value) => run(["items"], "readwrite", (items) => items.put(value));
export const addChunk = (chunk) => run(["chunks"], "readwrite", (chunks) => chunks.put(chunk));
export const dropPart = (id, part) => run(["chunks"], "readwrite", (chunks) => chunks.delete(partOf(id, part)));
export const pages = () => run(["pages"], "readonly", (all) => all.getAll());
export const page = (path) => run(["pages"], "readonly", (all) => all.get(path));
export const keepPage = (value) => run(["pages"], "readwrite", (all) => all.put(value));
export const dropPage = (path) => run(["pages"], "readwrite", (all) => all.delete(path));

// Changes an item as it is now, so that a form and a sender never write over one another. Nothing if it is gone.
export function change(id, how) {
  return run(["items"], "readwrite", (items) => {
    const request = items.get(id);
    request.onsuccess = () => request.result && items.put({ ...request.result, ...how(request.result) });
  });
}

// Somebody's items, the oldest first.
export async function itemsOf(owner) {
  const all = await run(["items"], "readonly", (items) => items.getAll());
  return all.filter((one) => one.owner === owner).sort((one, other) => one.made - other.made);
}

export async function recording(id, part) {
  const chunks = await run(["chunks"], "readonly", (all) => all.getAll(partOf(id, part.n)));
  return new Blob(chunks.map((chunk) => chunk.blob), { type: part.type });
}

export function replacePart(id, part, blob) {
  return run(["chunks"], "readwrite", (chunks) => {
    chunks.delete(partOf(id, part));
    chunks.put({ item: id, part, n: 0, blob });
  });
}

export function remove(id) {
  return run(["items", "chunks"], "readwrite", (items, chunks) => {
    items.delete(id);
    chunks.delete(partOf(id));
  });
}

// A sent item leaves a line with a link, and nothing of what was written.
export function sent(value, url) {
  return run(["items", "chunks"], "readwrite", (items, chunks) => {
    chunks.delete(partOf(value.id));
    const { id, owner, registration, learner, kind, title, made } = value;
    items.put({ id, owner, registration, learner, kind, title, made, url, state: "sent", at: Date.now() });
  });
}

// Chunks whose item is gone, and lines about what was sent days ago.
export async function tidy() {
  const [items, keys] = [
    await run(["items"], "readonly", (all) => all.getAll()),
    await run(["chunks"], "readonly", (all) => all.getAllKeys()),
  ];
  const known = new Set(items.map((one) => one.id));
  const lost = new Set(keys.map(([id]) => id).filter((id) => !known.has(id)));
  const old = items.filter((one) => one.state === "sent" && Date.now() - one.at > DAY).map((one) => one.id);
  await Promise.all([...lost, ...old].map(remove));
}

export const isUnsent = (one) => ["draft", "ready", "refused"].includes(one.state) && !isEmpty(one);

// Opened and left as it was.
export function isEmpty(one) {
  return one.state === "draft" && !one.touched && !one.parts.length;
}

// Every kept page and, of this person, every record: at sign-out. Without an owner the pages alone, when somebody else
// has signed in here: what was not sent waits, invisible, for whose it is (decision 0014).
export async function wipe(owner) {
  const mine = owner ? await itemsOf(owner) : [];
  await Promise.all(mine.map((one) => remove(one.id)));
  await run(["pages"], "readwrite", (all) => all.clear());
  if (self.caches) await Promise.all([caches.delete(PAGES), caches.delete(ASSETS)]);
}
