// A text that was changed elsewhere while it was typed here: both are shown, and the person chooses.
// Without JavaScript the server shows the other text (components/conflict.html); here that box gets the same choices.

const SAID = "This text was changed in another tab or on another device. Nothing is lost: choose what to keep.";

function button(text, act) {
  const found = document.createElement("button");
  found.type = "button";
  found.className = "govuk-button govuk-button--secondary";
  found.textContent = text;
  found.addEventListener("click", act);
  return found;
}

export function showConflict(field, theirs, choose) {
  const id = `other-${field.name}`;
  const shown = document.querySelector(`[id="${id}"] textarea`);
  if (shown && shown.value === theirs && shown.dataset.live) return;
  document.getElementById(id)?.remove();
  const box = document.createElement("div");
  box.className = "conflict callout callout--warning";
  box.id = id;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "The same text, changed elsewhere");
  const said = document.createElement("p");
  said.textContent = SAID;
  const other = document.createElement("textarea");
  other.className = "govuk-textarea";
  other.rows = 6;
  other.readOnly = true;
  other.value = theirs;
  other.dataset.live = "yes";
  other.setAttribute("aria-label", "The other text");
  const take = (value) => () => {
    box.remove();
    choose(value());
  };
  const group = document.createElement("div");
  group.className = "govuk-button-group";
  group.append(
    button("Keep mine", take(() => field.value)),
    button("Use the other text", take(() => theirs)),
    button("Keep both", take(() => `${field.value.trimEnd()}\n\n${theirs}`)),
  );
  box.append(said, other, group);
  // The focus stays where the person types; the line under the text says aloud what happened.
  (field.closest(".govuk-form-group") || field).after(box);
}
