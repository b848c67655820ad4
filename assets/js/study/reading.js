// A page that was read to its end without a signal is finished when there is one.
import { sendLater } from "../device/hello.js";
import * as outbox from "../device/outbox.js";
import { isLost } from "../device/signal.js";

const user = document.body.dataset.user;

export async function keepRead(url) {
  if (!user || !outbox.canKeep()) return;
  const title = document.querySelector("h1").textContent.trim();
  const entry = { owner: user, form: `read ${url}`, kind: "read", url, title, page: location.pathname, body: [], words: "" };
  await outbox.keepAnswer(entry).catch(() => {});
  sendLater();
}

// "I have finished: go on" goes on to the next page without a signal too.
export function startFinish() {
  const article = document.querySelector("[data-finish-url]");
  if (!article || !outbox.canKeep()) return;
  document.addEventListener("submit", async (event) => {
    const next = article.dataset.nextUrl;
    if (!isLost() || event.defaultPrevented || event.target.getAttribute("action") !== article.dataset.finishUrl) return;
    event.preventDefault();
    await keepRead(article.dataset.finishUrl);
    location.assign(next || "/learn/");
  });
}
