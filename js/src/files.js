// The files of a form, before they are sent. Those that are too large are refused here: the links to
// their fields are the only markup that a script makes.
import { refusal } from "./answers.js";
import { sizeText } from "./messages.js";

/**
 * Whether files are sent as such; otherwise their names are sent.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
export function sendsFiles(form, submitter) {
  const enctype = submitter?.getAttribute("formenctype") ?? form.getAttribute("enctype");
  return enctype?.toLowerCase() === "multipart/form-data";
}

/** @param {string} text */
function escape(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element.innerHTML.replaceAll('"', "&quot;");
}

/**
 * The refusal of files that are too large, before anything is sent; null when all may go.
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement[]} inputs
 * @param {string} suffix what this view has appended to ids
 * @param {import("./messages.js").Say} text
 * @returns {import("./answers.js").Answer | null}
 */
export function tooLarge(form, inputs, suffix, text) {
  const answer = refusal("");
  const said = [];
  let total = 0;
  for (const input of inputs) {
    const limit = Number(input.getAttribute("data-max-size") ?? Infinity);
    for (const file of input.files ?? []) {
      total += file.size;
      if (file.size <= limit) continue;
      const refused = escape(text("file_too_large", { filename: file.name, limit: sizeText(text, limit) }));
      answer.slots[`error:${input.name}`] ??= refused;
      answer.invalid.push(input.name);
      const id = encodeURIComponent(input.id.slice(0, input.id.length - suffix.length));
      said.push(`<p><a href="#${id}">${refused}</a></p>`);
    }
  }
  const most = Number(form.getAttribute("data-max-body") ?? Infinity);
  if (!said.length && total > most) {
    said.push(`<p>${escape(text("body_too_large", { limit: sizeText(text, most) }))}</p>`);
  }
  answer.slots["errors"] = said.join("");
  return said.length ? answer : null;
}
