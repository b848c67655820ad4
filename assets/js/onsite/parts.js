// Small parts of the on-site pages: elements, times, a question.
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function time(at) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
}

export function day(at) {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" }).format(at);
}

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => value !== false && made.setAttribute(key, value === true ? "" : value));
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A button; `more` is what it is about, for those who hear it.
export function button(text, press, { kind = "link", more = "" } = {}) {
  const looks = kind === "link" ? "link-button" : `govuk-button${kind === "primary" ? "" : ` govuk-button--${kind}`}`;
  const made = element("button", { type: "button", class: looks }, text, more && element("span", { class: "govuk-visually-hidden" }, ` ${more}`));
  made.addEventListener("click", press);
  return made;
}

// A question in the page's own words; true for `yes`.
export function ask({ title, text, yes, no }) {
  const dialog = element("dialog", { class: "ask", "aria-labelledby": "ask-title" });
  const form = element("form", { method: "dialog" });
  const answer = (words, value, looks) => element("button", { class: looks, value }, words);
  form.append(
    element("h2", { id: "ask-title" }, title),
    element("p", {}, text),
    element("div", { class: "govuk-button-group" }, answer(yes, "yes", "govuk-button govuk-button--warning"), answer(no, "no", "govuk-button govuk-button--secondary")),
  );
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[value=no]").focus();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
  });
}
