// What the list of a form's submissions promises: each in its own row, whatever order the answers come in.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { FORM, MESSAGES, answer, deferred, settled, show } from "./dom.js";
const { enhance } = await import("../src/form.js");

const ROW = (key, inside, busy = "") =>
  `<li class="na-submission" data-submission="${key}"${busy}><p class="na-submitted">Subject: Charms</p>${inside}` +
  `<form method="post"><button name="_retry" value="${key}">Try again</button> <button name="_clear" value="${key}">Clear</button></form></li>`;
const LIST = `${FORM.replace('type="submit" id="go"', 'type="submit" id="go"')}
  <ul class="na-submissions" data-slot="submissions" data-of="enroll"></ul>
  <template data-pattern="enroll"><li class="na-submission" data-submission="" aria-busy="true"><p class="na-submitted"></p>
    <div class="na-status">Working…</div><form method="post"><button name="_cancel" value="">Cancel</button>
    <button name="_retry" value="" hidden>Try again</button> <button name="_clear" value="" hidden>Clear</button></form></li></template>`;

/** @type {HTMLFormElement} */ let form;
let sent, acts, controller, life;
const $ = (selector) => document.querySelector(selector);
const rows = () => [...document.querySelectorAll("ul .na-submission")];
const button = (key, name) => $(`[data-submission="${key}"] button[name="_${name}"]`);
const status = () => $("form.na-form [data-slot=status]").textContent;

function start(html = LIST) {
  show(html);
  form = $("form.na-form");
  form.noValidate = true;
  [sent, acts, life] = [[], [], new AbortController()];
  controller = enhance(
    form,
    (data, submitter, signal, report, key) => {
      const one = { data, signal, key, ...deferred() };
      signal.addEventListener("abort", () => one.reject(new DOMException("aborted", "AbortError")));
      sent.push(one);
      return one.promise;
    },
    { root: document, signal: life.signal, act: (name, key) => acts.push([name, key]) },
  );
}

async function submit(subject) {
  $("#enroll-subject").value = subject;
  $("#go").click();
  await settled();
  return sent.at(-1);
}
const done = async (one, given = {}) => {
  one.resolve(answer({ submissions: { [one.key]: ROW(one.key, '<div class="na-status">Done.</div>') }, ...given }));
  await settled();
};

beforeEach(() => {
  mock.method(console, "error", () => {});
  start();
});
test.afterEach(() => mock.restoreAll());

test("each submission has a row at once, and the form takes the next one", async () => {
  await submit("Charms");
  await submit("Potions");
  assert.equal(sent.length, 2);
  assert.deepEqual(rows().map((row) => row.querySelector(".na-submitted").textContent), ["Charms · now", "Potions · now"]);
  assert.deepEqual(rows().map((row) => row.getAttribute("aria-busy")), ["true", "true"]);
  assert.equal(form.hasAttribute("aria-busy"), false);
  assert.equal($("#go").hasAttribute("aria-disabled"), false);
});

test("until Python says it, what was chosen is told by its label", async () => {
  const more = `<label for="fail">Fail</label> <input type="checkbox" name="fail" id="fail" checked>
    <select name="house"><option value="g">Gryffindor</option></select>`;
  start(LIST.replace("<button", `${more}<button`));
  await submit("Charms");
  assert.equal(rows()[0].querySelector(".na-submitted").textContent, "Charms · Fail · Gryffindor · now");
});

test("answers out of order settle the right row, and only the newest speaks in the form", async () => {
  const [first, second] = [await submit("Charms"), await submit("Potions")];
  await done(second, { slots: { status: "Second." } });
  assert.deepEqual(rows().map((row) => row.hasAttribute("aria-busy")), [true, false]);
  assert.equal(status(), "Second.");
  await done(first, { slots: { status: "First." } });
  assert.deepEqual(rows().map((row) => row.hasAttribute("aria-busy")), [false, false]);
  assert.notEqual(status(), "First.");
});

test("what becomes of one is said to those who cannot see the rows", async () => {
  const [first] = [await submit("Charms"), await submit("Potions")];
  await done(first);
  assert.equal(status(), "Subject: Charms: Done.");
});

test("after a success the form is as new, unless something else was entered meanwhile", async () => {
  await done(await submit("Charms"));
  assert.equal($("#enroll-subject").value, "");
  const one = await submit("Potions");
  $("#enroll-subject").value = "Herb";
  await done(one);
  assert.equal($("#enroll-subject").value, "Herb");
});

test("a failure of the newest is shown beside the input, which stays", async () => {
  const one = await submit("Potions");
  await done(one, { type: "failure", slots: { errors: "<p>Full</p>", "error:subject": "is full" }, invalid: ["subject"] });
  assert.equal($("#enroll-subject").value, "Potions");
  assert.equal($("#enroll-subject").getAttribute("aria-invalid"), "true");
  assert.equal(document.activeElement, $("form.na-form [data-slot=errors]"));
});

test("what could not be sent keeps its row, and Try again sends the same", async () => {
  const one = await submit("Charms");
  $("#enroll-subject").value = "Herb";
  one.reject(new TypeError("no network"));
  await settled();
  assert.ok(rows()[0].textContent.includes(MESSAGES.network));
  assert.equal(rows()[0].hasAttribute("aria-busy"), false);
  assert.equal($("#enroll-subject").value, "Herb");
  assert.equal(button(one.key, "cancel").hidden, true);
  button(one.key, "retry").click();
  await settled();
  assert.equal(sent[1].key, one.key);
  assert.equal(sent[1].data.get("subject"), "Charms");
  assert.equal(rows().length, 1);
  assert.equal(rows()[0].getAttribute("aria-busy"), "true");
  assert.deepEqual(acts, []);
});

test("what could not be sent can be thrown away", async () => {
  const one = await submit("Charms");
  one.reject(new TypeError("no network"));
  await settled();
  button(one.key, "clear").focus();
  button(one.key, "clear").click();
  assert.deepEqual(rows(), []);
  assert.equal(document.activeElement, $("#go"));
});

test("Cancel in a row ends that one alone", async () => {
  const [first, second] = [await submit("Charms"), await submit("Potions")];
  button(first.key, "cancel").click();
  await settled();
  assert.deepEqual([first.signal.aborted, second.signal.aborted], [true, false]);
  assert.ok(rows()[0].textContent.includes(MESSAGES.cancelled));
});

test("once Python has a row for what did not get through, its buttons ask Python", async () => {
  const one = await submit("Charms");
  button(one.key, "cancel").click();
  await settled();
  controller.listing.show({ [one.key]: ROW(one.key, "Cancelled.") });
  button(one.key, "retry").click();
  assert.deepEqual(acts, [["retry", one.key]]);
});

test("the buttons of a row of another view ask the other side", () => {
  controller.listing.show({ k1: ROW("k1", "") });
  button("k1", "retry").click();
  button("k1", "clear").click();
  assert.deepEqual(acts, [["retry", "k1"], ["clear", "k1"]]);
});

test("a row that changes keeps the focus, one that leaves gives it to the next", () => {
  controller.listing.show({ k1: ROW("k1", ""), k2: ROW("k2", "") });
  button("k1", "clear").focus();
  controller.listing.show({ k1: ROW("k1", '<div class="na-status">3 of 10</div>') });
  assert.equal(document.activeElement, button("k1", "clear"));
  controller.listing.show({ k1: "" });
  assert.equal(document.activeElement, button("k2", "retry"));
  controller.listing.show({ k2: "" });
  assert.equal(document.activeElement, $("#go"));
});

test("a row that says the same is left as it is", () => {
  controller.listing.show({ k1: ROW("k1", "") });
  const [row] = rows();
  controller.listing.show({ k1: ROW("k1", "") });
  assert.equal(rows()[0], row);
});

test("rows that are gone leave, others stay", () => {
  controller.listing.show({ k1: ROW("k1", ""), k2: ROW("k2", ""), k3: ROW("k3", "") });
  controller.listing.show({ k3: ROW("k3", "") }, (key) => key !== "k1");
  assert.deepEqual(rows().map((row) => row.dataset.submission), ["k1", "k3"]);
});

test("secrets are not in the row that is shown at once", async () => {
  start(LIST.replace("<button", '<input type="password" name="pin" value="9876"><input name="tag" data-secret value="owl"><button'));
  await submit("Charms");
  assert.equal(rows()[0].querySelector(".na-submitted").textContent, "Charms · now");
});
