// Inside the frame: what H5P's core and a package find around them. The frame has no origin: nothing here can reach the
// site, and the page around it believes none of it. Loaded before the core; decision 0021.
const OURS = "pathway";
const START_PATIENCE = 15000;
const SAVE_SOON = 400;

function memory() {
  const kept = new Map();
  const store = {
    getItem: (key) => (kept.has(String(key)) ? kept.get(String(key)) : null),
    setItem: (key, value) => void kept.set(String(key), String(value)),
    removeItem: (key) => void kept.delete(String(key)),
    clear: () => kept.clear(),
    key: (place) => [...kept.keys()][place] ?? null,
  };
  return new Proxy(store, {
    get: (target, name) => (name === "length" ? kept.size : (target[name] ?? (typeof name === "string" ? kept.get(name) : undefined))),
    set: (target, name, value) => (kept.set(String(name), String(value)), true),
    has: (target, name) => name in target || kept.has(String(name)),
    deleteProperty: (target, name) => (kept.delete(String(name)), true),
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: (target, name) => (kept.has(String(name)) ? { value: kept.get(String(name)), enumerable: true, configurable: true } : undefined),
  });
}
// A frame without an origin has no storage, and asking for it throws: packages get one that lasts as long as the frame.
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { value: memory(), configurable: true });
}

const page = document.getElementById("integration");
const nonce = document.currentScript.nonce;
window.H5PIntegration = JSON.parse(page.textContent);
window.H5P = window.H5P || {};
window.H5P.preventInit = true;
const content = Object.keys(window.H5PIntegration.contents)[0];
const id = content.slice("cid-".length);
const faults = [];
let asked = false;
let running = null;

const send = (action, data = {}) => window.parent.postMessage({ context: OURS, action, ...data }, "*");
window.addEventListener("error", (event) => {
  if (event.message) faults.push(event.message);
});

// Scripts of libraries, one by one, each as if it stood in the page by itself.
window.PathwayPlayer = {
  run(parts) {
    const origin = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript");
    Object.defineProperty(document, "currentScript", {
      configurable: true,
      get: () => running ?? origin.get.call(document),
    });
    parts.forEach((part) => {
      const script = document.createElement("script");
      script.nonce = nonce;
      script.textContent = `${part.source}\n//# sourceURL=${encodeURI(part.name)}`;
      running = addressed(`${window.H5PIntegration.urlLibraries}/${part.at}`);
      document.head.append(script);
      running = null;
    });
  },
};

// What a script that looks for its own address finds: where its library's other files are. It stands in no page, so that
// nothing fetches it.
function addressed(src) {
  const script = document.createElement("script");
  script.src = src;
  return script;
}

function keepStates(H5P, states) {
  const kept = {};
  states.forEach(({ type, part, data }) => ((kept[part] ??= {})[type] = data));
  H5P.getUserData = (contentId, type, done, part) => {
    const data = kept[part || 0]?.[type];
    if (data === undefined) return done(undefined, undefined);
    try {
      return done(undefined, JSON.parse(data));
    } catch (error) {
      return done(error);
    }
  };
  H5P.setUserData = (contentId, type, value, extras = {}) => {
    const part = extras.subContentId || 0;
    let data;
    try {
      data = JSON.stringify(value);
    } catch (error) {
      extras.errorCallback?.(error);
      return;
    }
    if (data === undefined || kept[part]?.[type] === data) return;
    (kept[part] ??= {})[type] = data;
    send("state", { type: String(type), part: String(part), data });
  };
  H5P.deleteUserData = (contentId, type, part) => {
    if (kept[part || 0]) delete kept[part || 0][type];
    send("state", { type: String(type), part: String(part || 0), data: "" });
  };
}

const current = () => window.H5P.instances?.[0];

function save() {
  const instance = current();
  if (typeof instance?.getCurrentState !== "function") return;
  try {
    const state = instance.getCurrentState();
    if (state !== undefined) window.H5P.setUserData(id, "state", state);
  } catch (error) {
    console.warn(error);
  }
}

// What was said of the whole, with what the parts of it have to say: "answered" of every question.
function parts(statement) {
  const isPart = statement?.context?.contextActivities?.parent?.length;
  if (isPart || !/(completed|answered|passed|failed|mastered)$/.test(statement?.verb?.id ?? "")) return [];
  const found = [];
  const gather = (data) => (data?.children ?? []).forEach((child) => {
    if (child?.statement) found.push(child.statement);
    gather(child);
  });
  try {
    gather(current()?.getXAPIData?.());
  } catch (error) {
    console.warn(error);
  }
  return found;
}

let soon;
function listen(H5P) {
  H5P.externalDispatcher.on("xAPI", (event) => {
    const statement = event?.data?.statement;
    if (!statement) return;
    send("statement", { statement: plain(statement), parts: plain(parts(statement)) });
    clearTimeout(soon);
    soon = setTimeout(save, SAVE_SOON);
  });
}

const plain = (value) => JSON.parse(JSON.stringify(value));

function start(message) {
  if (asked) return;
  asked = true;
  const { H5P } = window;
  keepStates(H5P, message.states ?? []);
  listen(H5P);
  H5P.init(document.body);
  const inside = document.querySelector(".h5p-container");
  const begun = Date.now();
  (function look() {
    if (current() && inside?.childNodes.length) send("started");
    else if (Date.now() - begun > START_PATIENCE || !current()) send("failed", { why: faults.slice(0, 3).join(" · ") });
    else setTimeout(look, 200);
  })();
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.data?.context !== OURS) return;
  if (event.data.action === "start") {
    try {
      start(event.data);
    } catch (error) {
      send("failed", { why: String(error?.message ?? error) });
    }
  } else if (event.data.action === "save") save();
  else if (event.data.action === "full") {
    document.documentElement.classList.toggle("is-full", Boolean(event.data.on));
    if (current()) window.H5P.trigger(current(), "resize");
  }
});
document.addEventListener("DOMContentLoaded", () => send("ready"));
