// What a form does in the page, whichever way its bytes travel: it submits, shows that it is busy,
// and puts the HTML that Python rendered into named slots. It never makes markup and never replaces
// an input, so typed text, chosen files and the focus stay.

import { editRows } from "./rows.js";

/**
 * What a submission is answered with; made by `Renderer.answer` in Python.
 * @typedef {object} Answer
 * @property {"success" | "redirect" | "failure" | "error"} type
 * @property {string} form
 * @property {Record<string, string>} slots name of a slot → HTML
 * @property {string[]} invalid names of the fields that are wrong
 * @property {Record<string, string>} loaders key of a loader → fresh HTML
 * @property {string} [location] where a redirect leads
 * @property {string} [id] of a bug, as it stands in the log
 */

/**
 * How the bytes travel. Null when there is nothing to show: a newer submission took over.
 * @typedef {(data: FormData, submitter: HTMLElement | null, signal: AbortSignal) =>
 *   Promise<Answer | null>} Transport
 */

/**
 * @typedef {object} Controller
 * @property {HTMLFormElement} form
 * @property {(busy: boolean) => void} busy show that a submission runs, or that it has ended
 * @property {(answer: Answer | null) => void} show show an outcome; null for none
 * @property {(text: string) => void} say put a line into the status
 */

/** Text for what happens between a person and the other side; replaced by a translation. */
export const MESSAGES = {
  busy: "Working…",
  network: "This could not be sent. What you entered is still here; check the connection and try again.",
};

/** A form may have a field called "elements", "reset" or "contains", which then hides the form's own. */
const elementsOf = /** @type {(this: HTMLFormElement) => HTMLFormControlsCollection} */ (
  Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements")?.get
);

/**
 * The controls that belong to a form, those outside it that name it with `form=` too.
 * @param {HTMLFormElement} form
 */
function controls(form) {
  const all = /** @type {HTMLInputElement[]} */ ([...elementsOf.call(form)]);
  // `elements` leaves out image buttons.
  return [...all, .../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=image]"))];
}

/** @param {HTMLInputElement} control */
const submits = (control) => control.type === "submit" || control.type === "image";

/**
 * The button that tells that the form is busy: the one that was pressed, else its first. Enter may have
 * pressed one that nobody sees (`markup.py`).
 * @param {HTMLElement[]} buttons
 * @param {HTMLElement | null} submitter
 */
function telling(buttons, submitter) {
  const seen = buttons.filter((button) => !button.matches(".na-default, .na-add, .na-remove"));
  return seen.find((button) => button === submitter) ?? seen.find((button) => button.hasAttribute("data-busy")) ?? seen[0];
}

/** Line breaks as a form sends them (HTML, "constructing the entry list").
 * @param {string} text */
export const crlf = (text) => text.replace(/\r\n|\r|\n/g, "\r\n");

/**
 * Put HTML into an element. When the focus was in there, it goes to the same element of the new
 * content, or else to the container: never to nowhere.
 * @param {HTMLElement} element
 * @param {string} html
 */
export function put(element, html) {
  const active = /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement;
  const held = active !== null && active !== element && element.contains(active);
  element.innerHTML = html;
  if (!held) return;
  const again = active.id ? element.querySelector(`#${CSS.escape(active.id)}`) : null;
  if (again instanceof HTMLElement) return again.focus();
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** What is shown when nothing was run.
 * @param {string} text @returns {Answer} */
export const refusal = (text) => ({ type: "error", form: "", slots: { errors: text }, invalid: [], loaders: {} });

/** Numbers submissions of the whole page, so that an older refresh never covers a newer one. */
let clock = 0;
/** @type {WeakMap<Element, number>} */
const refreshed = new WeakMap();

/**
 * Put the fresh HTML of loaders into the page.
 * @param {ParentNode} root
 * @param {Record<string, string>} loaders
 * @param {number} [asked] number of the submission that asked for it
 */
export function refresh(root, loaders, asked = ++clock) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-loader]"))) {
    const key = element.dataset["loader"] ?? "";
    if (!Object.hasOwn(loaders, key) || (refreshed.get(element) ?? 0) > asked) continue;
    refreshed.set(element, asked);
    put(element, loaders[key] ?? "");
  }
}

/**
 * Whether the browser should submit on its own: to a dialog, to another window, with GET.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 * @param {boolean} elsewhere whether it was clicked with a key that opens another tab
 */
export function leaveToBrowser(form, submitter, elsewhere) {
  const method = submitter?.getAttribute("formmethod") ?? form.getAttribute("method");
  const target = submitter?.getAttribute("formtarget") ?? form.getAttribute("target");
  return elsewhere || method?.toLowerCase() !== "post" || !["", "_self", null].includes(target);
}

/**
 * Give a working form its behaviour.
 * @param {HTMLFormElement} form
 * @param {Transport} transport
 * @param {object} options
 * @param {ParentNode} options.root what holds the loaders that an answer refreshes
 * @param {AbortSignal} options.signal ends it all
 * @param {string} [options.suffix] what this view has appended to the ids of Python's HTML
 * @param {typeof leaveToBrowser} [options.leave] whether the browser should submit on its own
 * @returns {Controller}
 */
export function enhance(form, transport, { root, signal, suffix = "", leave = () => false }) {
  /** @type {Map<HTMLElement, ChildNode[]>} */
  const swapped = new Map();
  let sending = false;
  let outside = false;
  let elsewhere = false;

  /** @param {string} name */
  const slot = (name) =>
    /** @type {HTMLElement | null} */ (form.querySelector(`[data-slot="${CSS.escape(name)}"]`));

  /** @param {boolean} on @param {HTMLElement | null} [submitter] */
  function busy(on, submitter = null) {
    if (on) {
      form.setAttribute("aria-busy", "true");
      clear();
      say(MESSAGES.busy);
    } else if (form.getAttribute("aria-busy") === "true") {
      form.removeAttribute("aria-busy");
      say("");
    }
    const buttons = controls(form).filter(submits);
    const shown = on ? telling(buttons, submitter) : undefined;
    for (const button of buttons) {
      // Not `disabled`, which would drop the focus.
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      button.toggleAttribute("data-busy", button === shown);
    }
    const text = shown?.dataset["pending"];
    if (shown && text && !swapped.has(shown)) {
      swapped.set(shown, [...shown.childNodes]);
      shown.replaceChildren(text);
    }
    if (!on) {
      for (const [button, nodes] of swapped) button.replaceChildren(...nodes);
      swapped.clear();
    }
  }

  /** @param {string} text */
  function say(text) {
    const status = slot("status");
    if (status && status.textContent !== text) status.textContent = text;
  }

  function clear() {
    // What the action prints comes on its own way and stays.
    for (const element of form.querySelectorAll('[data-slot]:not([data-slot="log"])')) element.replaceChildren();
    for (const control of controls(form)) control.removeAttribute("aria-invalid");
  }

  /** @param {Answer | null} answer @param {number} [asked] */
  function show(answer, asked) {
    clear();
    if (!answer) return;
    for (const [name, html] of Object.entries(answer.slots)) {
      const element = slot(name);
      if (element) put(element, html);
    }
    for (const control of controls(form)) {
      const name = control.getAttribute("data-field") ?? control.name;
      // Several choices are wrong as a whole.
      const set = control.closest(`fieldset[data-field="${CSS.escape(name)}"]`);
      if (answer.invalid.includes(name)) (set ?? control).setAttribute("aria-invalid", "true");
    }
    refresh(root, answer.loaders, asked);
  }

  /** Lead to the error summary, unless the person has gone on elsewhere. */
  function focusErrors() {
    const errors = slot("errors");
    const active = /** @type {Document | ShadowRoot} */ (form.getRootNode()).activeElement;
    const here =
      active === null ||
      active === document.body ||
      Node.prototype.contains.call(form, active) ||
      controls(form).some((control) => control === active);
    if (errors?.hasChildNodes() && here) errors.focus();
  }

  /** @param {SubmitEvent} event */
  async function onSubmit(event) {
    const submitter = event.submitter;
    if (event.defaultPrevented || leave(form, submitter, elsewhere)) return;
    event.preventDefault();
    if (editRows(form, submitter, suffix) || sending) return;
    sending = true;
    const asked = ++clock;
    const data = new FormData(form, submitter);
    busy(true, submitter);
    /** @type {Answer | null} */
    let answer = null;
    try {
      answer = await transport(data, submitter, signal);
    } catch (error) {
      if (!signal.aborted) console.error(error);
      answer = refusal(MESSAGES.network);
    }
    sending = false;
    busy(outside);
    if (signal.aborted || !answer) return;
    show(answer, asked);
    focusErrors();
    // A result is shown beside the input, which then stays; after a redirect to this page the
    // form is as new.
    if (answer.type === "redirect") HTMLFormElement.prototype.reset.call(form);
  }

  /** A link of the summary leads to its field, in a notebook or a shadow root too.
   * @param {MouseEvent} event */
  function onClick(event) {
    // A click with such a key held is for another tab or window, and so is what it submits.
    elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    const link = /** @type {Element} */ (event.target).closest?.('[data-slot="errors"] a[href^="#"]');
    if (!link) return;
    const id = decodeURIComponent(link.getAttribute("href")?.slice(1) ?? "");
    const field =
      controls(form).find((control) => control.id === id + suffix) ?? form.querySelector(`#${CSS.escape(id + suffix)}`);
    if (!(field instanceof HTMLElement)) return;
    event.preventDefault();
    field.focus();
  }

  form.addEventListener("submit", onSubmit, { signal });
  form.addEventListener("click", onClick, { signal });
  form.addEventListener("keydown", () => (elsewhere = false), { signal });
  return {
    form,
    busy: (on) => {
      outside = on;
      if (!sending) busy(on);
    },
    show,
    say,
  };
}
