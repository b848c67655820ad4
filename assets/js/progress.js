// <article data-progress-url="URL" data-resume="heading-id">: remembers the last heading that was read.
// Posts {anchor: "heading-id"}; a lost post loses only a place in a page, so failures are silent.
import { csrfToken } from "./token.js";

const WAIT = 2000;

export function startProgress(root) {
  const article = root.querySelector("[data-progress-url]");
  if (!article) return;
  const headings = [...article.querySelectorAll("h2[id], h3[id]")];
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
      headers: { "X-CSRFToken": csrfToken() },
      credentials: "same-origin",
      keepalive: true,
    }).catch(() => {});
  }

  function look() {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < window.innerHeight * 0.5);
    const last = passed.at(-1)?.id;
    if (!last || last === seen) return;
    seen = last;
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
  }

  resume(article);
  let waiting = false;
  window.addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        look();
      });
    },
    { passive: true },
  );
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
  window.addEventListener("pagehide", send);
}

function resume(article) {
  if (location.hash || !article.dataset.resume) return;
  const place = document.getElementById(article.dataset.resume);
  if (place && article.contains(place)) place.scrollIntoView();
}
