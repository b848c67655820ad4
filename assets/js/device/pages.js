// The pages of a course that this browser keeps for one person: what they opened, and units that they asked to keep. The
// server says which pages may be kept (Device-Keep) and whose they are (Device-User); nothing else is ever kept.
import * as base from "./base.js";
import { keepAssetsOf, tidyAssets } from "./assets.js";
import { isLost } from "./signal.js";

const PAGES = "senco-study-pages";
const PICTURES = "senco-study-pictures";
export const ASSETS = "senco-study-assets";
export const OFFLINE = "/offline/";
const KEPT_FOR = 14 * base.DAY;
const MOST_PAGES = 150;
const MOST_BYTES = 40e6;
const MOST_PICTURES = 300;
const BIGGEST_PICTURE = 4e6;
const HEADERS = ["Content-Type", "Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"];
const PICTURE = /<img[^>]*\ssrc="(\/media\/[^"]+)"/g;
const TITLE = /<title>\s*([^<]*?)\s*(?:·[^<·]*)?<\/title>/;
const SIGNS = { "&amp;": "&", "&#x27;": "’", "&quot;": '"', "&lt;": "<", "&gt;": ">" };

export const isPicture = (path) => path.startsWith("/media/");
export const keptPages = async (owner) => (await base.all("kept")).filter((page) => page.owner === owner);

// Keeps what the server answered for a page, if it may be kept by this person; says whether.
export async function keepPage(path, answer, owner, { pinned } = {}) {
  const kind = answer.headers.get("Device-Keep");
  const control = answer.headers.get("Cache-Control") ?? "";
  if (!kind || !answer.ok || answer.redirected || answer.type !== "basic" || /no-store/.test(control)) return false;
  if (!owner || answer.headers.get("Device-User") !== owner) return false;
  const html = await answer.text();
  const headers = new Headers();
  HEADERS.forEach((name) => answer.headers.has(name) && headers.set(name, answer.headers.get(name)));
  const cache = await caches.open(PAGES);
  await cache.put(path, new Response(html, { headers }));
  await keepOffline().catch(() => {}); // signing out, or somebody else before, took it away
  const was = await base.one("kept", path);
  const title = (html.match(TITLE)?.[1] ?? path).replace(/&[#\w]+;/g, (sign) => SIGNS[sign] ?? sign);
  const row = { path, owner, kind, title, at: Date.now(), bytes: html.length, pinned: pinned ?? was?.pinned ?? false };
  if (!(await list(row))) return cache.delete(path).then(() => false);
  await Promise.all([keepAssetsOf(html, ASSETS), keepPictures(html)]).catch(() => {}); // its words are kept in any case
  if ((await base.one("facts", "owner"))?.user !== owner) await wipePages();
  return true;
}

// Lists a kept page, if this browser still keeps things for its owner; says whether. They may have signed out, or
// somebody else in, while the page came.
async function list(row) {
  let listed = false;
  await base.run(["facts", "kept"], "readwrite", (facts, rows) => {
    const request = facts.get("owner");
    request.onsuccess = () => {
      listed = request.result?.user === row.owner && !request.result.locked;
      if (listed) rows.put(row);
    };
  });
  return listed;
}

async function keepPictures(html) {
  const cache = await caches.open(PICTURES);
  for (const [, path] of html.matchAll(PICTURE)) {
    const url = path.replace(/&amp;/g, "&");
    if (await cache.match(url)) continue;
    const answer = await fetch(url, { credentials: "same-origin" });
    const size = Number(answer.headers.get("Content-Length") ?? 0);
    if (answer.ok && size < BIGGEST_PICTURE && /^image\//.test(answer.headers.get("Content-Type") ?? "")) await cache.put(url, answer);
  }
}

// A kept picture without a signal; with one, the picture itself. No other page's pictures are kept.
export async function picture(request) {
  const kept = await (await caches.open(PICTURES)).match(request, { ignoreVary: true });
  return kept ?? fetch(request);
}

// The copy of a page, with a line that says of when it is. `why`: offline or slow. Nothing if it is not this person's, or
// too old.
export async function keptPage(path, owner, why) {
  const about = await base.one("kept", path);
  if (!about || about.owner !== owner) return undefined;
  if (Date.now() - about.at > KEPT_FOR) return void (await dropPage(path));
  const answer = await (await caches.open(PAGES)).match(path, { ignoreVary: true });
  if (!answer) return undefined;
  const html = (await answer.text())
    .replace("<body ", `<body data-kept-at="${about.at}" `)
    .replace('<main id="main-content">', `<main id="main-content">${line(about.at, why)}`);
  return new Response(html, { headers: answer.headers });
}

function line(at, why) {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", timeZone: "Europe/London" }).format(at);
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" }).format(at);
  const what = why === "slow" ? "The connection is very slow." : "You are offline.";
  return `<p class="kept-line no-print" role="status" data-kept-line>${what} This is the page as you last saw it, on ${day} at ${time}. <a href="">Try again</a></p>`;
}

export async function dropPage(path) {
  await Promise.all([base.drop("kept", path), caches.open(PAGES).then((cache) => cache.delete(path))]);
}

// The page for whatever is not kept: fetched as nobody, so that it names nobody. `afresh`: also if it is there already.
export async function keepOffline({ afresh = false } = {}) {
  if (!afresh && (await caches.match(OFFLINE, { ignoreVary: true }))) return;
  const answer = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) return;
  const html = await answer.clone().text();
  await (await caches.open(ASSETS)).put(OFFLINE, answer);
  await keepAssetsOf(html, ASSETS);
}

// Too old, or too much: the oldest go, and pages of a kept unit last.
export async function tidyPages() {
  const rows = (await base.all("kept")).sort((one, other) => other.pinned - one.pinned || other.at - one.at);
  let bytes = 0;
  for (const [n, row] of rows.entries()) {
    bytes += row.bytes;
    if (n >= MOST_PAGES || bytes > MOST_BYTES || Date.now() - row.at > KEPT_FOR) await dropPage(row.path);
  }
  const cache = await caches.open(PICTURES);
  const requests = await cache.keys();
  await Promise.all(requests.slice(0, Math.max(0, requests.length - MOST_PICTURES)).map((request) => cache.delete(request)));
  await tidyAssets(ASSETS);
}

export async function wipePages() {
  await base.run(["kept"], "readwrite", (rows) => rows.clear());
  // Without a signal the page that says so stays, with what it is drawn with: it names nobody.
  const names = isLost() ? [PAGES, PICTURES] : [PAGES, PICTURES, ASSETS];
  if (self.caches) await Promise.all(names.map((name) => caches.delete(name)));
}
