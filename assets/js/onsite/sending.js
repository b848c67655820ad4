// Sends what is finished, in order, from a page or from the worker. Every step may be repeated: the record is known by
// the item's id, a recording by the item and its number, and a recording that broke off goes on where it stopped.
import { Refusal, Stop, alone, ask, greet, post, reasonsIn } from "../device/hello.js";
import * as db from "./db.js";

const TRIES = 4;

// Sends everything that is ready and belongs to whoever is signed in. One sender at a time on this device. `tell(id,
// words)` hears how far it is. Returns {sent, left, why}: why it stopped, "" if it did not.
export async function sendAll(tell = () => {}) {
  return (await alone("senco-send", () => sendEach(tell))) ?? { sent: 0, why: "busy" };
}

async function sendEach(tell) {
  let sent = 0;
  try {
    const { user, token } = await greet();
    for (const item of await db.itemsOf(user)) {
      if (item.state === "ready" && (await sendOne(item, token, tell))) sent += 1;
      else if (item.state === "checking") await lookAgain(item);
      db.tellOthers();
    }
  } catch (problem) {
    if (!(problem instanceof Stop)) throw problem;
    return { sent, why: problem.why };
  }
  return { sent, why: "" };
}

async function sendOne(item, token, tell) {
  try {
    await (item.kind === "attestation" ? sendForm(item, token, tell) : sendRecord(item, token, tell));
    return true;
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    await db.change(item.id, () => ({ state: "refused", reasons: problem.reasons }));
    return false;
  }
}

function formOf(item) {
  const body = new URLSearchParams({ ...item.fields, id: item.id, kind: item.kind });
  if (item.document) Object.entries(item.document).forEach(([name, value]) => body.set(name, value));
  Object.entries(item.criteria).forEach(([code, chosen]) => {
    body.append("criterion", code);
    body.set(`where-${code}`, chosen.where || "");
  });
  return body;
}

async function sendForm(item, token, tell) {
  tell(item.id, "Sending…");
  const { url } = await post(item.send, formOf(item), token);
  await db.sent(item, url);
}

async function sendRecord(item, token, tell) {
  tell(item.id, "Sending…");
  if (!item.record) {
    item.record = await post(item.send, formOf(item), token);
    await db.change(item.id, () => ({ record: item.record }));
  }
  for (const part of item.parts.filter((one) => !one.file)) {
    part.file = await sendRecording(item, part, token, (percent) => tell(item.id, `Sending the recording: ${percent}%`));
    await db.change(item.id, () => ({ parts: item.parts }));
  }
  let checking = false;
  for (const part of item.parts) {
    if (!part.marked) checking = (await mark(item, part, token)) || checking;
  }
  if (!checking) return db.sent(item, item.record.url);
  return db.change(item.id, () => ({ state: "checking", parts: item.parts }));
}

// Says where in a recording criteria are met; true while the recording is being checked.
async function mark(item, part, token) {
  const body = new URLSearchParams({ file: part.file });
  Object.entries(item.criteria).forEach(([code, { part: n, start, end }]) => {
    if (n === part.n && start !== undefined) body.append("mark", [code, start, end ?? ""].join(" ").trim());
  });
  const state = await post(item.record.marks, body, token);
  part.marked = true;
  return isChecking(state);
}

function isChecking({ state, problem }) {
  if (state === "refused" || state === "gone") throw new Refusal([problem]);
  return state === "checking";
}

// A recording stays on the phone until it has been checked: one that is not taken can still be downloaded from here.
async function lookAgain(item) {
  try {
    for (const part of item.parts) {
      const answer = await ask(`${item.record.marks}?file=${part.file}`);
      if (!answer.ok) return await db.sent(item, item.record.url); // signed or submitted meanwhile: it has arrived
      if (isChecking(await answer.json())) return undefined;
    }
    return await db.sent(item, item.record.url);
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    return db.change(item.id, () => ({ state: "refused", reasons: problem.reasons }));
  }
}

// The tus protocol. Returns the name of the file that it became.
async function sendRecording(item, part, token, progress) {
  const blob = await db.recording(item.id, part);
  if (!blob.size) throw new Refusal(["The recording on this phone is empty. Delete it, or record it again."]);
  const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const about = `filename ${base64(part.name)},key ${base64(`${item.id}-${part.n}`)}`;
    let answer = await ask(item.record.uploads, {
      method: "POST",
      headers: { ...headers, "Upload-Length": String(blob.size), "Upload-Metadata": about },
    });
    if (!answer.ok) throw new Refusal(await reasonsIn(answer));
    const url = new URL(answer.headers.get("Location"), self.location.href).pathname;
    while (answer.ok && !answer.headers.get("Senco-File")) {
      const offset = Number(answer.headers.get("Upload-Offset"));
      progress(Math.floor((offset / blob.size) * 100));
      answer = await ask(url, {
        method: "PATCH",
        body: blob.slice(offset, offset + item.partBytes),
        headers: { ...headers, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
      });
    }
    if (answer.ok) return answer.headers.get("Senco-File");
    if (![404, 409, 410, 423, 460].includes(answer.status)) throw new Refusal(await reasonsIn(answer));
  }
  throw new Stop("server");
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
