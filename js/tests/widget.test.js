// The transport through the kernel: messages, acknowledgements, and state that comes as it comes.
import assert from "node:assert/strict";
import { File as NodeFile } from "node:buffer";
import { beforeEach, mock, test } from "node:test";
import { FORM, MESSAGES, TEXTS, answer, settled } from "./dom.js";
const { default: widget } = await import("../src/widget.js");

const HTML = `<div class="na-root" ${TEXTS}><p class="na-notice" data-slot="notice" role="status" hidden></p>${FORM.replace(
  "</form>",
  '<label for="enroll-subject">Subject</label><div data-slot="log"></div></form>',
)}</div>`;

/** A widget model with a kernel that the test plays. */
class Kernel {
  constructor(html = HTML) {
    this.sent = [];
    this.listeners = new Map();
    this.values = { _html: html, _state: this.state() };
    this.seq = 0;
    this.version = 0;
  }
  get = (name) => this.values[name];
  send = (content, _callbacks, buffers) => void this.sent.push({ ...content, buffers });
  on = (name, callback) => this.listeners.set(name, [...(this.listeners.get(name) ?? []), callback]);
  off = (name, callback) => this.listeners.set(name, (this.listeners.get(name) ?? []).filter((one) => one !== callback));
  emit = (name, ...given) => this.listeners.get(name)?.forEach((one) => one(...given));
  state(form = {}, loaders = { subjects: "<p>old</p>" }) {
    return {
      seq: this.seq ?? 0,
      forms: { enroll: { version: this.version ?? 0, pending: false, rid: null, ended: [], dropped: [], submissions: {}, answer: null, log: "", ...form } },
      loaders,
    };
  }
  /** Change the state, and tell the browser unless that gets lost. */
  become(form, { loaders, lost = false } = {}) {
    this.seq += 1;
    this.version += 1;
    this.values = { ...this.values, _state: this.state(form, loaders) };
    if (!lost) this.emit("change:_state");
  }
  ack = (rid, more = {}) => this.emit("msg:custom", { kind: "ack", v: 1, rid, ...more });
  submits = () => this.sent.filter((one) => one.kind === "submit");
  syncs = () => this.sent.filter((one) => one.kind === "sync");
  get rid() {
    return this.submits().at(-1).rid;
  }
}

let kernel, el, life;
const $ = (selector) => el.querySelector(selector);
const slot = (name) => $(`[data-slot="${name}"]`);
const form = () => $("form");
function open(model = new Kernel()) {
  kernel = model;
  el = document.createElement("div");
  document.body.append(el);
  life = new AbortController();
  return widget.render({ model, el, signal: life.signal });
}
async function click() {
  $("button").click();
  await settled();
}
function assertAtRest() {
  assert.equal(form().hasAttribute("aria-busy"), false);
  assert.equal($("button").hasAttribute("aria-disabled"), false);
}

beforeEach(() => {
  document.body.replaceChildren();
  mock.timers.enable({ apis: ["setTimeout"] });
  open();
  kernel.ack(kernel.syncs()[0].rid, { state: kernel.state() });
});
test.afterEach(() => {
  life.abort();
  mock.timers.reset();
  mock.restoreAll();
});

test("a submission is a message with its pairs in order and line breaks as CR LF", async () => {
  $("[name=subject]").value = "größe";
  $("[name=subject]").insertAdjacentHTML("afterend", '<textarea name="note">a\nb</textarea><input name="subject" value="">');
  await click();
  const { kind, v, rid, form: id, entries } = kernel.submits()[0];
  assert.deepEqual([kind, v, id], ["submit", 1, "enroll"]);
  assert.match(rid, /^[0-9a-f-]{10,64}$/);
  assert.deepEqual(entries, [["subject", "größe"], ["note", "a\r\nb"], ["subject", ""], ["how", "now"]]);
});

test("pending shows at the click, and ends with the state that ends the run", async () => {
  $("button").click();
  assert.equal(form().getAttribute("aria-busy"), "true");
  assert.equal($("button").textContent, "Enrolling…");
  await settled();
  kernel.ack(kernel.rid);
  kernel.become({ pending: true, rid: kernel.rid });
  await settled();
  assert.equal(form().getAttribute("aria-busy"), "true");
  kernel.become({ rid: kernel.rid, ended: [kernel.rid], answer: answer({ slots: { result: "<b>fine</b>" } }) }, { loaders: { subjects: "fresh" } });
  await settled();
  assertAtRest();
  assert.equal(slot("result").innerHTML, "<b>fine</b>");
  assert.equal($("[data-loader]").textContent, "fresh");
  assert.equal($("button").innerHTML, "<b>Enroll</b> now");
});

test("a loader whose HTML has not changed is not touched", () => {
  const node = $("[data-loader]").firstChild;
  kernel.become({});
  assert.equal($("[data-loader]").firstChild, node);
});

test("what the action prints is shown while it runs", async () => {
  await click();
  kernel.become({ pending: true, rid: kernel.rid, log: "<pre>halfway</pre>" });
  assert.equal(slot("log").textContent, "halfway");
});

/** Let the form hold these pairs; jsdom's own files cannot be read. */
function holding(pairs, enctype = "Multipart/Form-Data") {
  document.querySelector("form").setAttribute("enctype", enctype);
  const data = new FormData();
  mock.method(data, Symbol.iterator, () => pairs[Symbol.iterator]());
  mock.method(globalThis, "FormData", function () {
    return data;
  });
}

const CHUNK = 512 * 1024;
const photo = new NodeFile(["bytes"], "größe.png", { type: "image/png" });
const film = new NodeFile([new Uint8Array(9 * CHUNK + 7).map((_, at) => at >> 19)], "film.bin");
/** What was sent of a kind since the last time. */
const of = (kind) => kernel.sent.filter((one) => one.kind === kind && !one.seen).map((one) => ((one.seen = true), one));
/** Acknowledge all chunks that come, in whatever order they are taken. */
async function takeChunks(order = (some) => some) {
  const taken = [];
  for (let some = of("chunk"); some.length; some = of("chunk")) {
    for (const one of order(some)) {
      taken.push(one);
      kernel.ack(one.rid);
      await settled();
      await settled();
    }
  }
  return taken;
}
/** Choose files, submit, and let the kernel agree to take them. */
async function begin(pairs) {
  holding(pairs);
  await click();
  const [upload] = of("upload");
  kernel.ack(upload.rid);
  for (let turn = 0; turn < 5; turn++) await settled();
  return upload;
}

test("files are announced, then sent in chunks, then submitted", async () => {
  holding([
    ["photo", photo],
    ["name", "Luna"],
    ["none", new NodeFile([], "")],
    ["empty", new NodeFile([], "empty.txt", { type: "text/plain" })],
  ]);
  await click();
  const [{ form: id, upload, files, rid }] = of("upload");
  assert.equal(id, "enroll");
  assert.deepEqual(files, [
    { field: "photo", filename: "größe.png", content_type: "image/png", size: 5 },
    { field: "empty", filename: "empty.txt", content_type: "text/plain", size: 0 },
  ]);
  assert.equal(of("chunk").length, 0);
  kernel.ack(rid);
  await settled();
  await settled();
  assert.equal(kernel.submits().length, 0);
  const [chunk] = await takeChunks();
  assert.deepEqual([chunk.upload, chunk.file, chunk.n, Buffer.from(chunk.buffers[0]).toString()], [upload, 0, 0, "bytes"]);
  assert.deepEqual(kernel.submits()[0].entries, [["photo", { upload, file: 0 }], ["name", "Luna"], ["empty", { upload, file: 1 }]]);
});

test("names arrive as from a multipart body, where %22 is a quote", async () => {
  holding([['a%22"\n', "%22"], ["photo", new NodeFile(["x"], 'b%22"\n.txt')]]);
  await click();
  const [{ files, rid }] = of("upload");
  assert.deepEqual([files[0].field, files[0].filename], ["photo", 'b""\n.txt']);
  kernel.ack(rid);
  await settled();
  await settled();
  await takeChunks();
  assert.deepEqual(kernel.submits()[0].entries[0], ['a""\r\n', "%22"]);
});

test("where the button asks for names only, no file is sent", async () => {
  holding([["photo", photo], ["none", new NodeFile([], "")]]);
  $("button").setAttribute("formenctype", "application/x-www-form-urlencoded");
  await click();
  assert.equal(of("upload").length, 0);
  assert.deepEqual(kernel.submits()[0].entries, [["photo", "größe.png"], ["none", ""]]);
});

test("a large file is cut into chunks of 512 KiB, four on the way at once", async () => {
  await begin([["film", film]]);
  assert.equal(kernel.sent.filter((one) => one.kind === "chunk").length, 4);
  const taken = await takeChunks((some) => some.reverse());
  assert.deepEqual(taken.map((one) => one.n).sort((a, b) => a - b), [...Array(10).keys()]);
  for (const { n, buffers } of taken) {
    const bytes = new Uint8Array(buffers[0]);
    assert.deepEqual([bytes.length, bytes[0], bytes.at(-1)], [n === 9 ? 7 : CHUNK, n, n]);
  }
  assert.equal(kernel.submits().length, 1);
});

test("no message has a key that the kernel would keep", async () => {
  await begin([["film", film]]);
  await takeChunks();
  assert.deepEqual(kernel.sent.filter((one) => "id" in one), []);
});

test("files that the kernel refuses are not sent, and the reason is shown", async () => {
  holding([["photo", photo]]);
  await click();
  const [{ rid }] = of("upload");
  kernel.ack(rid, { answer: answer({ type: "failure", form: "", slots: { errors: "too large" }, invalid: ["subject"] }) });
  await settled();
  await settled();
  assert.equal(slot("errors").textContent, "too large");
  assert.deepEqual([of("chunk").length, kernel.submits().length], [0, 0]);
  assertAtRest();
});

test("an upload that the kernel has given up ends, and nothing more is sent", async () => {
  await begin([["film", film]]);
  const [first, ...others] = of("chunk");
  kernel.ack(first.rid, { answer: answer({ type: "failure", form: "", slots: { errors: "given up" } }) });
  for (const one of others) kernel.ack(one.rid, { answer: answer({ type: "failure", form: "", slots: { errors: "given up" } }) });
  for (let turn = 0; turn < 5; turn++) await settled();
  assert.equal(slot("errors").textContent, "given up");
  assert.deepEqual([of("chunk").length, kernel.submits().length], [0, 0]);
  assertAtRest();
});

test("a submission whose files are gone is refused in its acknowledgement", async () => {
  await begin([["photo", photo]]);
  await takeChunks();
  kernel.ack(kernel.rid, { answer: answer({ type: "failure", form: "", slots: { errors: "again" } }) });
  await settled();
  await settled();
  assert.equal(slot("errors").textContent, "again");
  assertAtRest();
});

test("chunks and acknowledgements that were lost are made good: what is not acknowledged is sent again", async () => {
  await begin([["film", film]]);
  const lost = of("chunk");
  kernel.ack(lost[1].rid);
  for (let turn = 0; turn < 5; turn++) await settled();
  mock.timers.tick(3000);
  kernel.ack(kernel.syncs().at(-1).rid, { state: kernel.state() });
  const again = of("chunk");
  assert.deepEqual(again.map((one) => one.n).sort(), [0, 2, 3, 4, 4]);
  for (const one of again) kernel.ack(one.rid);
  for (let turn = 0; turn < 5; turn++) await settled();
  await takeChunks();
  assert.equal(kernel.submits().length, 1);
});

test("a submission that was lost is sent again under its own name", async () => {
  await click();
  mock.timers.tick(3000);
  kernel.ack(kernel.syncs().at(-1).rid, { state: kernel.state() });
  const [first, second] = kernel.submits();
  assert.equal(first.rid, second.rid);
});

test("a kernel that says nothing during an upload is waited for, and the person told", async () => {
  await begin([["film", film]]);
  mock.timers.tick(4999);
  assert.equal(slot("notice").hidden, true);
  mock.timers.tick(1);
  assert.equal(slot("notice").textContent, MESSAGES.waiting);
  kernel.ack(of("chunk")[0].rid);
  assert.equal(slot("notice").hidden, true);
});

test("a slow upload that goes on is not called waiting", async () => {
  await begin([["film", film]]);
  for (const { rid } of of("chunk")) {
    mock.timers.tick(2900);
    kernel.ack(rid);
    await settled();
    assert.equal(slot("notice").hidden, true);
  }
});

test("a view that ends gives up its upload and leaves its run alone", async () => {
  const { upload } = await begin([["film", film]]);
  life.abort();
  await settled();
  assert.deepEqual(of("cancel").map((one) => [one.form, one.upload]), [["enroll", upload]]);
  mock.restoreAll();
  open();
  await click();
  kernel.ack(kernel.rid);
  life.abort();
  await settled();
  assert.deepEqual(of("cancel"), []);
});

test("messages that are not understood are ignored", () => {
  for (const content of [{}, { kind: "ack" }, { kind: "nonsense", rid: "x" }, { kind: "ack", rid: "unknown" }, { kind: "eval", code: "1" }]) {
    kernel.emit("msg:custom", content);
  }
  assertAtRest();
  assert.equal(slot("notice").hidden, true);
});

test("only an acknowledgement counts as one", async () => {
  await click();
  kernel.emit("msg:custom", { kind: "nonsense", rid: kernel.rid });
  mock.timers.tick(5000);
  assert.equal(slot("notice").hidden, false);
  kernel.emit("msg:custom", { kind: "nonsense", rid: kernel.rid });
  assert.equal(slot("notice").hidden, false);
});

test("a state of a form that is not shown here is ignored", () => {
  kernel.seq += 1;
  const state = kernel.state();
  kernel.values._state = { ...state, forms: { constructor: state.forms.enroll, other: state.forms.enroll } };
  kernel.emit("change:_state");
  assertAtRest();
});

test("without an acknowledgement in five seconds the person is told, until one comes", async () => {
  await click();
  mock.timers.tick(4999);
  assert.equal(slot("notice").hidden, true);
  mock.timers.tick(1);
  assert.equal(slot("notice").hidden, false);
  assert.equal(slot("notice").textContent, MESSAGES.waiting);
  kernel.ack(kernel.rid);
  assert.equal(slot("notice").hidden, true);
});

test("a view that nobody answers when it opens says so: a saved notebook, a dead kernel", () => {
  open();
  mock.timers.tick(5000);
  assert.equal(slot("notice").textContent, MESSAGES.waiting);
});

test("acknowledged but not begun: the kernel is busy, and the submission queued", async () => {
  await click();
  kernel.ack(kernel.rid);
  mock.timers.tick(399);
  assert.equal(slot("status").textContent, MESSAGES.working);
  mock.timers.tick(1);
  assert.equal(slot("status").textContent, MESSAGES.queued);
  kernel.become({ rid: kernel.rid, ended: [kernel.rid], answer: answer({ slots: { status: "Done." } }) });
  await settled();
  assert.equal(slot("status").textContent, "Done.");
});

test("a run that has begun is not called queued", async () => {
  await click();
  kernel.ack(kernel.rid);
  kernel.become({ pending: true, rid: kernel.rid });
  mock.timers.tick(2000);
  assert.equal(slot("status").textContent, MESSAGES.working);
});

test("an acknowledgement that comes after the answer says nothing more", async () => {
  await click();
  const { rid } = kernel;
  kernel.become({ rid, ended: [rid], answer: answer({ slots: { status: "Done." } }) });
  await settled();
  kernel.ack(rid);
  mock.timers.tick(1000);
  assert.equal(slot("status").textContent, "Done.");
});

test("a run that was superseded ends without its answer, and shows the newer one", async () => {
  await click();
  const { rid } = kernel;
  kernel.become({ pending: true, rid: "other", ended: [rid] });
  await settled();
  assert.equal(form().getAttribute("aria-busy"), "true");
  kernel.become({ rid: "other", ended: [rid, "other"], answer: answer({ slots: { result: "newer" } }) });
  await settled();
  assertAtRest();
  assert.equal(slot("result").textContent, "newer");
});

test("a submission that was dropped says so, while the other one is still shown as pending", async () => {
  await click();
  const { rid } = kernel;
  kernel.become({ pending: true, rid: "other", ended: [rid], dropped: [rid] });
  await settled();
  assert.match(slot("errors").textContent, /still running/);
  assert.equal(form().getAttribute("aria-busy"), "true");
  kernel.become({ rid: "other", ended: [rid, "other"], dropped: [rid], answer: answer({ slots: { result: "first" } }) });
  await settled();
  assertAtRest();
  assert.equal(slot("errors").textContent, "");
  assert.equal(slot("result").textContent, "first");
});

test("while another run is shown as pending, this view can submit too", async () => {
  kernel.become({ pending: true, rid: "from Python" });
  assert.equal(form().getAttribute("aria-busy"), "true");
  await click();
  assert.equal(kernel.submits().length, 1);
});

test("an update that was lost is asked for again", async () => {
  await click();
  const { rid } = kernel;
  kernel.ack(rid);
  kernel.become({ rid, ended: [rid], answer: answer({ slots: { result: "fine" } }) }, { lost: true });
  const before = kernel.syncs().length;
  mock.timers.tick(3000);
  assert.equal(kernel.syncs().length, before + 1);
  kernel.ack(kernel.syncs().at(-1).rid, { state: kernel.values._state });
  await settled();
  assertAtRest();
  assert.equal(slot("result").textContent, "fine");
});

test("a form at rest asks for nothing", () => {
  const before = kernel.sent.length;
  mock.timers.tick(60_000);
  assert.equal(kernel.sent.length, before);
});

test("a state that was overtaken is thrown away", async () => {
  kernel.become({ answer: answer({ slots: { result: "newer" } }) });
  const old = { ...kernel.state(), seq: 0 };
  old.forms.enroll = { ...old.forms.enroll, version: -1, answer: answer({ slots: { result: "older" } }) };
  kernel.ack("x", { state: old });
  assert.equal(slot("result").textContent, "newer");
});

test("an equal state does not touch the form", () => {
  kernel.become({ answer: answer({ slots: { result: "<i>fine</i>" } }) });
  const node = slot("result").firstChild;
  kernel.emit("change:_state");
  kernel.ack("x", { state: kernel.values._state });
  assert.equal(slot("result").firstChild, node);
});

test("a reload shows what the HTML holds, pending too", () => {
  const model = new Kernel(HTML.replace('data-slot="result">', 'data-slot="result">fine'));
  open(model);
  assert.equal(slot("result").textContent, "fine");
  model.become({ pending: true, rid: "r" });
  open(model);
  assert.equal(form().getAttribute("aria-busy"), "true");
});

test("clearing in Python empties every view", () => {
  kernel.become({ answer: answer({ slots: { result: "fine" } }) });
  kernel.become({ answer: null });
  assert.equal(slot("result").textContent, "");
});

test("two views have different ids, and labels and descriptions that fit", () => {
  const first = el;
  open(kernel);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const view of [first, el]) {
    assert.equal(document.getElementById(view.querySelector("label").getAttribute("for")), view.querySelector("[name=subject]"));
  }
});

test("a result shows in all views, and only the one that submitted moves the focus", async () => {
  const first = el;
  open(kernel);
  await click();
  const { rid } = kernel;
  kernel.become({ rid, ended: [rid], answer: answer({ type: "failure", slots: { errors: "Wrong" }, invalid: ["subject"] }) });
  await settled();
  assert.equal(first.querySelector('[data-slot="errors"]').textContent, "Wrong");
  assert.equal(document.activeElement, slot("errors"));
});

test("two forms of one action are told apart by their hidden id", async () => {
  const second = FORM.replaceAll("enroll-subject", "enroll-2-subject").replace("<input", '<input type="hidden" name="_form" value="enroll-2"><input').replace(/<section.*/s, "");
  open(new Kernel(HTML.replace(/<\/div>$/, `${second}</div>`)));
  el.querySelectorAll("form")[1].querySelector("button").click();
  await settled();
  assert.equal(kernel.submits()[0].form, "enroll-2");
  assert.equal(kernel.submits()[0].entries.some(([name]) => name === "_form"), false);
});

test("a button outside a form that has a field called id belongs to it in each view", () => {
  const html = HTML.replace("<form ", '<form id="form-enroll" ').replace("<input", '<input name="id"><input');
  const model = new Kernel(html.replace("</form>", '</form><button form="form-enroll" class="outside"></button>'));
  open(model);
  const first = el;
  open(model);
  for (const view of [first, el]) {
    assert.equal(view.querySelector(".outside").form, view.querySelector("form"));
  }
});

test("a field called dataset does not hide the form's name", async () => {
  open(new Kernel(HTML.replace("<input", '<input name="dataset" value="iris"><input')));
  await click();
  assert.equal(kernel.submits()[0].form, "enroll");
});

test("a model that throws on sending breaks nothing, and the person is told", async () => {
  const model = new Kernel();
  model.send = () => {
    throw new Error("comm is closed");
  };
  open(model);
  assert.equal(slot("notice").textContent, MESSAGES.waiting);
  await click();
  mock.timers.tick(10_000);
  assert.equal(slot("notice").textContent, MESSAGES.waiting);
});

test("a restarted kernel is noticed", () => {
  kernel.emit("comm_live_update");
  assert.equal(slot("notice").textContent, MESSAGES.waiting);
});

for (const [way, end] of [["its signal", () => life.abort()], ["the function that it returned", (stop) => stop()]]) {
  test(`a view ends with ${way}: no listener, timer or message is left`, async () => {
    const stop = open();
    await click();
    end(stop);
    assert.deepEqual([...kernel.listeners.values()].flat(), []);
    const before = kernel.sent.length;
    mock.timers.tick(60_000);
    assert.equal(kernel.sent.length, before);
    assert.equal(slot("notice").hidden, true);
    el.firstElementChild.dispatchEvent(new Event("submit", { bubbles: true }));
    mock.timers.tick(60_000);
    assert.equal(kernel.sent.length, before);
  });
}

test("keys typed into the form do not reach the notebook", () => {
  const heard = [];
  document.body.addEventListener("keydown", (event) => heard.push(event.key), { signal: life.signal });
  $("[name=subject]").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  assert.deepEqual(heard, []);
  assert.equal($(".na-root").dataset.lmSuppressShortcuts, "true");
});

/** Play the kernel for a download; return what the browser would save. */
async function downloaded(pieces, size = pieces.join("").length) {
  kernel.become({ answer: answer({ slots: { result: '<a href="?_download=tok" download><b>owls.csv</b></a>' } }) });
  const saved = [];
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => (saved.push(blob), "blob:saved");
  URL.revokeObjectURL = () => {};
  const names = [];
  const note = (event) => event.target.download && (event.preventDefault(), names.push(event.target.download));
  document.addEventListener("click", note);
  slot("result").querySelector("b").click();
  slot("result").querySelector("b").click();
  for (const piece of pieces) {
    await settled();
    const asked = of("download").at(-1);
    const said = piece === null ? { gone: "No longer here." } : { filename: "owls.csv", size };
    const buffers = piece === null ? [] : [new DataView(new TextEncoder().encode(piece).buffer)];
    kernel.emit("msg:custom", { kind: "ack", v: 1, rid: asked.rid, ...said }, buffers);
  }
  await settled();
  document.removeEventListener("click", note);
  Object.assign(URL, { createObjectURL, revokeObjectURL });
  return { names, saved: await Promise.all(saved.map((blob) => blob.text())), types: saved.map((blob) => blob.type) };
}

test("a click on a file asks the kernel for it piece by piece, once, and saves it", async () => {
  open();
  const { names, saved, types } = await downloaded(["owl,", "seats"]);
  assert.deepEqual(kernel.sent.filter((one) => one.kind === "download").map(({ token, n }) => [token, n]), [["tok", 0], ["tok", 1]]);
  assert.deepEqual([names, saved, types], [["owls.csv"], ["owl,seats"], ["application/octet-stream"]]);
});

test("an empty file is saved, and one that is gone is told", async () => {
  open();
  assert.deepEqual((await downloaded([""])).saved, [""]);
  assert.deepEqual((await downloaded([null])).saved, []);
  assert.equal(slot("notice").textContent, "No longer here.");
});
