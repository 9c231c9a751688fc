// The transport through the kernel, and the view of a form or page in a notebook.
//
// The kernel is the only writer of the model; this side sends messages: {kind, v, rid, ...}. Each is
// acknowledged at once, on whatever thread it arrives; what happens then comes as state. A message
// that was lost is sent again, since the kernel takes each one only once. Files go before their
// submission, in chunks.
import { followDownloads } from "./download.js";
import { refusal } from "./answers.js";
import { sendsFiles } from "./files.js";
import { enhance, identifier, idOf, put, refresh } from "./form.js";
import { texts } from "./messages.js";
import { chunks, pack } from "./packing.js";
import { separate } from "./rows.js";

/** @typedef {import("./answers.js").Answer} Answer */
/**
 * @typedef {object} FormState
 * @property {number} version grows with every change of this form
 * @property {boolean} pending
 * @property {string | null} rid key of the newest submission: the rid of the message that asked for it
 * @property {string[]} ended keys of the submissions that have ended last or were superseded
 * @property {string[]} dropped those of them that were refused, since another one ran
 * @property {Answer | null} answer
 * @property {string} log HTML of what the action printed
 * @property {string} progress HTML of how far the newest one has come; empty when it does not tell
 * @property {Record<string, string>} submissions key of a submission → its row
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

/**
 * What the kernel says to a message.
 * @typedef {{ kind: string, rid: string, state?: State, answer?: Answer } & import("./download.js").Piece} Ack
 */

const VERSION = 1;
/** Chunks on the way at once. */
const WINDOW = 4;

/** Milliseconds without a word from the kernel after which the person is told. */
const PATIENCE = { ack: 5000, queued: 400, stale: 3000 };

/** Two views of one form need different ids. */
let views = 0;

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
  const text = texts(root);
  const notice = /** @type {HTMLElement} */ (root.querySelector('[data-slot="notice"]'));

  /** @type {Map<string, { id: string, resolve: (answer: Answer | null) => void }>} submissions that run */
  const waiting = new Map();
  /**
   * @typedef {object} Message what the kernel has not acknowledged yet
   * @property {Record<string, unknown>} content
   * @property {ArrayBuffer[]} buffers
   * @property {number} order
   * @property {(ack: Ack) => void} heard
   */
  /** @type {Map<string, Message>} */
  const unheard = new Map();
  /** @type {Map<string, number>} rid → timer of what has not begun yet */
  const queued = new Map();
  let sent = 0;
  let silence = 0;
  /** @type {Map<string, number>} */
  const versions = new Map();
  /** @type {Record<string, string>} */
  let loaded = {};
  let seen = 0;

  /** @param {string} line */
  const tell = (line) => {
    notice.hidden = line === "";
    if (notice.textContent !== line) notice.textContent = line;
  };

  /** Say so when something was sent and for a while nothing is heard. */
  function listen() {
    clearTimeout(silence);
    silence = unheard.size && !signal.aborted ? setTimeout(tell, PATIENCE.ack, text("waiting")) : 0;
  }

  /** @param {string} rid @param {Message} message */
  function transmit(rid, message) {
    message.order = ++sent;
    try {
      model.send({ v: VERSION, rid, ...message.content }, undefined, message.buffers);
    } catch {
      tell(text("waiting"));
    }
  }

  /**
   * Send a message, again where it was lost.
   * @param {Record<string, unknown>} content
   * @param {ArrayBuffer[]} [buffers]
   * @param {(ack: Ack) => void} [heard]
   * @param {string} [rid]
   */
  function send(content, buffers = [], heard = () => {}, rid = identifier()) {
    const message = { content, buffers, order: 0, heard };
    unheard.set(rid, message);
    if (unheard.size === 1) listen();
    transmit(rid, message);
    return rid;
  }

  /** The answer to a question shows that what was sent before it and not acknowledged was lost.
   * @param {number} asked */
  function resend(asked) {
    for (const [rid, message] of [...unheard]) {
      if (message.order > asked) continue;
      if (message.content["kind"] === "sync") unheard.delete(rid);
      else transmit(rid, message);
    }
  }

  /**
   * Send files in chunks, a few at once.
   * @param {Record<string, unknown>} upload what each message says
   * @param {ReturnType<typeof pack>} packed
   * @param {AbortSignal} stop
   * @param {(fraction: number) => void} report
   * @returns {Promise<Answer | null>} why the kernel refuses them; null when they have arrived
   */
  async function sendFiles(upload, { files, announced }, stop, report) {
    /** @param {Record<string, unknown>} content @param {ArrayBuffer[]} [buffers] @returns {Promise<Ack>} */
    const ask = (content, buffers) => new Promise((resolve) => send({ ...upload, ...content }, buffers, resolve));
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const rest = chunks(files);
    let { answer = null } = await ask({ kind: "upload", files: announced });
    let done = 0;
    const some = async () => {
      for (const { file, n, part } of rest) {
        const buffer = await part.arrayBuffer();
        if (answer || stop.aborted) return;
        const ack = await ask({ kind: "chunk", file, n }, [buffer]);
        answer ??= ack.answer ?? null;
        done += part.size;
        report(done / total);
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, some));
    return answer;
  }

  /** Nobody waits for an upload any more. @param {string} form @param {string} upload */
  function giveUp(form, upload) {
    for (const [rid, { content }] of unheard) if (content["upload"] === upload) unheard.delete(rid);
    send({ kind: "cancel", form, upload });
  }

  /**
   * @param {string} form
   * @param {unknown[]} entries
   * @param {AbortSignal} stop
   * @param {string} rid
   * @returns {Promise<Answer | null>}
   */
  function submit(form, entries, stop, rid) {
    return new Promise((resolve) => {
      /** @param {Ack} ack */
      const heard = ({ answer }) => {
        if (!waiting.has(rid)) return;
        if (answer) {
          waiting.delete(rid);
          resolve(answer);
        } else {
          // Acknowledged on another thread, but not begun: a cell holds the kernel.
          queued.set(rid, setTimeout(() => controllers.get(form)?.say(text("queued")), PATIENCE.queued));
        }
      };
      waiting.set(rid, { id: form, resolve });
      send({ kind: "submit", form, entries }, [], heard, rid);
      // What runs does not end with the view.
      const cancel = () => signal.aborted || send({ kind: "cancel", form, submission: rid });
      stop.addEventListener("abort", cancel, { once: true });
    });
  }

  /** @type {Map<string, string>} form → key of its newest submission */
  const newest = new Map();
  const controllers = new Map(
    [.../** @type {NodeListOf<HTMLFormElement>} */ (root.querySelectorAll("form[data-action]"))].map((form) => {
      const id = idOf(form);
      /** @type {import("./form.js").Transport} */
      const transport = async (data, submitter, stop, report, key) => {
        const upload = identifier();
        const packed = pack(data, upload, sendsFiles(form, submitter));
        if (packed.files.length) {
          const arriving = new AbortController();
          /** @type {Promise<never>} */
          const stopped = new Promise((_, reject) => {
            stop.addEventListener("abort", () => reject(stop.reason), { signal: arriving.signal });
          });
          try {
            const refused = await Promise.race([sendFiles({ form: id, upload }, packed, stop, report), stopped]);
            if (refused) return refused;
          } catch (error) {
            giveUp(id, upload);
            throw error;
          } finally {
            arriving.abort();
          }
        }
        return submit(id, packed.entries, stop, key);
      };
      /** @param {string} kind @param {string} submission */
      const act = (kind, submission) => void send({ kind, form: id, submission });
      const cancel = () => act("cancel", newest.get(id) ?? "");
      return [id, enhance(form, transport, { root, signal, suffix, act, cancel })];
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
    newest.set(id, form.rid ?? "");
    let mine = false;
    for (const [rid, { id: owner, resolve }] of waiting) {
      if (owner !== id) continue;
      mine = true;
      if (rid === form.rid && (unheard.has(rid) || queued.has(rid))) {
        forget(rid);
        // No longer queued.
        if (form.pending) controller.say(text("working"));
      }
      if (!form.ended.includes(rid)) continue;
      waiting.delete(rid);
      forget(rid);
      resolve(rid === form.rid ? form.answer : form.dropped.includes(rid) ? refusal(text("dropped")) : null);
    }
    if (!mine && !form.pending && !mounting) controller.show(form.answer);
    controller.progress(form.pending ? form.progress : "");
    controller.listing?.show(form.submissions, (key) => !waiting.has(key));
    const log = /** @type {HTMLElement | null} */ (controller.form.querySelector('[data-slot="log"]'));
    if (log && log.innerHTML !== form.log) put(log, form.log);
  }

  /** @param {string} rid */
  function forget(rid) {
    unheard.delete(rid);
    clearTimeout(queued.get(rid));
    queued.delete(rid);
    listen();
  }

  /** @param {Ack} content @param {DataView[]} [buffers] */
  function onMessage(content, buffers) {
    if (content.kind !== "ack") return;
    if (buffers?.[0]) content.piece = buffers[0];
    tell("");
    if (content.state) apply(content.state);
    const message = unheard.get(content.rid);
    unheard.delete(content.rid);
    listen();
    if (!message) return;
    message.heard(content);
    if (content.state) resend(message.order);
  }

  let watcher = 0;
  /** Updates can be lost on the way (an output rate limit): ask for the state while one is awaited. */
  function watch() {
    clearTimeout(watcher);
    const fetching = [...unheard.values()].some(({ content }) => content["kind"] === "download");
    const pending = fetching || waiting.size > 0 || [...controllers.values()].some((one) => one.form.getAttribute("aria-busy") === "true");
    if (!pending || signal.aborted) return;
    watcher = setTimeout(() => {
      send({ kind: "sync" });
      watch();
    }, PATIENCE.stale);
  }

  const onState = () => apply(model.get("_state"));
  // After a restart of the kernel the model lives on here, but nobody hears it.
  const onLive = () => tell(text("waiting"));
  model.on("change:_state", onState);
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onLive);
  root.addEventListener("submit", () => watch(), { signal });
  signal.addEventListener("abort", () => {
    model.off("change:_state", onState);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onLive);
    for (const timer of [...queued.values(), silence, watcher]) clearTimeout(timer);
  });

  followDownloads(
    root,
    (token, n) =>
      new Promise((resolve) => {
        send({ kind: "download", token, n }, [], resolve);
        watch();
      }),
    tell,
    signal,
  );
  apply(model.get("_state"), true);
  send({ kind: "sync" });
  return () => life.abort();
}

export default { render };
