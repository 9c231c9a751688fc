// Lists in a form: rows are added and removed in the page, as `rows.py` does it where no script runs.
// A row is a copy of the template that Python wrote: `items[#]` in it becomes `items[2]`, and
// `#items#` its number.

/** Attributes in which the place of a row stands. */
const PLACES = ["id", "name", "for", "value", "aria-describedby", "data-field", "data-slot", "data-at"];
const LISTS = ["data-rows", "data-row", "data-numbered"];

/**
 * @param {ParentNode} root
 * @param {string} attribute
 * @param {string} value
 */
const find = (root, attribute, value) =>
  /** @type {HTMLElement | null} */ (root.querySelector(`[${attribute}="${CSS.escape(value)}"]`));

/**
 * Replace a text in the attributes that hold the place of a row, in what is copied later too.
 * @param {ParentNode} part
 * @param {string} from
 * @param {string} to
 */
function move(part, from, to) {
  for (const element of part.querySelectorAll("*")) {
    for (const name of [...PLACES, ...LISTS, "aria-label"]) {
      const value = element.getAttribute(name);
      if (value?.includes(from)) element.setAttribute(name, value.replaceAll(from, to));
    }
    if (element instanceof HTMLTemplateElement) move(element.content, from, to);
  }
}

/**
 * @param {HTMLElement} list
 * @param {string} name
 */
function renumber(list, name) {
  [...list.children].forEach((row, index) => {
    const holder = document.createDocumentFragment();
    const next = row.nextSibling;
    holder.append(row);
    const at = row.getAttribute("data-at") ?? "";
    if (at !== `${name}[${index}]`) move(holder, at, `${name}[${index}]`);
    for (const element of holder.querySelectorAll(`[data-numbered="${CSS.escape(name)}"]`)) {
      const label = element.getAttribute("aria-label") ?? "";
      element.setAttribute("aria-label", label.replace(/\d+(?=\D*$)/, String(index + 1)));
    }
    list.insertBefore(holder, next);
  });
}

/**
 * Add or remove a row, when that is what a button asks for.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 * @param {string} suffix what this view has appended to the ids
 * @returns {boolean} whether it was
 */
export function editRows(form, submitter, suffix) {
  const asked = submitter?.getAttribute("value") ?? "";
  if (submitter?.getAttribute("name") === "_add") {
    const name = asked.replace(/\[#\]$/, "");
    const list = find(form, "data-rows", name);
    const template = find(form, "data-row", name);
    if (!list || !(template instanceof HTMLTemplateElement)) return false;
    const index = list.children.length;
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    move(copy, `${name}[#]`, `${name}[${index}]`);
    move(copy, `#${name}#`, String(index + 1));
    separate(copy, suffix);
    list.append(copy);
    const first = /** @type {HTMLElement | null} */ (
      list.lastElementChild?.querySelector("input:not([type=hidden]), select, textarea")
    );
    first?.focus();
    return true;
  }
  if (submitter?.getAttribute("name") !== "_remove") return false;
  const row = find(form, "data-at", asked);
  const list = row?.parentElement;
  if (!row || !list) return false;
  const name = list.getAttribute("data-rows") ?? "";
  // The focus goes to what stands where the row was, and never to nowhere.
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  renumber(list, name);
  const next = beside?.querySelector(`button[name="_remove"]`) ?? list.parentElement?.querySelector('button[name="_add"]');
  if (next instanceof HTMLElement) next.focus();
  return true;
}

/**
 * Two views of one form need different ids.
 * @param {ParentNode} root
 * @param {string} suffix
 */
export function separate(root, suffix) {
  if (!suffix) return;
  const references = ["for", "aria-describedby", "aria-labelledby", "list", "form"];
  for (const element of root.querySelectorAll("[id]")) {
    // A form's own `id` is hidden by a field of that name.
    element.setAttribute("id", element.getAttribute("id") + suffix);
  }
  for (const name of references) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      const ids = element.getAttribute(name)?.split(/\s+/).filter(Boolean) ?? [];
      element.setAttribute(name, ids.map((id) => id + suffix).join(" "));
    }
  }
}
