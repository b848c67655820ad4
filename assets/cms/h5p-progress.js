// How far an upload is: asked for until it is over, then the page says how it ended. Without a script a link does it.
const place = document.querySelector("[data-h5p-progress]");
const PAUSE = 1500;

async function ask() {
  const answer = await fetch(location.href, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const said = await answer.json();
  if (said.over) return location.reload();
  const step = place.querySelector("[data-h5p-step]");
  if (said.step && step.textContent !== said.step) step.textContent = said.step;
  const bar = place.querySelector("progress");
  bar.max = said.total || 1;
  bar.value = said.done;
  place.querySelector("[data-h5p-count]").textContent = said.total ? `${said.done} of ${said.total} files` : "";
  setTimeout(again, PAUSE);
}

const again = () => ask().catch(() => setTimeout(again, PAUSE * 4));
if (place) setTimeout(again, PAUSE);
