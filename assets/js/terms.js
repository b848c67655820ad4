// a.term[href="#word-…"]: a word of the glossary in running text. Pressed, it shows what it means right below it, and a
// screen reader says it; pressed again, with Escape, or by going elsewhere, it closes. Focus stays where it is and
// nothing moves. Without this the link leads to the box of words at the end of the page.
let box;
let opener;

export function startTerms() {
  if (!document.querySelector("a.term")) return;
  box = document.createElement("div");
  box.className = "term-box";
  box.id = "term-box";
  box.setAttribute("role", "status"); // there and empty before it has anything to say
  document.body.append(box);
  document.querySelectorAll("a.term").forEach((link) => link.setAttribute("aria-expanded", "false"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.term");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) press(event, link);
    else if (opener && !box.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && opener && close());
  document.addEventListener("focusout", (event) => event.target === opener && event.relatedTarget && close());
  window.addEventListener("resize", () => opener && place());
}

function press(event, link) {
  const word = document.getElementById(link.hash.slice(1));
  if (!word) return;
  event.preventDefault();
  if (link === opener) return close();
  if (opener) close();
  opener = link;
  link.setAttribute("aria-expanded", "true");
  box.replaceChildren(paragraph(word.querySelector("dt")), paragraph(word.querySelector("dd")));
  place();
}

function paragraph(source) {
  const made = document.createElement("p");
  made.textContent = source.textContent.trim().replace(/\s+/g, " ");
  return made;
}

// Below the word, or above it where there is no room; never over the edge of the screen.
function place() {
  const word = [...opener.getClientRects()].at(-1);
  const width = document.documentElement.clientWidth;
  const left = Math.max(12, Math.min(word.left, width - box.offsetWidth - 12));
  const below = word.bottom + 6;
  const fits = below + box.offsetHeight <= window.innerHeight || word.top < box.offsetHeight + 6;
  const top = fits ? below : word.top - box.offsetHeight - 6;
  box.style.left = `${left + window.scrollX}px`;
  box.style.top = `${top + window.scrollY}px`;
}

function close() {
  opener.setAttribute("aria-expanded", "false");
  opener = undefined;
  box.replaceChildren();
}
