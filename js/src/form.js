// What a form does in the page, whichever way its bytes travel: it submits, shows that it is busy,
// and puts the HTML that Python rendered into named slots. It makes no markup and never replaces an
// input, so typed text, chosen files and the focus stay.

import { refusal } from "./answers.js";
import { tooLarge } from "./files.js";
import { texts } from "./messages.js";
import { editRows } from "./rows.js";
import { described, listing } from "./submissions.js";

/** @typedef {import("./answers.js").Answer} Answer */

/**
 * How the bytes travel; `report` is told which part of them (0 to 1) has been sent. Null when there
 * is nothing to show: a newer submission took over. `key` is what the submission is called from now on.
 * @typedef {(data: FormData, submitter: HTMLElement | null, signal: AbortSignal,
 *   report: (fraction: number) => void, key: string) => Promise<Answer | null>} Transport
 */

/**
 * @typedef {object} Controller
 * @property {HTMLFormElement} form
 * @property {(busy: boolean) => void} busy show that a submission runs, or that it has ended
 * @property {(answer: Answer | null) => void} show show an outcome; null for none
 * @property {(text: string) => void} say put a line into the status
 * @property {(html: string) => void} progress show how far the submission has come
 * @property {import("./submissions.js").Listing | null} listing the list, where each submission has a row
 */

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

/** Open what an element stands in, so that it can be seen and focused. @param {Element} element */
function reveal(element) {
  for (let around = element.closest("details"); around; around = around.parentElement?.closest("details") ?? null) {
    around.open = true;
  }
}

/** What nobody can guess; also where `crypto.randomUUID` is missing: on plain http. */
export function identifier() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16).padStart(8, "0")).join("");
}

/** @param {HTMLFormElement} form */
export function idOf(form) {
  const own = form.querySelector('input[type="hidden"][name="_form"]');
  return own?.getAttribute("value") ?? form.getAttribute("data-action") ?? "";
}

/** What was entered, to see whether it still stands there. @param {FormData} data */
const entered = (data) => JSON.stringify([...data].map(([name, value]) => [name, typeof value === "string" ? value : [value.name, value.size]]));

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
 * @param {(name: string, key: string, form: HTMLFormElement) => void} [options.act] "cancel", "retry" or
 *   "clear" was pressed in the row of a submission
 * @param {() => void} [options.cancel] stop a submission that this view did not send
 * @returns {Controller}
 */
export function enhance(form, transport, { root, signal, suffix = "", leave = () => false, act = () => {}, cancel = () => {} }) {
  /** @type {Map<HTMLElement, ChildNode[]>} */
  const swapped = new Map();
  const text = texts(form);
  let sending = 0;
  let outside = false;
  let elsewhere = false;
  /** @type {Map<string, AbortController>} key of a submission that is being sent → what ends it */
  const stops = new Map();
  let newest = "";

  /** @param {string} name */
  const slot = (name) =>
    /** @type {HTMLElement | null} */ (form.querySelector(`[data-slot="${CSS.escape(name)}"]`));

  const name = CSS.escape(idOf(form));
  const list = /** @type {HTMLElement | null} */ (root.querySelector(`[data-slot="submissions"][data-of="${name}"]`));
  const pattern = /** @type {HTMLTemplateElement | null} */ (root.querySelector(`template[data-pattern="${name}"]`));
  const rows =
    list && pattern
      ? listing(list, pattern, {
          act: (name, key, small) => (name === "cancel" && stops.has(key) ? stops.get(key)?.abort() : act(name, key, small)),
          say,
          leave: () => controls(form).find(submits)?.focus({ preventScroll: true }),
          signal,
        })
      : null;

  /** @param {boolean} on @param {HTMLElement | null} [submitter] */
  function busy(on, submitter = null) {
    // Where each has a row, that tells, and the next one may be sent.
    if (rows) return;
    if (on) {
      form.setAttribute("aria-busy", "true");
      clear();
      say(text("working"));
    } else if (form.getAttribute("aria-busy") === "true") {
      form.removeAttribute("aria-busy");
      say("");
    }
    showCancel(on);
    const buttons = controls(form).filter(submits);
    const shown = on ? telling(buttons, submitter) : undefined;
    for (const button of buttons) {
      // Not `disabled`, which would drop the focus.
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      button.toggleAttribute("data-busy", button === shown);
    }
    const pending = shown?.dataset["pending"];
    if (shown && pending && !swapped.has(shown)) {
      swapped.set(shown, [...shown.childNodes]);
      shown.replaceChildren(pending);
    }
    if (!on) {
      for (const [button, nodes] of swapped) button.replaceChildren(...nodes);
      swapped.clear();
    }
  }

  /** A button that goes takes no focus along. @param {boolean} on */
  function showCancel(on) {
    const button = /** @type {HTMLElement | null} */ (form.querySelector("[data-cancel]"));
    if (!button || button.hidden === !on) return;
    const active = /** @type {Document | ShadowRoot} */ (form.getRootNode()).activeElement;
    if (!on && active === button) telling(controls(form).filter(submits), null)?.focus({ preventScroll: true });
    button.hidden = !on;
  }

  /** @param {string} html */
  function progress(html) {
    const element = slot("progress");
    if (element && element.innerHTML !== html) put(element, html);
  }

  /** @param {string} line */
  function say(line) {
    const status = slot("status");
    if (status && status.textContent !== line) status.textContent = line;
  }

  function clear() {
    const active = /** @type {Document | ShadowRoot} */ (form.getRootNode()).activeElement;
    const held = active !== null && slot("errors")?.contains(active);
    // What the action prints comes on its own way and stays; so do the files that are kept.
    for (const element of form.querySelectorAll('[data-slot]:not([data-slot="log"], [data-slot^="kept:"])')) {
      element.replaceChildren();
    }
    for (const control of controls(form)) control.removeAttribute("aria-invalid");
    // A summary without text is hidden, and would take the focus along.
    if (held) telling(controls(form).filter(submits), null)?.focus({ preventScroll: true });
  }

  /** The file inputs of this form, those that are disabled left out. */
  const fileInputs = () => controls(form).filter((control) => control.type === "file" && !control.matches(":disabled"));

  /**
   * Show which files are kept. A kept file stands for the one that was chosen, which is not sent again.
   * @param {Record<string, string>} slots
   * @param {Map<HTMLInputElement, File | undefined>} chosen what each input held when it was sent
   */
  function keep(slots, chosen) {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-slot^="kept:"]'))) {
      put(element, slots[element.dataset["slot"] ?? ""] ?? "");
    }
    for (const control of controls(form).filter((control) => control.type === "file")) {
      const kept = Boolean(slots[`kept:${control.name}`]);
      // What was chosen since then stays.
      if (kept && chosen.get(control) && chosen.get(control) === control.files?.[0]) control.value = "";
      if (kept && control.required) control.setAttribute("data-required", "");
      if (control.hasAttribute("data-required")) control.required = !kept;
      if (!kept) control.removeAttribute("data-required");
    }
  }

  /**
   * @param {Answer | null} answer
   * @param {number} [asked]
   * @param {Map<HTMLInputElement, File | undefined>} [chosen]
   */
  function show(answer, asked, chosen = new Map()) {
    clear();
    if (answer?.form !== "") keep(answer?.slots ?? {}, chosen);
    if (!answer) return;
    for (const [name, html] of Object.entries(answer.slots)) {
      const element = slot(name);
      if (element && !name.startsWith("kept:")) put(element, html);
    }
    for (const control of controls(form)) {
      const name = control.getAttribute("data-field") ?? control.name;
      // Several choices are wrong as a whole.
      const set = control.closest(`fieldset[data-field="${CSS.escape(name)}"]`);
      if (!answer.invalid.includes(name)) continue;
      (set ?? control).setAttribute("aria-invalid", "true");
      reveal(control);
    }
    refresh(root, answer.loaders, asked);
  }

  /** Show how much has been sent. @param {number} fraction */
  function report(fraction) {
    const bar = /** @type {HTMLProgressElement | null} */ (form.querySelector("progress[data-upload]"));
    if (!bar) return;
    bar.value = fraction;
    bar.hidden = fraction >= 1;
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
    if (editRows(form, submitter, suffix)) return;
    if (sending && !rows) return;
    const inputs = fileInputs();
    const refused = tooLarge(form, inputs, suffix, text);
    if (refused) {
      show(refused);
      return focusErrors();
    }
    await send(identifier(), new FormData(form, submitter), submitter, new Map(inputs.map((input) => [input, input.files?.[0]])));
  }

  /**
   * @param {string} key
   * @param {FormData} data
   * @param {HTMLElement | null} submitter
   * @param {Map<HTMLInputElement, File | undefined>} [chosen] what each file input holds
   */
  async function send(key, data, submitter, chosen) {
    sending++;
    newest = key;
    const asked = ++clock;
    if (rows) clear();
    busy(true, submitter);
    rows?.add(key, described(data, controls(form)));
    const stop = new AbortController();
    stops.set(key, stop);
    /** @type {Answer | null} */
    let answer = null;
    let lost = "";
    try {
      answer = await transport(data, submitter, stop.signal, report, key);
    } catch (error) {
      if (!stop.signal.aborted) {
        console.error(error);
        answer = refusal(text("network"));
      }
      lost = stop.signal.aborted ? text("cancelled") : text("network");
    }
    report(1);
    const cancelled = stop.signal.aborted;
    stops.delete(key);
    sending--;
    busy(outside);
    if (signal.aborted) return;
    if (lost && rows) return rows.fail(key, lost, () => void send(key, data, submitter));
    if (cancelled && !rows) say(text("cancelled"));
    if (!answer) return;
    if (answer.submissions) rows?.show(answer.submissions);
    // What came of another than the newest stands in its row.
    if (rows && key !== newest) return refresh(root, answer.loaders, asked);
    show(answer, asked, chosen);
    focusErrors();
    // A result is shown beside the input, which then stays. After a redirect to this page, and where
    // results have rows of their own, the form is as new: unless something else was entered since.
    const wanted = form.getAttribute("data-reset");
    const done = answer.type === "success" || answer.type === "redirect";
    const anew = wanted ? wanted === "true" : rows || answer.type === "redirect";
    const same = !rows || entered(new FormData(form, submitter)) === entered(data);
    if (done && anew && same) HTMLFormElement.prototype.reset.call(form);
  }

  /** A link of the summary leads to its field, in a notebook or a shadow root too.
   * @param {MouseEvent} event */
  function onClick(event) {
    // A click with such a key held is for another tab or window, and so is what it submits.
    elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (/** @type {Element} */ (event.target).closest?.("[data-cancel]")) {
      if (!stops.size) cancel();
      for (const stop of stops.values()) stop.abort();
      return;
    }
    const link = /** @type {Element} */ (event.target).closest?.('[data-slot="errors"] a[href^="#"]');
    if (!link) return;
    const id = decodeURIComponent(link.getAttribute("href")?.slice(1) ?? "");
    const field =
      controls(form).find((control) => control.id === id + suffix) ?? form.querySelector(`#${CSS.escape(id + suffix)}`);
    if (!(field instanceof HTMLElement)) return;
    event.preventDefault();
    reveal(field);
    field.focus();
  }

  signal.addEventListener("abort", () => stops.forEach((stop) => stop.abort()));
  form.addEventListener("submit", onSubmit, { signal });
  form.addEventListener("click", onClick, { signal });
  // A browser does not submit a form with a wrong field that it cannot focus, and says nothing.
  form.addEventListener("invalid", (event) => reveal(/** @type {Element} */ (event.target)), { signal, capture: true });
  form.addEventListener("keydown", () => (elsewhere = false), { signal });
  return {
    form,
    busy: (on) => {
      outside = on;
      if (!sending) busy(on);
    },
    show,
    say,
    progress,
    listing: rows,
  };
}
