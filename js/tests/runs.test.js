// A submission that takes longer: followed by events, by asking again, and cancelled.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { FORM, answer, deferred, dom, settled, show, wire } from "./dom.js";
const { FOLLOWING } = await import("../src/runs.js");
const { start } = await import("../src/page.js");

const KEEPS = FORM.replace(
  "</form>",
  '<div data-slot="progress"></div><button type="button" data-cancel hidden>Cancel</button></form>',
);
const PENDING = JSON.parse(wire("pending.json"));
const $ = (selector) => document.querySelector(selector);
const slot = (name) => $(`[data-slot="${name}"]`);
const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
const turns = async () => {
  for (let turn = 0; turn < 8; turn++) await settled();
};

const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};

let calls, streams, life;

/** Only what the script uses of an EventSource. */
class Source {
  constructor(url) {
    this.url = url;
    this.on = {};
    streams.push(this);
  }
  addEventListener(name, heard) {
    this.on[name] = heard;
  }
  close() {
    this.closed = true;
  }
  tell(name, data) {
    this.on[name]({ data: JSON.stringify(data) });
  }
}

beforeEach(async () => {
  mock.method(console, "error", () => {});
  FOLLOWING.pause = 0;
  FOLLOWING.silent = 1000;
  calls = [];
  streams = [];
  globalThis.fetch = (url, options = {}) => {
    const call = { url: String(url), options, ...deferred() };
    options.signal?.addEventListener("abort", () => call.reject(options.signal.reason));
    calls.push(call);
    return call.promise;
  };
  globalThis.EventSource = Source;
  dom.reconfigure({ url: "http://localhost/subjects" });
  show(KEEPS);
  life = new AbortController();
  start(life.signal);
  $("button").click();
  await turns();
  calls[0].resolve(json({ ...PENDING, location: "/_run/t0ken" }, 202));
  await turns();
});
afterEach(() => {
  life.abort();
  mock.restoreAll();
});

test("it is sent under a name of its own, and what is told of it stands in the form", () => {
  assert.match(calls[0].options.headers["Notebook-Actions-Run"], /^[\w-]{22,64}$/);
  assert.equal(streams[0].url, "/_run/t0ken");
  assert.equal($("progress").value, 3);
  assert.equal(slot("progress").textContent.trim(), "3 of 10: of <all>");
  assert.equal($("form").getAttribute("aria-busy"), "true");
});

test("events tell the progress, and the last one the answer", async () => {
  streams[0].tell("progress", { ...PENDING, slots: { progress: "almost" } });
  assert.equal(slot("progress").textContent, "almost");
  streams[0].tell("answer", answer({ slots: { result: "<p>done</p>" }, loaders: { subjects: "<p>new</p>" } }));
  await turns();
  assert.equal(slot("result").textContent, "done");
  assert.equal(slot("progress").textContent, "");
  assert.equal($("[data-loader]").textContent, "new");
  assert.equal($("form").hasAttribute("aria-busy"), false);
  assert.equal(streams[0].closed, true);
  assert.equal(calls.length, 1);
});

test("when the stream breaks the script asks, again and again, until there is an answer", async () => {
  streams[0].on.error();
  await turns();
  assert.equal(calls[1].url, "/_run/t0ken");
  calls[1].resolve(json({ ...PENDING, slots: { progress: "half" }, location: "/_run/t0ken?_seen=2" }, 202));
  await turns();
  assert.equal(slot("progress").textContent, "half");
  assert.equal(calls[2].url, "/_run/t0ken?_seen=2");
  calls[2].reject(new TypeError("the network is down"));
  await until(() => calls[3]);
  calls[3].resolve(new Response("<h1>502</h1>", { status: 502 }));
  await until(() => calls[4]);
  calls[4].resolve(json(answer({ slots: { result: "at last" } })));
  await turns();
  assert.equal(slot("result").textContent, "at last");
});

test("a stream that says nothing is given up", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  show(KEEPS);
  life.abort();
  life = new AbortController();
  start(life.signal);
  $("button").click();
  await turns();
  calls.at(-1).resolve(json(PENDING, 202));
  await turns();
  const before = calls.length;
  mock.timers.tick(1000);
  await turns();
  assert.equal(streams.at(-1).closed, true);
  assert.equal(calls.length, before + 1);
  mock.timers.reset();
});

test("cancelling tells the server, and keeps what was entered", async () => {
  $("[name=subject]").value = "Charms";
  $("[data-cancel]").click();
  await turns();
  const cancel = calls.find(({ options }) => String(options.body ?? "") === "_cancel=");
  assert.deepEqual([cancel.url, cancel.options.method, cancel.options.keepalive], ["/_run/t0ken", "POST", true]);
  assert.equal(slot("status").textContent, "Cancelled.");
  assert.equal($("[name=subject]").value, "Charms");
  assert.equal($("form").hasAttribute("aria-busy"), false);
});

test("cancelling before anything was answered tells the server too, by the name of the submission", async () => {
  streams[0].tell("answer", answer({}));
  await turns();
  $("button").click();
  await turns();
  const sent = calls.at(-1);
  $("[data-cancel]").click();
  await turns();
  assert.equal(calls.at(-1).url, `/_run/${sent.options.headers["Notebook-Actions-Run"]}`);
  assert.equal(slot("status").textContent, "Cancelled.");
});

test("no more streams are held open than a browser has connections for", async () => {
  streams[0].tell("answer", answer({}));
  await turns();
  FOLLOWING.held = 0;
  $("button").click();
  await turns();
  const before = streams.length;
  calls.at(-1).resolve(json({ ...PENDING, location: "/_run/t0ken?_seen=1" }, 202));
  await turns();
  assert.equal(streams.length, before);
  assert.equal(calls.at(-1).url, "/_run/t0ken");
  FOLLOWING.held = 3;
});

const ROW = (key, inside) =>
  `<li class="na-submission" data-submission="${key}"${inside === "Working…" ? ' aria-busy="true"' : ""}><p class="na-submitted">Charms</p>
   <div class="na-status">${inside}</div><form method="post" action="?_action=enroll&_submissions=b"><button name="_retry" value="${key}">Try again</button></form></li>`;
const LISTED = `${KEEPS}<ul data-slot="submissions" data-of="enroll">${ROW("one", "Working…")}${ROW("two", "Failed")}</ul>
  <template data-pattern="enroll">${ROW("", "Working…")}</template>`;

/** Open a page with two rows; one of them runs. */
async function listed() {
  life.abort();
  streams = [];
  calls = [];
  show(LISTED);
  life = new AbortController();
  start(life.signal);
  await turns();
}
const row = (key) => $(`[data-submission="${key}"] .na-status`).textContent;

test("what ran when the page was loaded is followed in its row", async () => {
  await listed();
  assert.deepEqual(streams.map(({ url }) => url), ["/_run/one"]);
  streams[0].tell("progress", answer({ type: "pending", submissions: { one: ROW("one", "half") } }));
  assert.equal(row("one"), "half");
  streams[0].tell("answer", answer({ submissions: { one: ROW("one", "Done.") }, loaders: { subjects: "new" } }));
  await turns();
  assert.deepEqual([row("one"), row("two"), $("[data-loader]").textContent], ["Done.", "Failed", "new"]);
});

test("a row's button is sent to the server, and what comes of it stands in the row", async () => {
  await listed();
  $("[name=_retry][value=two]").click();
  await turns();
  assert.equal(calls[0].url, "http://localhost/subjects?_action=enroll&_submissions=b");
  assert.equal(String(calls[0].options.body), "_retry=two");
  calls[0].resolve(json(answer({ submissions: { two: ROW("two", "Done.") } })));
  await turns();
  assert.equal(row("two"), "Done.");
});

test("what is lacking for another try is said in the form", async () => {
  await listed();
  $("[name=_retry][value=two]").click();
  await turns();
  calls[0].resolve(json(answer({ type: "failure", slots: { errors: "Enter it again." }, invalid: ["subject"] }), 422));
  await turns();
  assert.equal(slot("errors").textContent, "Enter it again.");
  assert.equal($("[name=subject]").getAttribute("aria-invalid"), "true");
  assert.equal(row("two"), "Failed");
});

test("a row that is cancelled is then as the server has it, with its buttons", async () => {
  await listed();
  $("#go").click();
  await turns();
  const key = calls[0].options.headers["Notebook-Actions-Run"];
  calls[0].resolve(json({ ...PENDING, location: `/_run/${key}`, submissions: { [key]: ROW(key, "half") } }, 202));
  await turns();
  const cancel = document.createElement("button");
  Object.assign(cancel, { name: "_cancel", value: key });
  $(`[data-submission="${key}"] form`).append(cancel);
  cancel.click();
  await turns();
  const told = calls.find(({ options }) => String(options.body ?? "") === "_cancel=");
  told.resolve(new Response(null, { status: 204 }));
  await turns();
  streams.at(-1).tell("answer", answer({ type: "failure", submissions: { [key]: ROW(key, "Cancelled, says Python.") } }));
  await turns();
  assert.equal(row(key), "Cancelled, says Python.");
});
