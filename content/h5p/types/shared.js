// Shared by our content types: put into each type's own function when it is packed (content/h5p/own.py).

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = {
  right: "M4 12.5l5.5 5.5L20 6.5",
  wrong: "M6 6l12 12M18 6L6 18",
  missed: "M12 5v8M12 17.5v.5",
  up: "M12 19V5M5.5 11.5L12 5l6.5 6.5",
  down: "M12 5v14M5.5 12.5L12 19l6.5-6.5",
  back: "M19 12H5M11.5 5.5L5 12l6.5 6.5",
  again: "M19 12a7 7 0 1 1-2.2-5.1M19 3.5V8h-4.5",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
};
const KEPT = { P: 1, STRONG: 1, EM: 1, UL: 1, OL: 1, LI: 1, BR: 1 };
const LET_GO = { SCRIPT: 1, STYLE: 1, TEMPLATE: 1, IFRAME: 1, OBJECT: 1, SVG: 1, MATH: 1 };

// An element. `said`: attributes; class, text and on (listeners by event) as their own.
function make(tag, said, children) {
  const node = document.createElement(tag);
  Object.keys(said || {}).forEach(function (name) {
    const value = said[name];
    if (value === undefined || value === null || value === false) return;
    if (name === "text") node.textContent = value;
    else if (name === "on") Object.keys(value).forEach(function (event) { node.addEventListener(event, value[event]); });
    else node.setAttribute(name, value === true ? "" : value);
  });
  (children || []).forEach(function (child) { if (child) node.appendChild(child); });
  return node;
}

// A sign of ours. It stands beside words that say the same, so that it is not read out.
function sign(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "sp-sign");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SIGNS[name]);
  svg.appendChild(path);
  return svg;
}

function parsed(text) {
  return new DOMParser().parseFromString(String(text === undefined || text === null ? "" : text), "text/html").body;
}

// A text without its marks. Editors store "&amp;" as it would stand in HTML.
function plain(text) {
  return parsed(text).textContent.trim();
}

// A text with the few marks that authors may use; whatever else stands in it is not taken over.
function rich(text) {
  const into = document.createDocumentFragment();
  copy(parsed(text), into);
  return into;
}

function copy(from, into) {
  Array.prototype.forEach.call(from.childNodes, function (child) {
    if (child.nodeType === 3) into.appendChild(document.createTextNode(child.nodeValue));
    else if (child.nodeType === 1 && !LET_GO[child.nodeName.toUpperCase()]) {
      copy(child, KEPT[child.nodeName] ? into.appendChild(document.createElement(child.nodeName)) : into);
    }
  });
}

function prose(text, name) {
  const node = make("div", { class: "sp-prose" + (name ? " " + name : "") });
  node.appendChild(rich(text));
  return node;
}

// "Question @number of @total" with its numbers.
function fill(text, values) {
  return plain(text).replace(/@(\w+)/g, function (whole, name) { return name in values ? values[name] : whole; });
}

function button(text, kind, act, before) {
  return make("button", { type: "button", class: "sp-button" + (kind ? " sp-button--" + kind : ""), on: { click: act } },
    [before && sign(before), make("span", { text: plain(text) })]);
}

// The numbers 0 … n-1 in another order than theirs, when there is one.
function shuffled(n) {
  const order = Array.from({ length: n }, function (unused, at) { return at; });
  do {
    for (let at = n - 1; at > 0; at -= 1) {
      const other = Math.floor(Math.random() * (at + 1));
      const kept = order[at];
      order[at] = order[other];
      order[other] = kept;
    }
  } while (n > 1 && order.every(function (value, at) { return value === at; }));
  return order;
}

function isOrderOf(order, n) {
  return Array.isArray(order) && order.length === n && order.slice().sort(function (a, b) { return a - b; })
    .every(function (value, at) { return value === at; });
}

// An id that follows from words, so that a part keeps its own through versions. Twice the same words: give a salt.
function idOf(text, salt) {
  let hex = "";
  for (let round = 0; round < 4; round += 1) {
    let hash = 2166136261 ^ (round * 97 + (salt || 0) * 7919);
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
    hex += ("0000000" + (hash >>> 0).toString(16)).slice(-8);
  }
  return [hex.slice(0, 8), hex.slice(8, 12), "4" + hex.slice(13, 16), "a" + hex.slice(17, 20), hex.slice(20, 32)].join("-");
}

// Part ids of texts, in their order; the second of two equal texts has one of its own.
function idsOf(texts) {
  const seen = {};
  return texts.map(function (text) {
    seen[text] = (seen[text] || 0) + 1;
    return idOf(text, seen[text] - 1);
  });
}

// A question or a step inside an activity: what a child statement is about.
function Part(parent, id) {
  H5P.EventDispatcher.call(this);
  this.parent = parent;
  this.contentId = parent.contentId;
  this.subContentId = id;
}
Part.prototype = Object.create(H5P.EventDispatcher.prototype);
Part.prototype.constructor = Part;

const INTERACTION = "http://adlnet.gov/expapi/activities/cmi.interaction";

function describe(event, definition) {
  Object.assign(event.data.statement.object.definition, { type: INTERACTION }, definition);
  return event;
}

// A statement that a part was answered. `said`: definition, score, max, response.
function answered(part, said) {
  const event = describe(part.createXAPIEventTemplate("answered"), said.definition);
  event.setScoredResult(said.score, said.max, part.parent, true, said.score === said.max);
  event.data.statement.result.response = said.response;
  return event;
}

function inWords(text) {
  return { "en-US": plain(text).slice(0, 500) };
}

// What every type of ours has. `instance` is the activity; it has getCurrentState.
function begin(instance, contentId, extras) {
  H5P.EventDispatcher.call(instance);
  instance.contentId = contentId;
  instance.extras = extras || {};
  instance.isTouched = false;
}

// The learner did something: whoever plays the activity keeps their place after each statement.
function touch(instance) {
  instance.isTouched = true;
  instance.triggerXAPI("interacted");
  instance.trigger("resize");
}

// Puts the focus where reading goes on.
function goTo(node) {
  node.setAttribute("tabindex", "-1");
  node.focus();
}

// The ring with the score in it, and its words.
function scoreboard(score, max, words) {
  const ring = make("div", { class: "sp-score", "aria-hidden": "true" });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 84 84");
  svg.setAttribute("class", "sp-score__ring");
  const around = 2 * Math.PI * 36;
  [["sp-score__rest", 1], ["sp-score__part", max ? score / max : 0]].forEach(function (one) {
    const circle = document.createElementNS(SVG, "circle");
    [["cx", 42], ["cy", 42], ["r", 36], ["class", one[0]], ["stroke-dasharray", one[1] * around + " " + around]]
      .forEach(function (pair) { circle.setAttribute(pair[0], pair[1]); });
    if (one[1]) svg.appendChild(circle);
  });
  ring.appendChild(svg);
  ring.appendChild(make("span", { class: "sp-score__figure", text: score + "/" + max }));
  return make("div", { class: "sp-scored" }, [ring, words]);
}
