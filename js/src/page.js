// The transport over HTTP: the same bytes to the same address as a browser's own submission, and the
// answer put into the page, so that a mutation and its fresh data cost one round trip.
import { isAnswer } from "./answers.js";
import { sendsFiles } from "./files.js";
import { crlf, enhance, identifier, idOf, leaveToBrowser, refresh } from "./form.js";
import { addressOf, cancelRun, follow } from "./runs.js";

/** @typedef {import("./answers.js").Answer} Answer */

/**
 * A form's body as its browser would send it. `new URLSearchParams(new FormData(form))` does not
 * do: it keeps LF, and turns a file into the text "[object File]".
 * @param {FormData} data
 * @param {boolean} multipart
 */
export function encode(data, multipart) {
  if (multipart) return data;
  const pairs = [...data].map(([name, value]) => [
    crlf(name),
    crlf(typeof value === "string" ? value : value.name),
  ]);
  return new URLSearchParams(pairs);
}

/** The address of a page without what only the server reads. @param {URL} url */
function pageAddress(url) {
  const query = new URLSearchParams(url.search);
  query.delete("_action");
  query.delete("_outcome");
  query.delete("_submissions");
  return `${url.origin}${url.pathname}?${query}`;
}

/** What the list of submissions is called in the address, by which a reload finds it again. */
function board() {
  const address = new URL(document.location.href);
  const known = address.searchParams.get("_submissions");
  if (known) return known;
  const made = identifier();
  address.searchParams.set("_submissions", made);
  history.replaceState(history.state, "", address);
  return made;
}

/** @param {string} key what the submission is called */
const headersOf = (key) => ({ Accept: "application/json", "Notebook-Actions-Run": key });

/**
 * @param {URL} url
 * @param {BodyInit} body
 * @param {AbortSignal} signal
 * @param {Record<string, string>} headers
 */
async function ask(url, body, signal, headers) {
  const response = await fetch(url, { method: "POST", headers, body, signal });
  return { status: response.status, text: await response.text() };
}

/**
 * Send files, and tell how far that has come: `fetch` cannot.
 * @param {URL} url
 * @param {FormData} body
 * @param {AbortSignal} signal
 * @param {Record<string, string>} headers
 * @param {(fraction: number) => void} report
 * @returns {Promise<{ status: number, text: string }>}
 */
function upload(url, body, signal, headers, report) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && report(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new TypeError("the request failed"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {() => boolean} options.lists whether each submission has a row
 * @param {(pending: Answer) => void} options.heard told how far a submission has come that takes longer
 * @param {(location: string) => void} options.stopped told where one was that has been cancelled
 * @returns {import("./form.js").Transport}
 */
function http(form, { lists, heard, stopped }) {
  return async (data, submitter, signal, report, key) => {
    const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
    const body = encode(data, sendsFiles(form, submitter));
    const target = new URL(url, document.baseURI);
    if (lists()) target.searchParams.set("_submissions", board());
    const headers = headersOf(key);
    let run = addressOf(key);
    signal.addEventListener("abort", () => void cancelRun(run).then(() => stopped(run)), { once: true });
    const { status, text } = await (body instanceof FormData
      ? upload(target, body, signal, headers, report)
      : ask(target, body, signal, headers));
    report(1);
    /** @type {unknown} */
    let answer = JSON.parse(text);
    if (!isAnswer(answer)) throw new Error(`not an answer (HTTP ${status})`);
    if (answer.type === "pending") {
      run = answer.location ?? run;
      heard(answer);
      answer = await follow(run, signal, heard);
    }
    return arrived(/** @type {Answer} */ (answer), signal);
  };
}

/**
 * Go where an answer leads; null when that is away from here.
 * @param {Answer} answer
 * @param {AbortSignal} signal
 */
async function arrived(answer, signal) {
  if (answer.type === "redirect" && answer.location !== undefined) {
    const next = new URL(answer.location, document.baseURI);
    const here = new URL(document.location.href);
    if (pageAddress(next) !== pageAddress(here)) {
      document.location.assign(next);
      // The form stays busy until the page is left.
      await new Promise((resolve) => addEventListener("pagehide", resolve, { once: true, signal }));
      return null;
    }
    if (next.hash) document.location.hash = next.hash;
  }
  return answer;
}

/**
 * Enhance a form, and follow what runs of its submissions.
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
function following(form, signal) {
  const lists = () => controller.listing !== null;
  /** @param {string} location */
  const stopped = (location) => lists() && watch(location);
  /** @param {Answer} pending */
  const heard = (pending) => {
    if (lists()) inRow(pending);
    else controller.progress(pending.slots["progress"] ?? "");
  };
  /**
   * Show what a row's submission is answered with, in that row.
   * @param {Promise<Answer>} asked
   * @returns {Promise<Answer | null>}
   */
  async function settle(asked) {
    try {
      let answer = await asked;
      inRow(answer);
      if (answer.type === "pending") {
        answer = await follow(answer.location ?? "", signal, inRow);
        inRow(answer);
      }
      refresh(document, answer.loaders);
      return answer;
    } catch (error) {
      if (!signal.aborted) console.error(error);
      return null;
    }
  }
  /** Follow what runs there, in its row. @param {string} location */
  const watch = (location) => void settle(follow(location, signal, inRow));
  /** @param {Answer} answer */
  const inRow = (answer) => controller.listing?.show(answer.submissions ?? {});
  /** @type {import("./form.js").Controller} */
  const controller = enhance(form, http(form, { lists, heard, stopped }), {
    root: document,
    signal,
    leave: leaveToBrowser,
    act: (name, key, small) => {
      const url = new URL(small.getAttribute("action") ?? "", document.baseURI);
      const body = new URLSearchParams({ [`_${name}`]: key });
      void settle(ask(url, body, signal, headersOf(key)).then(({ text }) => JSON.parse(text))).then((answer) => {
        // What is lacking for another try has to be entered again.
        if (answer && !answer.submissions) controller.show(answer);
      });
    },
  });
  // What was running when the page was loaded.
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-of="${CSS.escape(idOf(form))}"] > [aria-busy]`))) {
    watch(addressOf(row.dataset["submission"] ?? ""));
  }
  return controller;
}

/**
 * Enhance every form of the page.
 * @param {AbortSignal} signal
 */
export function start(signal) {
  const controllers = [
    .../** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-action]")),
  ].map((form) => following(form, signal));
  // Back from the page cache: whatever was running then has nobody waiting for it.
  addEventListener("pageshow", (event) => event.persisted && controllers.forEach((one) => one.busy(false)), {
    signal,
  });
  // An outcome is shown once: a bookmark or reload asks for the page alone.
  const address = new URL(document.location.href);
  if (address.searchParams.has("_outcome")) {
    address.searchParams.delete("_outcome");
    history.replaceState(history.state, "", address);
  }
}

start(new AbortController().signal);
