// What a form promises about files: refused early, sent once, kept after a failure, cancelled at will.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { FORM, MESSAGES, answer, deferred, settled, show } from "./dom.js";
const { enhance } = await import("../src/form.js");
const { sizeText, texts } = await import("../src/messages.js");

const FILES = FORM.replace('data-action="enroll"', 'data-action="enroll" enctype="multipart/form-data" data-max-body="3000000"').replace(
  "<button",
  `<input type="file" id="enroll-photo" name="photo" required data-max-size="2000000">
   <span data-slot="error:photo"></span><span data-slot="kept:photo"></span>
   <input type="file" id="enroll-more" name="more" multiple>
   <span data-slot="error:more"></span><span data-slot="kept:more"></span>
   <progress data-upload max="1" hidden></progress><button type="button" data-cancel hidden>Cancel</button><button`,
);
const KEPT = { "kept:photo": '<input type="hidden" name="_kept" value="T/photo">' };

/** @type {HTMLFormElement} */ let form;
let sent, life, controller;
const $ = (selector) => document.querySelector(selector);
const slot = (name) => $(`[data-slot="${name}"]`);
const photo = () => $("#enroll-photo");
const failure = (slots = {}) => answer({ type: "failure", slots: { errors: "<p>Wrong</p>", ...slots } });

function start(options = {}, html = FILES) {
  form = show(html);
  form.noValidate = true;
  sent = [];
  life = new AbortController();
  controller = enhance(
    form,
    (data, submitter, signal, report) => {
      const one = { data, signal, report, ...deferred() };
      signal.addEventListener("abort", () => one.reject(new DOMException("aborted", "AbortError")));
      sent.push(one);
      return one.promise;
    },
    { root: document, signal: life.signal, ...options },
  );
}

/** Choose files as a person does: jsdom can make no FileList. */
function choose(input, ...files) {
  Object.defineProperty(input, "files", { value: files, configurable: true });
  Object.defineProperty(input, "value", {
    get: () => input.files[0]?.name ?? "",
    set: () => choose(input),
    configurable: true,
  });
}
const file = (name, size) => Object.defineProperty(new File(["x"], name), "size", { value: size });
async function submit(result) {
  $("#go").click();
  if (!result) return;
  sent.at(-1).resolve(result);
  await settled();
}

beforeEach(() => {
  mock.method(console, "error", () => {});
  start();
});
test.afterEach(() => mock.restoreAll());

test("a size is said as Python says it, never larger than it is", () => {
  const said = [1, 999, 12345, 5e6, 25999999].map((size) => sizeText(texts(form), size));
  assert.deepEqual(said, ["1 byte", "999 bytes", "12 KB", "5 MB", "25.9 MB"]);
});

test("a file over its limit is refused before anything is sent", async () => {
  choose(photo(), file('<b>"owl".png', 2000001));
  await submit();
  assert.equal(sent.length, 0);
  assert.equal(slot("error:photo").textContent, '<b>"owl".png is too large: 2 MB at most.');
  assert.equal(photo().getAttribute("aria-invalid"), "true");
  assert.equal(document.activeElement, slot("errors"));
  assert.equal(form.hasAttribute("aria-busy"), false);
  slot("errors").querySelector("a").click();
  assert.equal(document.activeElement, photo());
});

test("in a second view the link leads to that view's field", async () => {
  start({ suffix: "-v2" }, FILES.replace('id="enroll-photo"', 'id="enroll-photo-v2"'));
  choose($("#enroll-photo-v2"), file("owl.png", 2000001));
  await submit();
  assert.equal(slot("errors").querySelector("a").getAttribute("href"), "#enroll-photo");
  slot("errors").querySelector("a").click();
  assert.equal(document.activeElement, $("#enroll-photo-v2"));
});

test("exactly the limit passes, and a field without one has none of its own", async () => {
  choose(photo(), file("owl.png", 2000000));
  choose($("#enroll-more"), file("a", 500000), file("b", 500000));
  await submit(answer());
  assert.equal(sent.length, 1);
});

test("files that are too large together are refused", async () => {
  choose(photo(), file("owl.png", 2000000));
  choose($("#enroll-more"), file("a", 500000), file("b", 500001));
  await submit();
  assert.equal(sent.length, 0);
  assert.equal(slot("errors").textContent, "That is too large: 3 MB at most.");
});

test("a disabled file input counts for nothing", async () => {
  choose(photo(), file("owl.png", 9e9));
  photo().disabled = true;
  await submit(answer());
  assert.equal(sent.length, 1);
});

test("a kept file stands for the chosen one: the input is empty and asks for nothing", async () => {
  choose(photo(), file("owl.png", 5));
  await submit(failure(KEPT));
  assert.equal(photo().files.length, 0);
  assert.equal(photo().required, false);
  assert.equal(form.querySelector("[name=_kept]").value, "T/photo");
  choose(photo());
  await submit();
  assert.equal(new FormData(form).get("_kept"), "T/photo");
  assert.deepEqual(sent.at(-1).data.getAll("_kept"), ["T/photo"]);
});

test("a later answer without it takes the kept file away, and the field is required again", async () => {
  for (const last of [failure(), answer(), answer({ type: "redirect", location: "/" })]) {
    start();
    await submit(failure(KEPT));
    await submit(last);
    assert.equal(slot("kept:photo").childNodes.length, 0);
    assert.equal(photo().required, true);
    assert.equal(photo().hasAttribute("data-required"), false);
    assert.equal($("#enroll-more").required, false);
  }
});

test("a page that comes with a kept file is taken over as it is", async () => {
  start({}, FILES.replace("required", "data-required").replace('"kept:photo">', `"kept:photo">${KEPT["kept:photo"]}`));
  assert.equal(photo().required, false);
  await submit(answer());
  assert.equal(photo().required, true);
});

test("what is kept stays while a submission runs, and when nothing was taken in", async () => {
  await submit(failure(KEPT));
  for (const way of [(one) => one.reject(new TypeError("down")), (one) => one.resolve(answer({ type: "error", form: "" }))]) {
    await submit();
    assert.equal(slot("kept:photo").childNodes.length, 1);
    way(sent.at(-1));
    await settled();
    assert.equal(slot("kept:photo").childNodes.length, 1);
    assert.equal(photo().required, false);
  }
  choose(photo(), file("huge", 3e6));
  await submit();
  assert.equal(slot("kept:photo").childNodes.length, 1);
});

test("a file that was chosen while the first was being sent stays chosen", async () => {
  choose(photo(), file("owl.png", 5));
  await submit();
  choose(photo(), file("cat.png", 5));
  sent[0].resolve(failure(KEPT));
  await settled();
  assert.equal(photo().files[0].name, "cat.png");
});

test("an outcome of another view empties no input", () => {
  choose(photo(), file("owl.png", 5));
  controller.show(failure(KEPT));
  assert.equal(photo().files.length, 1);
  assert.equal(slot("kept:photo").childNodes.length, 1);
});

test("how much has been sent is shown, until all is", async () => {
  await submit();
  const part = $("[data-upload]");
  assert.equal(part.hidden, true);
  sent[0].report(0.25);
  assert.equal(part.hidden, false);
  assert.equal(part.value, 0.25);
  sent[0].report(1);
  assert.equal(part.hidden, true);
  sent[0].resolve(answer());
  await settled();
  assert.equal(part.hidden, true);
});

test("Cancel is there until the answer has come, and then the focus on it goes to the button that submits", async () => {
  assert.equal($("[data-cancel]").hidden, true);
  await submit();
  sent[0].report(0.5);
  $("[data-cancel]").focus();
  sent[0].report(1);
  assert.equal(document.activeElement, $("[data-cancel]"));
  sent[0].resolve(answer());
  await settled();
  assert.equal($("[data-cancel]").hidden, true);
  assert.equal(document.activeElement, $("#go"));
});

test("Cancel ends the sending: input, files and what is kept stay, and it is said", async () => {
  $("#enroll-subject").value = "Charms";
  await submit(failure(KEPT));
  choose(photo(), file("cat.png", 5));
  await submit();
  sent[1].report(0.5);
  $("[data-cancel]").focus();
  $("[data-cancel]").click();
  await settled();
  assert.equal(sent[1].signal.aborted, true);
  assert.equal(slot("status").textContent, MESSAGES.cancelled);
  assert.equal(slot("errors").textContent, "");
  assert.equal(form.hasAttribute("aria-busy"), false);
  assert.equal($("[data-upload]").hidden, true);
  assert.equal(document.activeElement, $("#go"));
  assert.equal($("#enroll-subject").value, "Charms");
  assert.equal(photo().files[0].name, "cat.png");
  assert.equal(slot("kept:photo").childNodes.length, 1);
  assert.equal(console.error.mock.callCount(), 0);
  await submit(answer({ slots: { status: "Done." } }));
  assert.equal(sent.length, 3);
  assert.equal(slot("status").textContent, "Done.");
});

test("the end of a form's life ends what it sends", async () => {
  await submit();
  life.abort();
  assert.equal(sent[0].signal.aborted, true);
  await settled();
  assert.equal(slot("status").textContent, "");
});
