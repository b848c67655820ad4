// The one database that a browser keeps for this site, for pages and workers.
//   items, chunks, pages   an assessor's records, recordings and kept pages (onsite/db.js)
//   outbox                 what was typed or answered and is not on the website yet (outbox.js)
//   kept                   which pages of a course open without a signal (pages.js)
//   facts                  whose all this is (person.js)
// It bears its first name: under another, what waits on somebody's phone would never be found again.
const NAME = "senco-on-site";
const VERSION = 2;
const CHANNEL = "senco-on-site";
const STORES = {
  items: "id",
  chunks: ["item", "part", "n"],
  pages: "path",
  outbox: "key",
  kept: "path",
  facts: "name",
};
export const DAY = 24 * 3600 * 1000;

let opening = null;

function open() {
  opening ??= new Promise((done, fail) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const there = request.result.objectStoreNames;
      Object.entries(STORES).forEach(([name, keyPath]) => there.contains(name) || request.result.createObjectStore(name, { keyPath }));
    };
    request.onsuccess = () => {
      // a newer version of the site is open elsewhere: it must not wait for this page
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      done(request.result);
    };
    request.onerror = () => fail(request.error);
    request.onblocked = () => fail(new Error("blocked"));
  });
  opening.catch(() => (opening = null));
  return opening;
}

// One transaction. `work` gets the stores by name and may return a request, whose result this promises. Never waits in
// between: what is asked for in order is done in order.
export async function run(stores, mode, work) {
  const database = await open();
  return new Promise((done, fail) => {
    const transaction = database.transaction(stores, mode);
    const request = work(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => done(request?.result);
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });
}

export const all = (name) => run([name], "readonly", (rows) => rows.getAll());
export const one = (name, key) => run([name], "readonly", (rows) => rows.get(key));
export const put = (name, row) => run([name], "readwrite", (rows) => rows.put(row));
export const drop = (name, key) => run([name], "readwrite", (rows) => rows.delete(key));

// Changes a row as it is now, so that a page and a sender never write over one another. `how(row)` gives what is new, or
// null to delete it. Nothing happens if the row is gone.
export function change(name, key, how) {
  return run([name], "readwrite", (rows) => {
    const request = rows.get(key);
    request.onsuccess = () => {
      if (!request.result) return;
      const news = how(request.result);
      if (news) rows.put({ ...request.result, ...news });
      else rows.delete(key);
    };
  });
}

// Other tabs, and the workers, are told that something here has changed.
const channel = self.BroadcastChannel ? new BroadcastChannel(CHANNEL) : null;

export function tellOthers(about = {}) {
  channel?.postMessage(about);
}

// `act` hears what was told: {} or, for instance, {sent: url}.
export function whenOthersChange(act) {
  channel?.addEventListener("message", (event) => act(event.data ?? {}));
}
