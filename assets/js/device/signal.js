// Whether there is a signal. A browser says so in any network, also in one that leads nowhere (the wifi of a nursery, of
// a train), so what was last tried counts too. After a loss an open page looks again by itself. For pages and workers.
export const HELLO = "/device/hello/";
const SOON = 4000;
const SLOWER = 1000; // each look a little later than the one before
const LONGEST = 30000;
const PATIENCE = 3500;

const page = self.document;
const listeners = new Set();
// A page that was kept was opened because the website did not answer.
let lost = Boolean(page?.body?.dataset.keptAt);
let looks = 0;
let timer;

export const isLost = () => lost || navigator.onLine === false;

// `callback(lost)` at every change, and whenever the browser says that it is in a network again.
export const whenSignalChanges = (callback) => listeners.add(callback);

const tell = () => listeners.forEach((callback) => callback(isLost()));

// Passes on what comes of a request, and hears whether it was answered.
export async function tried(request) {
  try {
    const answer = await request;
    heard();
    return answer;
  } catch (problem) {
    missed();
    throw problem;
  }
}

// The website was asked and did not answer.
export function missed() {
  if (!lost) {
    lost = true;
    looks = 0;
    tell();
  }
  lookLater();
}

// The website was asked and answered, whatever it said.
function heard() {
  clearTimeout(timer);
  if (!lost) return;
  lost = false;
  tell();
}

async function look() {
  try {
    await tried(fetch(HELLO, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }));
  } catch {
    // missed: it is looked at later
  }
}

function lookLater() {
  clearTimeout(timer);
  if (!page) return;
  looks += 1;
  timer = setTimeout(() => page.visibilityState === "visible" && look(), Math.min(LONGEST, SOON + SLOWER * looks));
}

if (page) {
  window.addEventListener("online", () => {
    lost = false;
    tell();
  });
  window.addEventListener("offline", tell);
  page.addEventListener("visibilitychange", () => page.visibilityState === "visible" && lost && look());
  if (lost) lookLater();
}
