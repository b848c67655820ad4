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
import { startAnswers, startEnd, startLists } from "./answers.js";
import { startAutosave } from "./autosave.js";
import { startPerson } from "./device/signout.js";
import { startDialogs } from "./dialog.js";
import { startFileCheck } from "./files.js";
import { startFilter } from "./filter.js";
import { startForms } from "./forms.js";
import { startHere } from "./here.js";
import { startLocator, startSeek } from "./locator.js";
import { startNotes } from "./notes.js";
import { startPaper } from "./paper.js";
import { startCopy, startPhrases } from "./phrases.js";
import { startProgress } from "./progress.js";
import { startShell } from "./shell.js";
import { startShortcuts } from "./shortcuts.js";
import { startTerms } from "./terms.js";
import { startTools } from "./tools.js";
import { restoreAnswers, startAnswersOffline } from "./study/answering.js";
import { startActivities } from "./study/h5p.js";
import { startInstall } from "./study/install.js";
import { startKeeping } from "./study/keeping.js";
import { startFinish } from "./study/reading.js";
import { startUnits } from "./study/units.js";
import { startUnsent } from "./study/unsent.js";
import { csrfToken } from "./token.js";

const COMPONENTS = [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink];

function start(root) {
  COMPONENTS.forEach((component) => createAll(component, undefined, root));
  startAutosave(root);
  startFileCheck(root);
  startLists(root);
  startFilter(root);
  startLocator(root);
  startNotes(root);
  startPhrases(root);
  startCopy(root);
  startActivities(root);
}

document.body.classList.add("govuk-frontend-supported");
startShell();
const person = startPerson();
startForms();
startShortcuts();
startTerms();
startPaper();
startSeek();
startAnswers();
startAnswersOffline();
startDialogs(start);
startHere();
start(document);
startProgress(document);
startTools(document);
startEnd(document);
startFinish();
// Without the browser's store each of these does nothing, and none keeps the next from starting.
[restoreAnswers, startUnsent, startKeeping, startUnits].reduce((before, next) => before.then(next).catch(console.warn), person);
startInstall();

// Parts of a page that htmx swaps in get the same behaviour, and its requests carry the token.
["htmx:afterSwap", "block:fresh"].forEach((name) => document.addEventListener(name, (event) => start(event.detail.elt)));
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
  if (document.body.dataset.user) event.detail.headers["Device-User"] = document.body.dataset.user;
});
