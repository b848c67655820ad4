// [data-install]: how to put the site on a phone's first screen; dismissed for good, on this device.
import { store } from "../store.js";

const DISMISSED = "install-hint-dismissed";

export function startInstall() {
  const hint = document.querySelector("[data-install]");
  const [standalone, phone] = ["(display-mode: standalone)", "(pointer: coarse), (max-width: 40em)"].map((rule) => matchMedia(rule).matches);
  if (!hint || standalone || navigator.standalone || !phone || store.get(DISMISSED)) return;
  const apple = /iPhone|iPad/.test(navigator.userAgent);
  hint.querySelector(apple ? "[data-install-apple]" : "[data-install-others]").hidden = false;
  hint.hidden = false;
  hint.querySelector("[data-install-dismiss]").addEventListener("click", () => {
    store.set(DISMISSED, true);
    hint.remove();
    document.querySelector("h1").setAttribute("tabindex", "-1");
    document.querySelector("h1").focus({ preventScroll: true });
  });
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    const button = hint.querySelector("[data-install-button]");
    button.hidden = false;
    hint.querySelector("[data-install-others]").hidden = true;
    button.onclick = () => event.prompt();
  });
  window.addEventListener("appinstalled", () => hint.remove());
}
