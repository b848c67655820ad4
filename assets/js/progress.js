// <article data-progress-url="URL" data-resume="place">: remembers the paragraph that is being read, and draws how far
// through the lesson it is. Posts {anchor: "p-0a1b2c"}; a lost post loses only a place in a page, so failures are silent.
import { csrfToken } from "./token.js";

const WAIT = 2000;
const PLACES = '.study__body :is([id^="p-"], h2[id], [data-live][id])';
const READING_AT = 0.35; // of the window's height: where one reads

// The place that is being read now; undefined before the first.
export function placeNow(article) {
  const line = window.innerHeight * READING_AT;
  const shown = [...article.querySelectorAll(PLACES)].filter((place) => place.getClientRects().length);
  return shown.filter((place) => place.getBoundingClientRect().top <= line).at(-1);
}

export function startProgress(root) {
  const article = root.querySelector("article.study");
  if (!article) return;
  goOn(article);
  const line = progressLine();
  const remember = article.dataset.progressUrl ? remembering(article) : () => {};
  let waiting = false;

  function look() {
    waiting = false;
    draw(line, article);
    remember();
  }

  draw(line, article);
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(look);
  };
  window.addEventListener("scroll", soon, { passive: true });
  window.addEventListener("resize", soon, { passive: true });
}

function remembering(article) {
  let seen = article.dataset.resume || "";
  let sent = seen;
  let timer;

  function send() {
    clearTimeout(timer);
    if (seen === sent) return;
    sent = seen;
    fetch(article.dataset.progressUrl, {
      method: "POST",
      body: new URLSearchParams({ anchor: seen }),
      headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" },
      credentials: "same-origin",
      keepalive: true,
    }).catch(() => {});
  }

  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
  window.addEventListener("pagehide", send);
  return () => {
    const place = placeNow(article)?.id;
    if (!place || place === seen) return;
    seen = place;
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
  };
}

// A link from elsewhere may name a paragraph that was edited since: then to the place that the server found instead.
function goOn(article) {
  const asked = decodeURIComponent(location.hash.slice(1));
  if (!asked.startsWith("p-") || document.getElementById(asked) || !article.dataset.resume) return;
  document.getElementById(article.dataset.resume)?.scrollIntoView();
}

function progressLine() {
  const line = document.createElement("progress");
  line.className = "study-line no-print";
  line.max = 1000;
  line.value = 0;
  line.setAttribute("aria-hidden", "true"); // the place in the page says the same
  document.body.append(line);
  return line;
}

function draw(line, article) {
  const body = article.querySelector(".study__body").getBoundingClientRect();
  const far = (window.innerHeight - body.top) / (body.height || 1);
  line.value = Math.round(1000 * Math.min(1, Math.max(0, far)));
}
