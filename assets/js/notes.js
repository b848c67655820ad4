// In the workspace: the place that a link points to is in view in its file, and a note can be begun at a paragraph, a
// page or the time that a recording is at. [data-notes="URL"] stands for each piece of evidence whose notes the reader
// writes: a link at each place adds the place to that address. Without this, the form asks for the place.
export function startNotes(root) {
  root.querySelectorAll("[data-here]").forEach(bringIntoView);
  const sections = root.matches?.("[data-notes]") ? [root] : [...root.querySelectorAll("[data-notes]")];
  const pieces = new Set(sections.map((section) => section.closest(".piece")));
  if (root !== document && root.closest?.(".piece")) pieces.add(root.closest(".piece"));
  pieces.forEach((piece) => piece && offer(piece));
}

// Only the frame around the pages scrolls: the page itself stays where the reader is.
function bringIntoView(figure) {
  const frame = figure.closest(".viewer__pages[tabindex]");
  if (!frame) return;
  const place = () => (frame.scrollTop += figure.getBoundingClientRect().top - frame.getBoundingClientRect().top - 12);
  place();
  figure.querySelector("img")?.addEventListener("load", place, { once: true });
}

function offer(piece) {
  const section = piece.querySelector("[data-notes]");
  if (!section) return;
  const add = section.querySelector("[data-note-here]");
  const link = (place, words, quiet) => {
    const made = document.createElement("a");
    made.href = `${section.dataset.notes}&${place}`;
    made.className = "note-here no-print";
    made.dataset.dialog = add.dataset.dialog;
    if (quiet) made.tabIndex = -1; // by keyboard, N does it at the paragraph one is in
    const more = document.createElement("span");
    more.className = "govuk-visually-hidden";
    more.textContent = words;
    made.append("Note", more);
    return made;
  };
  piece.querySelectorAll(".numbered > [id^='paragraph-']").forEach((part) => {
    const number = part.id.split("-").pop();
    if (!part.querySelector(".note-here")) part.append(link(`paragraph=${number}`, ` on paragraph ${number}`, true));
  });
  piece.querySelectorAll(".viewer__page").forEach((figure) => {
    const [, file, page] = figure.id.match(/^file-(\d+)-page-(\d+)$/);
    if (!figure.querySelector(".note-here")) figure.append(link(`file=${file}&page=${page}`, ` on page ${page}`));
  });
  piece.querySelectorAll(".viewer__player").forEach((player) => {
    if (player.parentNode.querySelector(".note-here")) return;
    const at = link(`file=${fileOf(player)}`, " at the time that the recording is at");
    at.addEventListener("click", () => (at.href = `${section.dataset.notes}&${placeOf(player)}`), true);
    player.after(at);
  });
  if (piece.dataset.noteSeen) return;
  piece.dataset.noteSeen = "yes";
  remember(piece);
}

const fileOf = (element) => element.closest("[id^='file-']").id.match(/^file-(\d+)/)[1];

function placeOf(element) {
  if (element.matches("audio, video")) return `file=${fileOf(element)}&start=${Math.floor(element.currentTime)}`;
  if (element.id.startsWith("paragraph-")) return `paragraph=${element.id.split("-").pop()}`;
  const page = element.id.match(/-page-(\d+)$/);
  return `file=${fileOf(element)}${page ? `&page=${page[1]}` : ""}`;
}

// "Add a note", or N: at the paragraph, page or recording that one was last in.
function remember(piece) {
  const places = ".numbered > [id^='paragraph-'], .viewer__page, .viewer__player, .viewer";
  const seen = (event) => {
    if (!event.target.closest?.("[data-notes]")) piece.notePlace = event.target.closest?.(places) || null;
  };
  piece.addEventListener("focusin", seen);
  ["play", "pause", "seeked"].forEach((name) => piece.addEventListener(name, (event) => event.isTrusted && seen(event), true));
  piece.addEventListener("click", (event) => {
    const add = event.target.closest?.("[data-note-here]");
    if (!add) return;
    const place = piece.notePlace;
    add.href = `${piece.querySelector("[data-notes]").dataset.notes}${place ? `&${placeOf(place)}` : ""}`;
  }, true);
}
