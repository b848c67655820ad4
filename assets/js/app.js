// Everything here makes a page quicker; every page also works without it.
import "htmx.org";
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { startAutosave } from "./autosave.js";
import { startDialogs } from "./dialog.js";
import { startFileCheck } from "./files.js";
import { startFilter } from "./filter.js";
import { startForms } from "./forms.js";
import { startHere } from "./here.js";
import { startLocator, startSeek } from "./locator.js";
import { startSignOut } from "./onsite/signout.js";
import { startNotes } from "./notes.js";
import { startCopy, startPhrases } from "./phrases.js";
import { startProgress } from "./progress.js";
import { startShell } from "./shell.js";
import { startShortcuts } from "./shortcuts.js";
import { csrfToken } from "./token.js";

const COMPONENTS = [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink];

function start(root) {
  COMPONENTS.forEach((component) => createAll(component, undefined, root));
  startAutosave(root);
  startFileCheck(root);
  startFilter(root);
  startLocator(root);
  startNotes(root);
  startPhrases(root);
  startCopy(root);
}

document.body.classList.add("govuk-frontend-supported");
startShell();
startSignOut();
startForms();
startShortcuts();
startSeek();
startDialogs(start);
startHere();
start(document);
startProgress(document);

// Parts of a page that htmx swaps in get the same behaviour, and its requests carry the token.
document.addEventListener("htmx:afterSwap", (event) => start(event.detail.elt));
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});
