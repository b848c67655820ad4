// Runs on every page. Signing out wipes what this person's phone keeps, after a question if something was never sent;
// and pages that somebody else kept here go as soon as another person is signed in.
import { store } from "../store.js";
import * as db from "./db.js";
import { ask } from "./parts.js";

export const OWNER = "on-site-owner"; // who last kept something on this device
const SIGN_OUT = 'form[action$="/account/logout/"]';

export function startSignOut() {
  const user = document.body.dataset.user;
  const owner = store.get(OWNER);
  if (user && owner && owner !== user) db.wipe(null).then(() => store.drop(OWNER)).catch(() => {});
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(SIGN_OUT) || !user || form.dataset.wiped || !store.get(`on-site-used:${user}`)) return;
    event.preventDefault();
    signOut(form, user);
  });
}

async function signOut(form, user) {
  try {
    const unsent = (await db.itemsOf(user)).filter(db.isUnsent).length;
    if (unsent && !(await mayDelete(unsent))) return;
    await db.wipe(user);
    store.drop(OWNER);
    store.drop(`on-site-used:${user}`);
  } catch {
    // the browser's store cannot be reached: nobody else can reach it either, and signing out must not hang on it
  }
  form.dataset.wiped = "yes";
  form.requestSubmit();
}

function mayDelete(unsent) {
  const what = unsent === 1 ? "One record was not sent" : `${unsent} records were not sent`;
  return ask({
    title: `${what} from this device`,
    text: `If you sign out now, ${unsent === 1 ? "it is" : "they are"} deleted from here for good, with ${unsent === 1 ? "its" : "their"} recordings. Nobody else has a copy.`,
    yes: "Delete and sign out",
    no: "Stay signed in",
  });
}
