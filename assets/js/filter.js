// <input data-filter="[data-filter-item]">: as one types, shows only the items of its form that have every word.
// A [data-filter-group] with no item left is hidden too; a [data-filter-count] says how many are left.
export function startFilter(root) {
  root.querySelectorAll("input[data-filter]").forEach((input) => input.addEventListener("input", () => filter(input)));
}

function filter(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const items = [...input.form.querySelectorAll(input.dataset.filter)];
  items.forEach((item) => {
    const text = item.dataset.filterItem.toLowerCase();
    // What is ticked stays in sight.
    item.hidden = !item.querySelector(":checked") && !words.every((word) => text.includes(word));
  });
  input.form.querySelectorAll("[data-filter-group]").forEach((group) => {
    group.hidden = !group.querySelector(`${input.dataset.filter}:not([hidden])`);
  });
  const output = input.form.querySelector("[data-filter-count]");
  const left = items.filter((item) => !item.hidden).length;
  if (output) output.textContent = words.length ? `${left} of ${items.length} shown` : "";
}
