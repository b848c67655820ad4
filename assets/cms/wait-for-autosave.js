// What is sent while the editor is saving by itself waits for that to end. A new page would be made twice otherwise,
// and the second one refused for its address.
const LONGEST = 15000;
const saving = new WeakSet();
const waiting = new WeakMap();

function over(form) {
  saving.delete(form);
  const send = waiting.get(form);
  waiting.delete(form);
  send?.();
}

function send(form, button) {
  if (button?.name) {
    // The button has been disabled by now, and what is disabled is not sent.
    const said = { type: "hidden", name: button.name, value: button.value };
    form.append(Object.assign(document.createElement("input"), said));
  }
  form.requestSubmit();
}

document.addEventListener("w-autosave:save", (event) => saving.add(event.target));
document.addEventListener("w-autosave:success", (event) => over(event.target));
document.addEventListener("w-autosave:error", (event) => over(event.target));
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!saving.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!waiting.has(form)) setTimeout(over, LONGEST, form);
    waiting.set(form, () => send(form, event.submitter));
  },
  true,
);
