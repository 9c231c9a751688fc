// The transport over HTTP: the bytes of a browser's own submission, and what counts as an answer.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { FORM, MESSAGES, answer, deferred, dom, navigations, settled, show, window, wire } from "./dom.js";
const { encode, start } = await import("../src/page.js");

const LIST = `<ul data-slot="submissions" data-of="enroll"></ul><template data-pattern="enroll"><li data-submission="">
  <p class="na-submitted"></p></li></template>`;

let form, calls, life;
const $ = (selector) => document.querySelector(selector);
const slot = (name) => $(`[data-slot="${name}"]`);

/** @param {string} [url] of the page */
function open(html = FORM, url = "http://localhost/subjects") {
  life?.abort();
  dom.reconfigure({ url });
  form = show(html);
  calls = [];
  navigations.length = 0;
  globalThis.fetch = (url, options) => {
    const call = { url: String(url), options, ...deferred() };
    calls.push(call);
    return call.promise;
  };
  life = new AbortController();
  start(life.signal);
}
async function submit(response, button = "button") {
  $(button).click();
  await settled();
  calls.at(-1).resolve(response);
  for (let turn = 0; turn < 5; turn++) await settled();
}
const json = (body, status = 200) => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  mock.method(console, "error", () => {});
  open();
});
test.afterEach(() => mock.restoreAll());

test("a list of submissions has a name in the address, the same for each, and other forms have none", async () => {
  await submit(json(answer()));
  assert.equal(document.location.search, "");
  open(`${FORM}${LIST}`, "http://localhost/subjects?tab=2");
  await submit(json(answer()));
  await submit(json(answer()));
  const [first, second] = calls.map((call) => new URL(call.url).searchParams.get("_submissions"));
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(first, second);
  assert.equal(document.location.search, `?tab=2&_submissions=${first}`);
});

test("line breaks travel as CR LF, in names and in values", () => {
  const data = new FormData();
  data.append("te\nxt", "a\nb\r\nc\rd");
  assert.equal(encode(data, false).toString(), "te%0D%0Axt=a%0D%0Ab%0D%0Ac%0D%0Ad");
});

test("order, repeats, empty values and letters of all kinds stay", () => {
  const data = new FormData();
  for (const [name, value] of [["b", "1"], ["a", ""], ["b", "2"], ["größe", "ü &=+%20"]]) data.append(name, value);
  assert.equal(encode(data, false).toString(), "b=1&a=&b=2&gr%C3%B6%C3%9Fe=%C3%BC+%26%3D%2B%2520");
});

test("a file in a urlencoded form is its name, and no file the empty text", () => {
  const data = new FormData();
  data.append("photo", new File(["x"], "größe.png"));
  data.append("none", new File([], ""));
  assert.equal(encode(data, false).toString(), "photo=gr%C3%B6%C3%9Fe.png&none=");
});

test("a multipart form is left to the browser to encode", () => {
  const data = new FormData();
  assert.equal(encode(data, true), data);
});

test("it is posted to the form's address, as JSON is asked for", async () => {
  open(FORM, "http://localhost/subjects?tab=2");
  form.setAttribute("action", "?_action=enroll&tab=2");
  $("[name=subject]").value = "Charms";
  await submit(json(answer()));
  assert.equal(calls[0].url, "http://localhost/subjects?_action=enroll&tab=2");
  assert.equal(calls[0].options.method, "POST");
  assert.equal(calls[0].options.headers.Accept, "application/json");
  assert.equal(calls[0].options.body.toString(), "subject=Charms&how=now");
});

test("a field called action does not change the address", async () => {
  open(FORM.replace("<input", '<input name="action" value="/evil"><input'));
  await submit(json(answer()));
  assert.equal(calls[0].url, "http://localhost/subjects?_action=enroll");
});

test("a button's own address and encoding are used", async () => {
  open(FORM.replace('id="other"', 'id="other" formaction="/b?_action=x" formenctype="multipart/form-data"'));
  const request = uploading();
  $("#other").click();
  await settled();
  assert.deepEqual([request.method, request.url, request.accept], ["POST", "http://localhost/b?_action=x", "application/json"]);
  assert.ok(request.body instanceof FormData);
  Object.assign(request, { status: 200, responseText: JSON.stringify(answer({ slots: { status: "Sent." } })) });
  request.onload();
  await settled();
  assert.equal(slot("status").textContent, "Sent.");
});

test("files tell how far they have come, and cancelling sends nothing and keeps what was entered", async () => {
  const part = '<progress data-upload max="1" hidden></progress><button type="button" data-cancel hidden>Cancel</button>';
  open(FORM.replace('data-action', 'enctype="multipart/form-data" data-action').replace("</form>", `${part}</form>`));
  $("[name=subject]").value = "Charms";
  const request = uploading();
  $("button").click();
  await settled();
  request.upload.onprogress({ lengthComputable: true, loaded: 1, total: 4 });
  assert.equal($("progress").value, 0.25);
  assert.equal($("[data-upload]").hidden, false);
  $("[data-cancel]").click();
  await settled();
  assert.equal(request.aborted, true);
  assert.equal($("[data-upload]").hidden, true);
  assert.equal($("[name=subject]").value, "Charms");
  assert.equal(slot("status").textContent, "Cancelled.");
});

/** Let the next upload be seen, and answered by the test. */
function uploading() {
  const request = { upload: {}, open: (method, url) => Object.assign(request, { method, url: String(url) }) };
  request.setRequestHeader = (name, value) => (request[name.toLowerCase()] = value);
  request.send = (body) => (request.body = body);
  request.abort = () => ((request.aborted = true), request.onabort());
  globalThis.XMLHttpRequest = function () {
    return request;
  };
  return request;
}

for (const name of ["success", "failure", "error"]) {
  test(`an answer as Python makes it is shown: ${name}`, async () => {
    open(wire("page.html"));
    form.noValidate = true;
    await submit(new Response(wire(`${name}.json`), { status: name === "success" ? 200 : 500 }));
    const given = JSON.parse(wire(`${name}.json`));
    for (const [slotName, html] of Object.entries(given.slots)) {
      const expected = document.createElement("div");
      expected.innerHTML = html;
      assert.equal(slot(slotName).textContent, expected.textContent);
    }
  });
}

for (const [what, response] of [
  ["an HTML 404", () => new Response("<h1>Not found</h1>", { status: 404, headers: { "Content-Type": "text/html" } })],
  ["an HTML 502", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["an HTML 200, such as a login page", () => new Response("<form>Log in</form>", { status: 200 })],
  ["an empty answer", () => new Response("", { status: 200 })],
  ["foreign JSON", () => json({ detail: "Not found" }, 404)],
  ["JSON that is no object", () => json(null)],
  ["JSON that is a list", () => json([])],
  ["JSON of another type", () => json({ type: "constructor", slots: {}, invalid: [], loaders: {} })],
  ["JSON that lacks a part", () => json({ type: "error", slots: {} }, 500)],
  ["JSON that lacks the names", () => json({ type: "error", slots: {}, loaders: {} }, 500)],
  ["half an answer", () => new Response('{"type": "success", "slo')],
]) {
  test(`${what} is an error, and the input is kept`, async () => {
    $("[name=subject]").value = "Charms";
    await submit(response());
    assert.equal(slot("errors").textContent, MESSAGES.network);
    assert.equal(slot("result").textContent, "");
    assert.equal($("[name=subject]").value, "Charms");
    assert.equal(form.hasAttribute("aria-busy"), false);
    await submit(json(answer({ slots: { result: "fine" } })));
    assert.equal(slot("result").textContent, "fine");
    assert.equal(slot("errors").textContent, "");
  });
}

test("a redirect to the page itself stays, with the fresh data and a fresh form", async () => {
  open(FORM, "http://localhost/subjects?tab=2");
  $("[name=subject]").value = "Charms";
  await submit(json(answer({ type: "redirect", location: "/subjects?tab=2", loaders: { subjects: "fresh" } })));
  assert.deepEqual(navigations, []);
  assert.equal($("[data-loader]").textContent, "fresh");
  assert.equal($("[name=subject]").value, "");
});

test("a redirect to a place on the page goes there without a load", async () => {
  await submit(json(answer({ type: "redirect", location: "/subjects#list", loaders: {} })));
  assert.deepEqual(navigations, []);
  assert.equal(document.location.hash, "#list");
});

test("a redirect elsewhere is followed, and the form is busy until the page is left", async () => {
  await submit(json(answer({ type: "redirect", location: "/thanks" })));
  assert.equal(navigations.length, 1);
  assert.equal(form.getAttribute("aria-busy"), "true");
  $("button").click();
  assert.equal(calls.length, 1);
  window.dispatchEvent(new window.Event("pagehide"));
  await settled();
  assert.equal(form.hasAttribute("aria-busy"), false);
});

test("a redirect to another query of the page is followed", async () => {
  await submit(json(answer({ type: "redirect", location: "/subjects?page=2" })));
  assert.equal(navigations.length, 1);
  window.dispatchEvent(new window.Event("pagehide"));
});

test("Back from the page cache finds forms at rest", async () => {
  form.setAttribute("aria-busy", "true");
  $("button").setAttribute("aria-disabled", "true");
  const event = new window.Event("pageshow");
  Object.defineProperty(event, "persisted", { value: true });
  window.dispatchEvent(event);
  assert.equal(form.hasAttribute("aria-busy"), false);
  assert.equal($("button").hasAttribute("aria-disabled"), false);
});

test("an outcome's token leaves the address, and the rest of the query stays", () => {
  open(FORM, "http://localhost/subjects?tab=2&_outcome=abc#list");
  assert.equal(document.location.href, "http://localhost/subjects?tab=2#list");
});
