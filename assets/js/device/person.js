// Whose all this is: what a browser keeps belongs to one person (decision 0016). For pages and workers.
//   facts "owner": {user, locked}. Locked when their session was seen to have ended: nothing kept is shown until they
//   sign in again.
import * as base from "./base.js";
import { wipe as wipeRecords } from "../onsite/db.js";
import * as outbox from "./outbox.js";
import { wipePages } from "./pages.js";

export async function owner() {
  return (await base.one("facts", "owner")) ?? { user: "", locked: false };
}

// From now on this browser keeps things for this person, and for nobody else. Says whether that is new: what they
// opened before was not kept.
export async function claim(user) {
  await arrived(user);
  const now = await owner();
  const isNew = now.user !== user || now.locked;
  if (isNew) await base.put("facts", { name: "owner", user, locked: false });
  outbox.markUsed();
  return isNew;
}

// Nobody is signed in, or may not be: nothing is shown until somebody is.
export const lock = () => base.change("facts", "owner", () => ({ locked: true }));

// Somebody is signed in here. Of anybody before them pages and texts are deleted; how many texts those were is told once.
export async function arrived(user) {
  const before = await owner();
  if (before.user === user) return before.locked ? base.change("facts", "owner", () => ({ locked: false })) : undefined;
  const others = await outbox.ofOthers(user);
  await Promise.all(others.map((entry) => outbox.remove(entry.key)));
  const lost = others.filter(outbox.isUnsent).length;
  if (lost) await base.put("facts", { name: "deleted", texts: lost });
  if (!before.user) return undefined;
  await lock(); // first, so that a page which is just being kept for them is kept no more
  await Promise.all([wipePages(), wipeRecords(null)]);
  await base.drop("facts", "owner");
  base.tellOthers({ person: user });
  return undefined;
}

// How many texts of somebody before were deleted; told once.
export async function toldOnce() {
  const row = await base.one("facts", "deleted");
  if (row) await base.drop("facts", "deleted");
  return row?.texts ?? 0;
}

// Everything of this person's, in this browser: at sign-out.
export async function leave(user) {
  const mine = await outbox.entriesOf(user);
  await Promise.all(mine.map((entry) => outbox.remove(entry.key)));
  await lock(); // as above
  await Promise.all([wipePages(), wipeRecords(user)]);
  await base.drop("facts", "owner");
  outbox.forgetUsed();
  base.tellOthers();
}
