// Printing a lesson: parts that open are all open on paper, and as they were afterwards.
export function startPaper() {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.lesson-part:not([open])")];
    opened.forEach((part) => (part.open = true));
  });
  window.addEventListener("afterprint", () => opened.splice(0).forEach((part) => (part.open = false)));
}
