// The worker of a trainee's pages (scope /; an assessor's pages have their own, sw.js). With a signal it lets everything
// through and keeps what the server says may be kept of this person's course; without one it opens what is kept.
import { asset } from "./device/assets.js";
import { SYNC } from "./device/hello.js";
import * as pages from "./device/pages.js";
import * as person from "./device/person.js";
import { sendOutbox } from "./device/posting.js";

const PATIENCE = 3500;
const NOT_OURS = /^\/(assess|cms|static|media)\//;
const SIGNS_IN_OR_OUT = /^\/(account|demo)\//;
const PLAIN = { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } };

self.addEventListener("install", (event) => event.waitUntil(pages.keepOffline({ afresh: true }).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), pages.tidyPages()])));
self.addEventListener("sync", (event) => {
  if (event.tag === SYNC) event.waitUntil(sendOutbox().then(({ why }) => (why === "offline" || why === "server" ? Promise.reject(new Error(why)) : why)));
});
// A page was open before this worker was, or has just changed: {look: path}.
self.addEventListener("message", (event) => {
  const path = event.data?.look;
  if (typeof path === "string" && path.startsWith("/") && !NOT_OURS.test(path)) event.waitUntil(look(path).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && !NOT_OURS.test(url.pathname)) event.respondWith(request.method === "GET" ? open(event, url) : send(request, url.pathname));
  else if (request.method !== "GET") return;
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request, url.pathname));
  else if (request.destination === "image" && pages.isPicture(url.pathname)) event.respondWith(pages.picture(request));
});

// The network first; a kept copy when there is none, or when it takes too long.
async function open(event, url) {
  const { user, locked } = await person.owner().catch(() => ({ user: "", locked: true }));
  const kept = async (why) => (user && !locked ? pages.keptPage(url.pathname, user, why).catch(() => undefined) : undefined);
  const network = fetch(event.request).then((answer) => seen(event, answer, url));
  event.waitUntil(network.catch(() => {}));
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  const first = await Promise.race([network.catch(() => "lost"), late]);
  if (first instanceof Response) return first;
  if (first === "lost") return (await kept("offline")) ?? without();
  return (await kept("slow")) ?? network.catch(without);
}

// What the server's answer says: who is signed in, and whether the page may be kept.
async function seen(event, answer, url) {
  const who = answer.headers.get("Device-User");
  if (who === null) return answer;
  const { user } = await person.owner();
  if (!user) return answer;
  if (who === "0") await person.lock();
  else await person.arrived(who);
  if (who === user) event.waitUntil(keep(answer.clone(), url, user).catch(() => {}));
  return answer;
}

async function keep(answer, url, user) {
  if (answer.status === 403 || answer.status === 404) return pages.dropPage(url.pathname);
  if (!url.search && (await pages.keepPage(url.pathname, answer, user))) return pages.tidyPages();
  return undefined;
}

async function look(path) {
  const { user, locked } = await person.owner();
  if (!user || locked) return;
  await pages.keepPage(path, await fetch(path, { credentials: "same-origin", cache: "no-store" }), user);
}

// A form that was sent by its button. Whoever signs in or out may be somebody else from now on.
async function send(request, path) {
  if (SIGNS_IN_OR_OUT.test(path)) await person.lock().catch(() => {});
  return fetch(request).catch(without);
}

async function without() {
  const page = await caches.match(pages.OFFLINE, { ignoreVary: true });
  return page ?? new Response("You are offline. Try again when you have a signal.", PLAIN);
}
