// What a form promises in the page, whichever way its bytes travel.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { FORM, MESSAGES, answer, deferred, settled, show, wire } from "./dom.js";
const { enhance, leaveToBrowser, put, refresh } = await import("../src/form.js");

/** @type {HTMLFormElement} */ let form;
let sent, life;
const $ = (selector) => document.querySelector(selector);
const slot = (name) => $(`[data-slot="${name}"]`);
const failure = () =>
  answer({ type: "failure", slots: { errors: '<p>Wrong</p><a href="#enroll-subject">Subject</a>', "error:subject": "is full" }, invalid: ["subject"] });

/** Enhance the page's form with a transport that waits for `sent.at(-1).resolve(answer)`. */
function start(html = FORM, options = {}) {
  form = show(html);
  sent = [];
  life = new AbortController();
  return enhance(
    form,
    (data, submitter, signal) => {
      const one = { data, submitter, signal, ...deferred() };
      sent.push(one);
      return one.promise;
    },
    { root: document, signal: life.signal, leave: leaveToBrowser, ...options },
  );
}
const click = (selector = "#go") => $(selector).click();
async function end(result) {
  sent.at(-1).resolve(result);
  await settled();
}

beforeEach((t) => {
  mock.method(console, "error", () => {});
  start();
});
test.afterEach(() => mock.restoreAll());

function assertAtRest() {
  assert.equal(form.hasAttribute("aria-busy"), false);
  assert.equal($("#go").innerHTML, "<b>Enroll</b> now");
  for (const name of ["aria-disabled", "data-busy"]) assert.equal($(`button[${name}]`), null);
  assert.notEqual(slot("status")?.textContent, MESSAGES.working);
}

test("pending shows at the click, before any answer", () => {
  click();
  assert.equal(form.getAttribute("aria-busy"), "true");
  assert.equal($("#go").getAttribute("aria-disabled"), "true");
  assert.equal($("#other").getAttribute("aria-disabled"), "true");
  assert.equal($("#go").disabled, false);
  assert.equal($("#go").textContent, "Enrolling…");
  assert.equal(slot("status").textContent, MESSAGES.working);
});

test("only the button that was pressed changes its text, and gets its own nodes back", async () => {
  const bold = $("#go b");
  click("#other");
  assert.equal($("#go").firstChild, bold);
  assert.equal($("#other").textContent, "Other");
  await end(answer());
  click("#go");
  await end(answer());
  assert.equal($("#go b"), bold);
});

test("choices are wrong as a whole, and right again at the next submission", async () => {
  start(
    '<form method="post"><fieldset data-field="meal"><input type="radio" name="meal"><input name="x"></fieldset>' +
      '<button id="go">Go</button></form>',
  );
  click();
  await end(answer({ type: "failure", invalid: ["meal"] }));
  assert.deepEqual([...document.querySelectorAll("[aria-invalid]")], [$("fieldset")]);
  click();
  assert.equal($("[aria-invalid]"), null);
});

test("what is wrong is never out of sight", async () => {
  start(
    '<form method="post"><div data-slot="errors" tabindex="-1"></div>' +
      '<details><summary>More</summary><details><input id="x" name="x" required></details></details>' +
      '<details><summary>Else</summary><input name="y"></details><button id="go">Go</button></form>',
  );
  const opened = () => [...document.querySelectorAll("details")].map((one) => one.open);
  const close = () => document.querySelectorAll("details").forEach((one) => (one.open = false));
  $("#x").dispatchEvent(new document.defaultView.Event("invalid"));
  assert.deepEqual(opened(), [true, true, false]);
  close();
  $("#x").value = "1";
  click();
  await end(answer({ type: "failure", invalid: ["x"], slots: { errors: '<a href="#x">X is wrong</a>' } }));
  assert.deepEqual(opened(), [true, true, false]);
  close();
  slot("errors").querySelector("a").click();
  assert.deepEqual(opened(), [true, true, false]);
});

test("the focus leaves the summary when Python submits, and is not lost", async () => {
  const controller = start();
  click();
  await end(failure());
  slot("errors").querySelector("a").focus();
  controller.busy(true);
  assert.equal(document.activeElement, $("#go"));
});

test("focus stays on the button that was pressed", async () => {
  $("#go").focus();
  click();
  assert.equal(document.activeElement, $("#go"));
  await end(answer());
  assert.equal(document.activeElement, $("#go"));
});

test("a second submission is ignored while the first is being sent", async () => {
  click();
  click();
  form.requestSubmit($("#other"));
  assert.equal(sent.length, 1);
  await end(answer());
  click();
  assert.equal(sent.length, 2);
});

test("the button that submitted is part of the form data", () => {
  $("#enroll-subject").value = "Charms";
  click();
  assert.deepEqual([...sent[0].data], [["subject", "Charms"], ["how", "now"]]);
  assert.equal(sent[0].submitter, $("#go"));
});

for (const [way, result] of Object.entries({
  success: () => answer({ slots: { status: "Done." } }),
  failure,
  bug: () => answer({ type: "error", slots: { errors: "<p>Something went wrong</p>" } }),
  "redirect to the page": () => answer({ type: "redirect", location: "/subjects" }),
  "nothing to show": () => null,
})) {
  test(`everything is restored after: ${way}`, async () => {
    click();
    await end(result());
    assertAtRest();
  });
}

test("everything is restored when the network is down, and the form can be sent again", async () => {
  $("#enroll-subject").value = "Charms";
  click();
  sent[0].reject(new TypeError("fetch failed"));
  await settled();
  assertAtRest();
  assert.equal(slot("errors").textContent, MESSAGES.network);
  assert.equal($("#enroll-subject").value, "Charms");
  click();
  await end(answer({ slots: { result: "fine" } }));
  assert.equal(slot("errors").textContent, "");
  assert.equal(slot("result").textContent, "fine");
});

test("everything is restored when the submission is aborted, and nothing is said", async () => {
  click();
  life.abort();
  sent[0].reject(new DOMException("aborted", "AbortError"));
  await settled();
  assertAtRest();
  assert.equal(slot("errors").textContent, "");
  assert.equal(console.error.mock.callCount(), 0);
});

test("after its life has ended a form is the browser's again", async () => {
  life.abort();
  let prevented;
  form.addEventListener("submit", (event) => ((prevented = event.defaultPrevented), event.preventDefault()));
  click();
  assert.equal(prevented, false);
  assert.equal(sent.length, 0);
});

test("fields may be called like the form's own properties", async () => {
  const names = ["action", "method", "submit", "elements", "reset", "contains", "dataset", "id", "target", "children"];
  start(FORM.replace("<button", `${names.map((name) => `<input name="${name}" value="${name}!">`).join("")}<button`));
  $('[name="reset"]').value = "typed";
  click();
  assert.equal(form.getAttribute("aria-busy"), "true");
  const data = sent[0].data;
  for (const name of names) assert.equal(data.get(name), name === "reset" ? "typed" : `${name}!`);
  await end(failure());
  assertAtRest();
  assert.equal(document.activeElement, slot("errors"));
  click();
  await end(answer({ type: "redirect", location: "/subjects" }));
  assert.equal($('[name="reset"]').value, "reset!");
});

test("on failure the focus goes to the summary", async () => {
  $("#enroll-subject").focus();
  click();
  await end(failure());
  assert.equal(document.activeElement, slot("errors"));
});

test("the focus stays with a person who has gone elsewhere", async () => {
  click();
  $("#away").focus();
  await end(failure());
  assert.equal(document.activeElement, $("#away"));
});

test("a button outside the form belongs to it", async () => {
  start(`${FORM}<form id="f2"></form><button id="far" form="enrolled">Far</button>`.replace('data-action="enroll"', 'data-action="enroll" id="enrolled"'));
  $("#far").focus();
  click("#far");
  assert.equal($("#far").getAttribute("aria-disabled"), "true");
  await end(failure());
  assert.equal(document.activeElement, slot("errors"));
  assert.equal($("#far").hasAttribute("aria-disabled"), false);
});

test("a success moves no focus", async () => {
  $("#enroll-subject").focus();
  click();
  await end(answer({ slots: { status: "Done.", result: "<p>fine</p>" } }));
  assert.equal(document.activeElement, $("#enroll-subject"));
});

test("the links of the summary lead to the fields", async () => {
  click();
  await end(failure());
  slot("errors").querySelector("a").click();
  assert.equal(document.activeElement, $("#enroll-subject"));
});

test("in a second view the links lead to that view's fields", async () => {
  start(FORM.replaceAll('id="enroll-subject"', 'id="enroll-subject-v2"'), { suffix: "-v2" });
  click();
  await end(failure());
  slot("errors").querySelector("a").click();
  assert.equal(document.activeElement, $("#enroll-subject-v2"));
});

test("fields that are wrong are marked, and no longer once they are sent again", async () => {
  click();
  assert.equal($("#enroll-subject").hasAttribute("aria-invalid"), false);
  await end(failure());
  assert.equal($("#enroll-subject").getAttribute("aria-invalid"), "true");
  assert.equal(slot("error:subject").textContent, "is full");
  click();
  assert.equal($("#enroll-subject").hasAttribute("aria-invalid"), false);
  assert.equal(slot("error:subject").textContent, "");
  await end(answer());
});

test("an identical second failure is said again: its region is emptied and filled", async () => {
  const said = [];
  const observer = new (document.defaultView.MutationObserver)(() => said.push(slot("errors").textContent));
  click();
  await end(failure());
  observer.observe(slot("errors"), { childList: true });
  click();
  await settled();
  await end(failure());
  observer.disconnect();
  assert.deepEqual(said, ["", "WrongSubject"]);
});

test("the live region is there and empty before the first submission", () => {
  assert.equal(slot("status").getAttribute("role"), "status");
  assert.equal(slot("status").textContent, "");
});

test("the refresh of an older submission never covers that of a newer one", async () => {
  // Two forms of one page; the older answer comes last.
  start(`${FORM}<form method="post" data-action="b"><button id="b">B</button></form>`);
  const second = [];
  enhance($('[data-action="b"]'), () => { const one = deferred(); second.push(one); return one.promise; }, { root: document, signal: life.signal });
  click("#go");
  click("#b");
  second[0].resolve(answer({ loaders: { subjects: "newer" } }));
  await settled();
  await end(answer({ loaders: { subjects: "older" } }));
  assert.equal($("[data-loader]").textContent, "newer");
});

test("only the loaders that an answer names are touched", async () => {
  start(`${FORM}<section data-loader="constructor">mine</section>`);
  const untouched = $("[data-loader=constructor]").firstChild;
  click();
  await end(answer({ loaders: { subjects: "<i>fresh</i>" } }));
  assert.equal($("[data-loader=subjects]").innerHTML, "<i>fresh</i>");
  assert.equal($("[data-loader=constructor]").firstChild, untouched);
});

test("what is replaced gives the focus to its like, or keeps it in the container", () => {
  const list = $("[data-loader]");
  put(list, '<a href="#" id="row-1">One</a>');
  $("#row-1").focus();
  put(list, '<a href="#" id="row-0">Zero</a><a href="#" id="row-1">One</a>');
  assert.equal(document.activeElement, $("#row-1"));
  put(list, "<p>empty</p>");
  assert.equal(document.activeElement, list);
});

test("replacing something else does not touch the focus", () => {
  $("#enroll-subject").focus();
  refresh(document, { subjects: "fresh" });
  assert.equal(document.activeElement, $("#enroll-subject"));
});

for (const [reset, types] of Object.entries({ true: ["success", "redirect"], false: [] })) {
  test(`with reset=${reset} the form is emptied after: ${types.join(", ") || "nothing"}`, async () => {
    const emptied = [];
    for (const type of ["success", "redirect", "failure", "error"]) {
      start(FORM.replace("data-action", `data-reset="${reset}" data-action`));
      $("#enroll-subject").value = "Charms";
      click();
      await end(answer({ type }));
      if ($("#enroll-subject").value === "") emptied.push(type);
    }
    assert.deepEqual(emptied, types);
  });
}

test("the form is reset after a redirect to the page, and never otherwise", async () => {
  for (const [result, value] of [
    [answer({ slots: { result: "fine" } }), "Charms"],
    [failure(), "Charms"],
    [answer({ type: "error" }), "Charms"],
    [null, "Charms"],
    [answer({ type: "redirect", location: "/subjects" }), ""],
  ]) {
    $("#enroll-subject").value = "Charms";
    click();
    await end(result);
    assert.equal($("#enroll-subject").value, value);
  }
});

test("typing and another form's input survive an answer", async () => {
  start(`${FORM}<form><input id="elsewhere" value=""></form>`);
  $("#enroll-subject").value = "Charms";
  const input = $("#enroll-subject");
  $("#elsewhere").value = "typed";
  click();
  $("#elsewhere").value = "typed more";
  await end(failure());
  assert.equal($("#elsewhere").value, "typed more");
  assert.equal($("#enroll-subject"), input);
});

for (const [what, attributes, button] of [
  ["to a dialog", 'method="dialog"', ""],
  ["with GET", 'method="get"', ""],
  ["to another window", 'method="post" target="_blank"', ""],
  ["with a button's GET", 'method="post"', 'formmethod="get"'],
  ["with a button's window", 'method="post"', 'formtarget="_blank"'],
]) {
  test(`a submission ${what} is left to the browser`, () => {
    start(`<form ${attributes} data-action="x"><button ${button}>Go</button></form>`);
    let prevented;
    form.addEventListener("submit", (event) => ((prevented = event.defaultPrevented), event.preventDefault()));
    click("button");
    assert.equal(prevented, false);
    assert.equal(sent.length, 0);
    assert.equal(form.hasAttribute("aria-busy"), false);
  });
}

test("a click with a key held for another tab is left to the browser, the next one is not", () => {
  start();
  const own = [];
  form.addEventListener("submit", (event) => (own.push(!event.defaultPrevented), event.preventDefault()));
  $("#go").dispatchEvent(new document.defaultView.MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true }));
  click();
  assert.deepEqual(own, [true, false]);
  assert.equal(sent.length, 1);
});

test("a notebook leaves nothing to the browser, which would leave the notebook", () => {
  start('<form method="post" target="_blank" data-action="x"><button formmethod="get">Go</button></form>', {
    leave: undefined,
  });
  click("button");
  assert.equal(sent.length, 1);
});

test("a submission that somebody else has handled is left alone", () => {
  document.addEventListener("submit", (event) => event.preventDefault(), { capture: true, once: true });
  click();
  assert.equal(sent.length, 0);
});

test("what the other side says about being busy waits for the own submission", async () => {
  const controller = start();
  click();
  controller.busy(false);
  assert.equal(form.getAttribute("aria-busy"), "true");
  controller.busy(true);
  await end(null);
  assert.equal(form.getAttribute("aria-busy"), "true");
  controller.busy(false);
  assertAtRest();
});

const visible = (root) =>
  [...root.querySelectorAll("h1, [data-loader], form > :not([data-slot=status]), form div > :not([data-slot=status])")]
    .filter((element) => element.children.length === 0 || element.matches("[data-slot], [data-loader]"))
    .map((element) => element.textContent.replace(/\s+/g, " ").trim());

for (const name of ["success", "nothing", "redirect", "failure", "refusal", "error"]) {
  test(`the enhanced result has the text of the page without JavaScript: ${name}`, async () => {
    show(wire(`${name}.html`));
    const plain = {
      text: visible(document.body),
      status: slot("status").textContent,
      invalid: [...document.querySelectorAll("[aria-invalid]")].map((one) => one.name),
    };
    start(wire("page.html"));
    $("[name=subject]").value = 'A "b" <c> & d';
    $("[name=seats]").value = "7";
    form.noValidate = true;
    click("button");
    const given = JSON.parse(wire(`${name}.json`));
    await end(given);
    assert.deepEqual(visible(document.body), plain.text);
    assert.deepEqual([...document.querySelectorAll("[aria-invalid]")].map((one) => one.name), plain.invalid);
    // After a redirect a new page speaks for itself; one that stays has to say that it is done.
    if (name !== "redirect") assert.equal(slot("status").textContent, plain.status);
    if (given.type === "failure" || given.type === "error") assert.equal($("[name=seats]").value, "7");
  });
}

test("a page in another language is spoken to in that language", async () => {
  const german = { working: "Läuft…", network: "Nicht gesendet." };
  start(FORM.replace(/data-messages="[^"]*"/, `data-messages='${JSON.stringify(german)}'`));
  click();
  assert.equal(slot("status").textContent, "Läuft…");
  sent.at(-1).reject(new TypeError("offline"));
  await settled();
  assert.equal(slot("errors").textContent, "Nicht gesendet.");
});

test("a template that lost its texts still says which it was", () => {
  start(FORM.replace(/data-messages="[^"]*"/, ""));
  click();
  assert.equal(slot("status").textContent, "working");
});
