// [data-here="URL"]: says each minute that this page is open and in sight, and on leaving that it no longer is; shows who
// else is there. The server answers {"seen": "...", "others": [{"name": "Ben Okoro", "since": "14:02"}]}.
import { csrfToken } from "./token.js";

const EVERY = 60000;
const SIGN = '<svg class="sign" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="M8 7v6M8 3v.1"/></svg>';

export function startHere() {
  const box = document.querySelector("[data-here]");
  if (!box) return;
  let seen = "";

  async function sign() {
    if (document.visibilityState === "hidden") return;
    try {
      const response = await fetch(box.dataset.here, {
        method: "POST",
        headers: { "X-CSRFToken": csrfToken(), Accept: "application/json", "X-Requested-With": "fetch" },
        credentials: "same-origin",
      });
      if (!response.ok || response.redirected) return;
      const answer = await response.json();
      seen = answer.seen;
      draw(box, answer.others);
    } catch {
      // Offline or signed out: autosave says so where it matters.
    }
  }

  function leave() {
    if (!seen) return;
    navigator.sendBeacon(box.dataset.here, new URLSearchParams({ csrfmiddlewaretoken: csrfToken(), left: seen }));
    seen = "";
  }

  sign();
  setInterval(sign, EVERY);
  document.addEventListener("visibilitychange", sign);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => event.persisted && sign());
}

// Only what has changed is written: the box is read aloud when it does.
function draw(box, others) {
  const lines = others.map((other) => `${other.name} has had this open since ${other.since}.`);
  if ([...box.children].map((line) => line.textContent).join("|") === lines.join("|")) return;
  box.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("p");
      line.innerHTML = SIGN;
      line.append(text);
      return line;
    }),
  );
}
