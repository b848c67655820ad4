// One press, one request; and a warning before typed text is left behind.
const RELEASE = 8000;

export function startForms() {
  document.addEventListener("submit", onSubmit);
  // The back button can bring a page back as it was left, with its form still marked as sent.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-submitting]").forEach(release));
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && "dirtyGuard" in form.dataset) form.dataset.dirty = "yes";
  });
  document.addEventListener("autosaved", (event) => delete event.target.dataset.dirty, true);
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]:not([data-submitting])")) event.preventDefault();
  });
}

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.submitting) {
    event.preventDefault();
    return;
  }
  form.dataset.submitting = "yes";
  // Not `disabled`: a disabled button's name and value would not be sent.
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), RELEASE);
}

function release(form) {
  delete form.dataset.submitting;
  form.querySelectorAll("[aria-disabled=true]").forEach((button) => button.removeAttribute("aria-disabled"));
}
