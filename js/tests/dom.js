// A document for the tests: one jsdom window for each test file, with its names as globals, as the
// modules expect of a browser.
import { readFileSync } from "node:fs";
import { JSDOM, VirtualConsole } from "jsdom";

/** Where the page seems to go: jsdom cannot navigate, and says so. */
export const navigations = [];
const quiet = new VirtualConsole();
quiet.on("jsdomError", (error) => {
  if (error.type === "not implemented" || /navigation/.test(error.message)) navigations.push(error.message);
  else throw error;
});

export const dom = new JSDOM("<!DOCTYPE html><body></body>", {
  url: "http://localhost/subjects",
  pretendToBeVisual: true,
  virtualConsole: quiet,
});
const { window } = dom;
for (const name of [
  "document", "Element", "HTMLElement", "HTMLFormElement", "HTMLButtonElement", "Node", "FormData", "File", "Event", "KeyboardEvent",
  "addEventListener", "history", "URLSearchParams", "AbortController", "AbortSignal",
]) {
  globalThis[name] = typeof window[name] === "function" && /^[a-z]/.test(name) ? window[name].bind(window) : window[name];
}
// jsdom has no CSS.escape; ids and names in these tests need no more than this.
globalThis.CSS = { escape: (text) => text.replace(/[^\w-]/g, (char) => `\\${char}`) };
window.PageTransitionEvent ??= window.Event;

export { window };

/** @param {string} name a file of tests/wire */
export const wire = (name) => readFileSync(new URL(`../../tests/wire/${name}`, import.meta.url), "utf8");

/** Show some HTML as the page. @param {string} html */
export function show(html) {
  document.body.innerHTML = html.includes("<body>") ? html.slice(html.indexOf("<body>") + 6, html.indexOf("</body>")) : html;
  return document.querySelector("form");
}

/** Let everything that waits for nothing run. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A promise that the test settles. */
export function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

/** What a page says for its script, as it stands in there, and read. */
const [texts, written] = /data-messages="([^"]*)"/.exec(wire("page.html"));
const holder = window.document.createElement("p");
holder.innerHTML = written;
export const TEXTS = texts;
export const MESSAGES = JSON.parse(holder.textContent);

export const FORM = `
  <form class="na-form" method="post" action="?_action=enroll" data-action="enroll" ${TEXTS}>
    <div data-slot="errors" role="alert" tabindex="-1"></div>
    <input id="enroll-subject" name="subject" value="">
    <p data-slot="error:subject"></p>
    <button type="submit" id="go" name="how" value="now" data-pending="Enrolling…"><b>Enroll</b> now</button>
    <button type="submit" id="other">Other</button>
    <p data-slot="status" role="status"></p>
    <div data-slot="result"></div>
  </form>
  <section data-loader="subjects"><p>old</p></section>
  <a href="/away" id="away">Away</a>`;

/** An answer. @param {Partial<import("../src/form.js").Answer>} [given] */
export const answer = (given) => ({ type: "success", form: "enroll", slots: {}, invalid: [], loaders: {}, ...given });
