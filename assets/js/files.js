// <input type="file" data-max-bytes="20971520" data-max-files="10">: says what is too big before it is sent.
export function startFileCheck(root) {
  root.querySelectorAll("input[type=file][data-max-bytes]").forEach((input) => {
    if (input.dataset.checked) return;
    input.dataset.checked = "yes";
    input.addEventListener("change", () => show(input, problems(input)));
    input.form?.addEventListener("submit", (event) => {
      const found = problems(input);
      show(input, found);
      if (!found.length) return;
      event.preventDefault();
      input.focus();
    });
  });
}

function problems(input) {
  const limit = Number(input.dataset.maxBytes);
  const files = [...input.files];
  const found = files
    .filter((file) => file.size > limit)
    .map((file) => `“${file.name}” is ${megabytes(file.size)}. The limit is ${megabytes(limit)}. Choose a smaller file.`);
  const most = Number(input.dataset.maxFiles);
  if (most && files.length > most) found.push(`You chose ${files.length} files. The limit is ${most} at once.`);
  return found;
}

function megabytes(bytes) {
  return `${Math.max(0.1, bytes / 1048576).toFixed(1).replace(/\.0$/, "")} MB`;
}

function show(input, found) {
  const id = `${input.id}_size`;
  document.getElementById(id)?.remove();
  const others = (input.getAttribute("aria-describedby") || "").split(" ").filter((part) => part && part !== id);
  if (found.length) {
    const message = document.createElement("p");
    message.id = id;
    message.className = "govuk-error-message";
    message.setAttribute("role", "alert");
    message.textContent = found.join(" ");
    input.before(message);
    others.push(id);
  }
  if (others.length) input.setAttribute("aria-describedby", others.join(" "));
  else input.removeAttribute("aria-describedby");
  input.classList.toggle("govuk-file-upload--error", found.length > 0);
}
