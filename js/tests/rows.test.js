// What a list in a form promises where a script runs: the same as without one (test_rows.py).
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { readFileSync } from "node:fs";
import { show, window } from "./dom.js";
for (const name of ["HTMLTemplateElement", "DocumentFragment"]) globalThis[name] = window[name];
const { enhance } = await import("../src/form.js");

const $ = (selector) => document.querySelector(selector);
const button = (name, value) => [...document.querySelectorAll(`button[name=${name}]`)].find((one) => one.value === value);
const names = () => [...new FormData($("form"))].map(([name]) => name);
let sent;

beforeEach(() => {
  sent = 0;
  const form = show(readFileSync(new URL("./rows.html", import.meta.url), "utf8"));
  form.noValidate = true; // jsdom knows no formnovalidate
  enhance(form, async () => (sent++, null), { root: document, signal: new AbortController().signal, suffix: "-v1" });
});

test("Enter's hidden button sends the form, and the one that is seen tells that it is busy", () => {
  $('[name="guests[0].name"]').value = "Luna";
  $("form").requestSubmit($(".na-default"));
  assert.deepEqual([...document.querySelectorAll("[data-busy]")], [$(".na-buttons button")]);
  assert.equal(sent, 1);
});

test("a row that is wrong is led to, in this view", () => {
  button("_add", "guests[#]").click();
  $('[data-slot="errors"]').innerHTML = '<a href="#invite-guests[1]">No.</a>';
  $('[data-slot="errors"] a').click();
  assert.equal(document.activeElement, $('[data-at="guests[1]"]'));
});

test("a row is added at the end, with ids of this view, and the focus goes into it", () => {
  button("_add", "guests[#]").click();
  assert.deepEqual(names(), ["party", "guests[0].name", "guests[1].name"]);
  const input = $('[name="guests[1].name"]');
  assert.equal(document.activeElement, input);
  assert.equal(input.id, "invite-guests[1].name-v1");
  assert.equal(input.getAttribute("aria-describedby"), "invite-guests[1].name-error-v1");
  assert.equal(input.closest("[role=group]").getAttribute("aria-label"), "Guests 2");
  assert.equal(sent, 0);
});

test("a row of a row is added where it belongs, in a row that was added too", () => {
  button("_add", "guests[#]").click();
  button("_add", "guests[1].children").click();
  button("_add", "guests[1].children").click();
  assert.deepEqual(names().slice(-2), ["guests[1].children", "guests[1].children"]);
  assert.equal(document.activeElement.getAttribute("data-field"), "guests[1].children[1]");
});

test("a row is removed, those after it move up with what was entered, and the focus is not lost", () => {
  for (const name of ["Luna", "Ginny", "Cho"]) {
    if (name !== "Luna") button("_add", "guests[#]").click();
    [...document.querySelectorAll('[data-rows="guests"] [name$=".name"]')].at(-1).value = name;
  }
  button("_add", "guests[2].children").click();
  $('[name="guests[2].children"]').value = "Bo";
  button("_remove", "guests[0]").click();
  assert.deepEqual([...new FormData($("form"))], [
    ["party", ""],
    ["guests[0].name", "Ginny"],
    ["guests[1].name", "Cho"],
    ["guests[1].children", "Bo"],
  ]);
  assert.equal(button("_remove", "guests[1]").getAttribute("aria-label"), "Remove Guests 2");
  assert.equal(document.activeElement, button("_remove", "guests[0]"));
  button("_remove", "guests[1].children[0]").click();
  assert.equal(document.activeElement, button("_add", "guests[1].children"));
  button("_add", "guests[1].children").click();
  assert.deepEqual(names(), ["party", "guests[0].name", "guests[1].name", "guests[1].children"]);
});

test("when the last row is gone the focus is on the button that adds one", () => {
  button("_remove", "guests[0]").click();
  assert.deepEqual(names(), ["party"]);
  assert.equal(document.activeElement, button("_add", "guests[#]"));
});
