// The transport through the kernel, and the view of a form or page in a notebook.
//
// The kernel is the only writer of the model; this side sends messages: {kind, v, rid, ...}. Each is
// acknowledged at once, on whatever thread it arrives; what happens then comes as state.
import { crlf, enhance, MESSAGES as COMMON, put, refresh, refusal } from "./form.js";
import { separate } from "./rows.js";

/** @typedef {import("./form.js").Answer} Answer */
/**
 * @typedef {object} FormState
 * @property {number} version grows with every change of this form
 * @property {boolean} pending
 * @property {string | null} rid of the message that asked for this run
 * @property {string[]} ended rids of the newest runs that have ended or were superseded
 * @property {Answer | null} answer
 * @property {string} log HTML of what the action printed
 * @property {string} progress how far it has come, in words; empty when it does not tell
 */
/**
 * @typedef {object} State
 * @property {number} seq grows with every change
 * @property {Record<string, FormState>} forms
 * @property {Record<string, string>} loaders
 */
/**
 * The part of a widget model that is used here (anywidget's front-end module specification).
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]) => void} send
 * @property {(name: string, callback: (...given: any[]) => void) => void} on
 * @property {(name: string, callback: (...given: any[]) => void) => void} off
 */

const VERSION = 1;
/** A message over 10 MiB is lost on the way to the kernel, and the connection with it. */
const MAX_BYTES = 8 * 2 ** 20;

export const MESSAGES = {
  waiting:
    "Waiting for the kernel. If it was stopped or restarted, run this cell again to bring the form back to life.",
  queued: "The kernel is busy; your submission is queued.",
  large: "The files are too large for the notebook: 8 MB in all can be sent.",
};

/** Milliseconds without a word from the kernel after which the person is told. */
const PATIENCE = { ack: 5000, queued: 400, stale: 3000 };

/** Two views of one form need different ids. */
let views = 0;

/** Also where `crypto.randomUUID` is missing: on plain http. */
function identifier() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16)).join("-");
}

/** @param {HTMLFormElement} form */
function idOf(form) {
  const own = form.querySelector('input[type="hidden"][name="_form"]');
  return own?.getAttribute("value") ?? form.getAttribute("data-action") ?? "";
}

/**
 * The pairs of a form as JSON, and the files' bytes beside them.
 * @param {FormData} data
 */
async function pack(data) {
  /** @type {unknown[]} */
  const entries = [];
  /** @type {ArrayBuffer[]} */
  const buffers = [];
  let size = 0;
  for (const [name, value] of data) {
    if (name === "_form") continue;
    if (typeof value === "string") {
      entries.push([crlf(name), crlf(value)]);
    } else if (value.name || value.size) {
      size += value.size;
      if (size > MAX_BYTES) return null;
      entries.push([crlf(name), { filename: value.name, content_type: value.type, buffer: buffers.length }]);
      buffers.push(await value.arrayBuffer());
    }
  }
  return { entries, buffers };
}

/**
 * JupyterLab's shortcuts would take Enter, Shift+Enter, "d d" and the arrows away from the form.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
function guardKeys(root, signal) {
  root.dataset["lmSuppressShortcuts"] = "true";
  root.addEventListener("beforeinput", (event) => event.stopPropagation(), { capture: true, signal });
  root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
}

/**
 * @param {{ model: Model, el: HTMLElement, signal?: AbortSignal }} given
 */
function render({ model, el, signal: outer }) {
  const life = new AbortController();
  const { signal } = life;
  outer?.addEventListener("abort", () => life.abort(), { once: true });

  const suffix = `-v${++views}`;
  el.innerHTML = model.get("_html");
  const root = /** @type {HTMLElement} */ (el.firstElementChild);
  separate(root, suffix);
  guardKeys(root, signal);
  const notice = /** @type {HTMLElement} */ (root.querySelector('[data-slot="notice"]'));

  /** @type {Map<string, { id: string, resolve: (answer: Answer | null) => void }>} */
  const waiting = new Map();
  /** @type {Map<string, number>} rid → timer of what has not begun yet */
  const sent = new Map();
  /** @type {Map<string, number>} */
  const versions = new Map();
  /** @type {Record<string, string>} */
  let loaded = {};
  let seen = 0;

  /** @param {string} text */
  const tell = (text) => {
    notice.hidden = text === "";
    if (notice.textContent !== text) notice.textContent = text;
  };

  /**
   * Send a message, and say so when the kernel does not acknowledge it.
   * @param {Record<string, unknown>} content
   * @param {ArrayBuffer[]} [buffers]
   */
  function send(content, buffers = []) {
    const rid = identifier();
    const timer = setTimeout(() => {
      tell(MESSAGES.waiting);
      // A question that was not heard is asked again; a submission stays, and is not.
      if (!waiting.has(rid)) sent.delete(rid);
    }, PATIENCE.ack);
    sent.set(rid, timer);
    try {
      model.send({ v: VERSION, rid, ...content }, undefined, buffers);
    } catch {
      tell(MESSAGES.waiting);
    }
    return rid;
  }

  const controllers = new Map(
    [.../** @type {NodeListOf<HTMLFormElement>} */ (root.querySelectorAll("form[data-action]"))].map((form) => {
      const id = idOf(form);
      /** @type {import("./form.js").Transport} */
      const transport = async (data) => {
        const packed = await pack(data);
        if (!packed) return refusal(MESSAGES.large);
        const rid = send({ kind: "submit", form: id, entries: packed.entries }, packed.buffers);
        return new Promise((resolve) => waiting.set(rid, { id, resolve }));
      };
      return [id, enhance(form, transport, { root, signal, suffix })];
    }),
  );

  /** @param {State} state @param {boolean} [mounting] */
  function apply(state, mounting = false) {
    if (state.seq < seen) return;
    seen = state.seq;
    for (const [id, form] of Object.entries(state.forms)) {
      const controller = controllers.get(id);
      if (!controller || versions.get(id) === form.version) continue;
      versions.set(id, form.version);
      settle(id, controller, form, mounting);
    }
    if (!mounting) {
      const fresh = Object.entries(state.loaders).filter(([key, html]) => loaded[key] !== html);
      refresh(root, Object.fromEntries(fresh));
    }
    loaded = state.loaders;
    watch();
  }

  /**
   * @param {string} id
   * @param {import("./form.js").Controller} controller
   * @param {FormState} form
   * @param {boolean} mounting the HTML has this state in it already
   */
  function settle(id, controller, form, mounting) {
    controller.busy(form.pending);
    let mine = false;
    for (const [rid, { id: owner, resolve }] of waiting) {
      if (owner !== id) continue;
      mine = true;
      if (rid === form.rid && sent.has(rid)) {
        forget(rid);
        // No longer queued.
        if (form.pending) controller.say(COMMON.busy);
      }
      if (!form.ended.includes(rid)) continue;
      waiting.delete(rid);
      forget(rid);
      resolve(rid === form.rid ? form.answer : null);
    }
    if (!mine && !form.pending && !mounting) controller.show(form.answer);
    if (form.pending && form.progress) controller.say(form.progress);
    const log = /** @type {HTMLElement | null} */ (controller.form.querySelector('[data-slot="log"]'));
    if (log && log.innerHTML !== form.log) put(log, form.log);
  }

  /** @param {string} rid */
  function forget(rid) {
    clearTimeout(sent.get(rid));
    sent.delete(rid);
  }

  /** @param {{ kind: string, rid: string, state?: State }} content */
  function onMessage(content) {
    if (content.kind !== "ack") return;
    tell("");
    if (content.state) apply(content.state);
    if (!sent.has(content.rid)) return;
    forget(content.rid);
    if (!waiting.has(content.rid)) return;
    // Acknowledged on another thread, but not begun: a cell holds the kernel.
    sent.set(content.rid, setTimeout(() => tellQueued(content.rid), PATIENCE.queued));
  }

  /** @param {string} rid */
  function tellQueued(rid) {
    const asked = waiting.get(rid);
    if (asked) controllers.get(asked.id)?.say(MESSAGES.queued);
  }

  let watcher = 0;
  /** Updates can be lost on the way (an output rate limit): ask for the state while one is awaited. */
  function watch() {
    clearTimeout(watcher);
    const pending = waiting.size > 0 || [...controllers.values()].some((one) => one.form.getAttribute("aria-busy") === "true");
    if (!pending || signal.aborted) return;
    watcher = setTimeout(() => {
      send({ kind: "sync" });
      watch();
    }, PATIENCE.stale);
  }

  const onState = () => apply(model.get("_state"));
  // After a restart of the kernel the model lives on here, but nobody hears it.
  const onLive = () => tell(MESSAGES.waiting);
  model.on("change:_state", onState);
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onLive);
  root.addEventListener("submit", () => watch(), { signal });
  signal.addEventListener("abort", () => {
    model.off("change:_state", onState);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onLive);
    for (const rid of [...sent.keys()]) forget(rid);
    clearTimeout(watcher);
  });

  apply(model.get("_state"), true);
  send({ kind: "sync" });
  return () => life.abort();
}

export default { render };
