// The anti-forgery token of the page: each signed-in page has one in its sign-out form.
export function csrfToken(form) {
  const field = form?.querySelector("[name=csrfmiddlewaretoken]") ?? document.querySelector("[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}
