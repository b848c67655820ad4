// The worker of the assessor's pages (scope /assess/). Without a signal it opens the on-site pages that were kept, with
// their styles and scripts, and nothing else. It never keeps an answer by itself but a fresh copy of a kept page.
import * as db from "./onsite/db.js";
import { asset } from "./device/assets.js";
import { SYNC } from "./device/hello.js";
import { sendAll } from "./onsite/sending.js";

const ON_SITE = /^\/assess\/learners\/[0-9a-f-]{36}\/on-site\/$/;
const KEPT_FOR = 3 * db.DAY;
const PATIENCE = 4000;
const PLAIN = { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("sync", (event) => {
  if (event.tag === SYNC) event.waitUntil(sendAll().then(({ why }) => (why === "offline" || why === "server" ? Promise.reject(new Error(why)) : why)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(open(request, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request, url.pathname));
});

async function open(request, path) {
  const kept = ON_SITE.test(path) && (await keptPage(path));
  const network = fetch(request).then((answer) => refreshed(answer, path, kept));
  if (!kept) return network.catch(() => without());
  const late = new Promise((done) => setTimeout(() => done(kept), PATIENCE));
  return Promise.race([network, late]).catch(() => kept);
}

// The kept copy, if it is not too old.
async function keptPage(path) {
  const about = await db.page(path).catch(() => null);
  if (!about) return undefined;
  if (Date.now() - about.at < KEPT_FOR) return (await caches.open(db.PAGES)).match(path, { ignoreVary: true });
  await Promise.all([db.dropPage(path), (await caches.open(db.PAGES)).delete(path)]);
  return undefined;
}

// A page that was opened with a signal is kept afresh; one that is not the assessor's any more is kept no longer.
async function refreshed(answer, path, kept) {
  if (!kept) return answer;
  const cache = await caches.open(db.PAGES);
  if (answer.ok && !answer.redirected && answer.type === "basic") {
    await cache.put(path, answer.clone());
    await db.keepPage({ ...(await db.page(path)), at: Date.now() });
  } else if (answer.status === 403 || answer.status === 404) {
    await Promise.all([db.dropPage(path), cache.delete(path)]);
  }
  return answer;
}

async function without() {
  const page = await caches.match(self.OFFLINE, { ignoreVary: true });
  return page ?? new Response("You have no signal. Try again when you have one.", PLAIN);
}
