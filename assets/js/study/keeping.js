// A trainee's pages open again without a signal: the worker (study-sw.js) keeps what they open.
import * as person from "../device/person.js";
import { one, whenOthersChange } from "../device/base.js";

const user = document.body.dataset.user;
const HOME = "/learn/";
const LATER = 3000;
let timer;

export const canKeepPages = () => Boolean(self.isSecureContext && navigator.serviceWorker && self.caches && self.indexedDB);

export async function startKeeping() {
  const learns = document.querySelector("[data-progress-url], [data-outbox], [data-keep-unit], [data-send-later]");
  if (!user || !learns || !canKeepPages()) return;
  let isNew = false;
  try {
    if (!document.body.dataset.keptAt) isNew = await person.claim(user);
    await navigator.serviceWorker.register("/study-sw.js", { scope: "/" });
  } catch {
    return; // a private window, or a full one: everything works with a signal
  }
  // This page came before the worker was there, or before it knew whose pages to keep; or it was left too soon for that.
  const before = isNew || !performance.getEntriesByType("navigation")[0]?.workerStart;
  if (before || !(await one("kept", HOME).catch(() => null))) [location.pathname, HOME].forEach((path) => look(path));
  // What was just saved belongs in the copy too.
  document.addEventListener("autosaved", later);
  document.addEventListener("htmx:afterSwap", later);
  whenOthersChange(({ sent }) => sent && later());
  document.addEventListener("visibilitychange", () => timer && document.visibilityState === "hidden" && look());
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => look(), LATER);
}

async function look(path = location.pathname) {
  clearTimeout(timer);
  timer = undefined;
  if (navigator.onLine && !location.search) (await navigator.serviceWorker.ready).active.postMessage({ look: path });
}
