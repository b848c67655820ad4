// Runs on every page. Who is signed in here now? Signing out wipes what this browser keeps of them, after a question if
// something was never sent; what somebody before them left is deleted, and they are told.
import { whenOthersChange } from "./base.js";
import { ask, element } from "../onsite/parts.js";
import * as records from "../onsite/db.js";
import * as outbox from "./outbox.js";
import * as person from "./person.js";
import { sendOutbox } from "./posting.js";
import { isLost } from "./signal.js";

const SIGN_OUT = 'form[action$="/account/logout/"]';
const PATIENCE = 4000;
const user = document.body.dataset.user;
const things = (count, one, many) => (count === 1 ? `One ${one}` : `${count} ${many}`);

export function startPerson() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(SIGN_OUT) || !user || form.dataset.wiped || !outbox.isUsed()) return;
    event.preventDefault();
    signOut(form);
  });
  if (!outbox.isUsed() || !outbox.canKeep() || document.body.dataset.keptAt) return Promise.resolve();
  // Another person has signed in, in another tab: this one is not theirs to see.
  if (user) whenOthersChange((about) => about.person && about.person !== user && location.replace("/"));
  return (user ? welcome() : warn()).catch(() => {});
}

async function welcome() {
  await person.arrived(user);
  await outbox.tidy(user);
  const deleted = await person.toldOnce();
  if (deleted) say(`${things(deleted, "text", "texts")} that somebody else had written on this device, and not sent, ${deleted === 1 ? "was" : "were"} deleted from it. You were not shown ${deleted === 1 ? "it" : "them"}.`);
}

// Nobody is signed in. Who is about to sign in reads what that would do.
async function warn() {
  if (document.body.dataset.page === "offline") return;
  const { user: last } = await person.owner();
  await person.lock();
  const waiting = (await outbox.ofOthers("")).filter(outbox.isUnsent).length;
  if (!waiting || location.pathname !== document.body.dataset.login) return;
  const [what, it] = waiting === 1 ? ["is", "it"] : ["are", "them"];
  const whose = last ? "Whoever used this device last wrote" : "Somebody wrote";
  say(`${whose} ${things(waiting, "text", "texts").toLowerCase()} here that ${what} not sent yet. If that was you, sign in: ${what === "is" ? "it is" : "they are"} sent then. If somebody else signs in here, ${what === "is" ? "it is" : "they are"} deleted, and nobody is shown ${it}.`);
}

function say(text) {
  document.getElementById("main-content")?.prepend(element("p", { class: "callout callout--warning device-told", role: "status" }, text));
}

async function signOut(form) {
  try {
    if (!isLost()) await Promise.race([sendAll(), new Promise((done) => setTimeout(done, PATIENCE))]);
    const unsent = (await records.itemsOf(user)).filter(records.isUnsent).length;
    const texts = (await outbox.entriesOf(user)).filter(outbox.isUnsent).length;
    if ((unsent || texts) && !(await mayDelete(unsent, texts))) return;
    form.dataset.wiped = "yes"; // and nothing more is kept or sent of what is on this page
    savers().forEach((saver) => saver.stop());
    await person.leave(user);
  } catch {
    // the browser's store cannot be reached: nobody else can reach it either, and signing out must not hang on it
  }
  form.dataset.wiped = "yes";
  form.requestSubmit();
}

const savers = () => [...document.forms].map((form) => form.autosave).filter(Boolean);

// What stands in this page's own forms is theirs to send.
async function sendAll() {
  await Promise.all(savers().map((saver) => saver.save().then(() => saver.ready)));
  await sendOutbox();
}

function mayDelete(unsent, texts) {
  const parts = [unsent && things(unsent, "record", "records"), texts && things(texts, "text or answer", "texts or answers")].filter(Boolean);
  const several = unsent + texts > 1;
  const what = `${parts.join(" and ")} ${several ? "were" : "was"} not sent`;
  const hint = isLost() ? "Go online to send, or delete. " : "";
  return ask({
    title: `${what} from this device`,
    text: `${hint}If you sign out now, ${several ? "they are" : "it is"} deleted from here for good${unsent ? `, with ${several ? "their" : "its"} recordings` : ""}. Nobody else has a copy.`,
    yes: "Delete and sign out",
    no: "Stay signed in",
  });
}
