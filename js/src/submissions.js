// The list of a form's submissions, where each has a row: Python renders the rows, and here they are put
// in their places, found by the submission's key. The row of one that has just been sent is a copy of the
// pattern that Python wrote.

/** Characters of what was submitted that are shown until Python says it. */
const MAX_TEXT = 160;

/**
 * What was submitted, as far as it is no secret.
 * @param {FormData} data
 * @param {HTMLInputElement[]} controls
 */
export function described(data, controls) {
  const hidden = new Set(["_form", "_kept", "_drop"]);
  /** @type {Map<string, string | null | undefined>} what is chosen, as its label says it */
  const labels = new Map();
  for (const control of controls) {
    if (control.type === "password" || control.hasAttribute("data-secret")) hidden.add(control.name);
    const options = /** @type {{ options?: Iterable<HTMLOptionElement> }} */ (/** @type {unknown} */ (control)).options ?? [];
    for (const option of options) labels.set(`${control.name} ${option.value}`, option.label);
    if (control.checked) labels.set(`${control.name} ${control.value}`, control.labels?.[0]?.textContent?.trim());
  }
  const texts = [...data].flatMap(([name, value]) =>
    hidden.has(name) ? [] : [typeof value === "string" ? labels.get(`${name} ${value}`) || value : value.name],
  );
  const text = texts.filter((one) => one.trim()).join(" · ");
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/**
 * @typedef {object} Listing
 * @property {(key: string, text: string) => void} add show that a submission was sent
 * @property {(key: string, text: string, again: () => void) => void} fail say why one did not get through;
 *   until its row comes from Python, "Try again" calls `again`
 * @property {(rows: Record<string, string>, gone?: (key: string) => boolean) => void} show put rows in their
 *   places, by their keys; an empty one leaves, and so do others that are gone
 */

/**
 * @param {HTMLElement} list
 * @param {HTMLTemplateElement} pattern
 * @param {object} options
 * @param {(name: string, key: string, form: HTMLFormElement) => void} options.act a row's button was pressed
 * @param {(text: string) => void} options.say tell who cannot see the rows
 * @param {() => void} options.leave take the focus when the last row has left with it
 * @param {AbortSignal} options.signal
 * @returns {Listing}
 */
export function listing(list, pattern, { act, say, leave, signal }) {
  /** @type {Map<string, string>} */
  const shown = new Map();
  /** @type {Map<string, () => void>} what did not get through */
  const failed = new Map();
  /** @param {string} key */
  const row = (key) => /** @type {HTMLElement | null} */ (list.querySelector(`[data-submission="${CSS.escape(key)}"]`));

  /** @param {string} key @param {HTMLElement} element */
  function place(key, element) {
    const old = row(key);
    if (!old) return list.append(element);
    const active = /** @type {Document | ShadowRoot} */ (list.getRootNode()).activeElement;
    const held = active !== null && old.contains(active);
    const name = active?.getAttribute("name") ?? "";
    old.replaceWith(element);
    const again = element.querySelector(`button[name="${CSS.escape(name)}"]`) ?? element.querySelector("button");
    if (held && again instanceof HTMLElement) again.focus({ preventScroll: true });
    if (old.hasAttribute("aria-busy") && !element.hasAttribute("aria-busy")) say(told(element));
  }

  /** @param {HTMLElement} element */
  function remove(element) {
    const active = /** @type {Document | ShadowRoot} */ (list.getRootNode()).activeElement;
    const held = active !== null && element.contains(active);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    if (!held) return;
    const button = next?.querySelector("button");
    if (button) button.focus({ preventScroll: true });
    else leave();
  }

  list.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter;
      const form = event.target;
      if (!(button instanceof HTMLButtonElement) || !(form instanceof HTMLFormElement)) return;
      event.preventDefault();
      const [name, key] = [button.name.slice(1), button.value];
      const again = failed.get(key);
      const old = row(key);
      failed.delete(key);
      if (!again || !old) act(name, key, form);
      else if (name === "retry") again();
      else remove(old);
    },
    { signal },
  );
  return {
    add(key, text) {
      const copy = /** @type {DocumentFragment} */ (pattern.content.cloneNode(true));
      const element = /** @type {HTMLElement} */ (copy.firstElementChild);
      element.dataset["submission"] = key;
      const said = element.querySelector(".na-submitted");
      if (said) said.textContent = text;
      for (const button of element.querySelectorAll("button")) button.value = key;
      shown.set(key, "");
      place(key, element);
    },
    fail(key, text, again) {
      const element = row(key);
      failed.set(key, again);
      const said = element?.querySelector(".na-status");
      if (!element || !said) return;
      element.removeAttribute("aria-busy");
      said.textContent = text;
      const active = /** @type {Document | ShadowRoot} */ (list.getRootNode()).activeElement;
      const held = active !== null && element.contains(active);
      for (const button of element.querySelectorAll("button")) button.hidden = button.name === "_cancel";
      if (held) /** @type {HTMLElement | null} */ (element.querySelector("button:not([hidden])"))?.focus();
      say(told(element));
    },
    show(rows, gone = () => false) {
      for (const [key, html] of Object.entries(rows)) {
        if (shown.get(key) === html && row(key)) continue;
        shown.set(key, html);
        failed.delete(key);
        const holder = document.createElement("template");
        holder.innerHTML = html;
        const element = holder.content.firstElementChild;
        const old = row(key);
        if (element instanceof HTMLElement) place(key, element);
        else if (old) remove(old);
      }
      for (const element of /** @type {HTMLElement[]} */ ([...list.children])) {
        const key = element.dataset["submission"] ?? "";
        if (!Object.hasOwn(rows, key) && gone(key)) remove(element);
      }
    },
  };
}

/** @param {HTMLElement} element */
function told(element) {
  const parts = [...element.querySelectorAll(".na-submitted, .na-status, .na-errors")];
  return parts.map((part) => part.textContent).filter(Boolean).join(": ");
}
