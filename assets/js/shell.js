// Header menus, and the print button.
export function startShell() {
  const button = document.querySelector("[data-menu]");
  const nav = button && document.getElementById(button.getAttribute("aria-controls"));
  if (nav) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = nav.classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(open));
    });
  }
  const account = document.querySelector("details.account");
  if (account) {
    document.addEventListener("click", (event) => {
      if (!account.contains(event.target)) account.open = false;
    });
    account.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !account.open) return;
      account.open = false;
      account.querySelector("summary").focus();
    });
  }
  document.querySelectorAll("[data-print]").forEach((print) => {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  });
}
