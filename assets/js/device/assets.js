// Styles, scripts, fonts and drawings of the site, for workers and for what keeps pages.
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const NAMED = /(?:href|src)="(\/static\/[^"?#]+)"/g;
const IN_STYLES = /url\(["']?([^"')?#]+)/g;
const MOST = 90;

// An asset for a page: one with its content's digest in the name never changes.
export async function asset(request, path) {
  const cached = () => caches.match(path, { ignoreVary: true });
  if (HASHED.test(path)) return (await cached()) ?? fetch(request);
  return fetch(request).catch(async () => (await cached()) ?? Response.error());
}

// Keeps whatever a page is drawn with, down to the fonts that its styles name.
export async function keepAssetsOf(html, name) {
  const cache = await caches.open(name);
  for (const [, path] of html.matchAll(NAMED)) await keepAsset(cache, path);
}

async function keepAsset(cache, path) {
  if (HASHED.test(path) && (await cache.match(path, { ignoreVary: true }))) return;
  const answer = await fetch(path, { credentials: "omit" });
  if (!answer.ok) return;
  const styles = path.endsWith(".css") ? await answer.clone().text() : "";
  await cache.put(path, answer);
  for (const [, url] of styles.matchAll(IN_STYLES)) {
    const inner = new URL(url, new URL(path, self.location.origin)).pathname;
    if (inner.startsWith("/static/") && !(await cache.match(inner, { ignoreVary: true }))) await keepAsset(cache, inner);
  }
}

// Of an asset that is there in several versions, the older ones go when there are too many.
export async function tidyAssets(name) {
  const cache = await caches.open(name);
  const requests = await cache.keys();
  const seen = new Set();
  for (const request of [...requests].reverse()) {
    const stem = new URL(request.url).pathname.replace(HASHED, "");
    if (requests.length > MOST && seen.has(stem)) await cache.delete(request);
    seen.add(stem);
  }
}
