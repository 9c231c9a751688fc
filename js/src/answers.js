// What a submission is answered with, whichever way it came.

/**
 * What a submission is answered with; made by `Renderer.answer` in Python.
 * @typedef {object} Answer
 * @property {"success" | "redirect" | "failure" | "error" | "pending"} type
 * @property {string} form its id; empty when nothing was taken in, so that what is kept stays kept
 * @property {Record<string, string>} slots name of a slot → HTML
 * @property {string[]} invalid names of the fields that are wrong
 * @property {Record<string, string>} loaders key of a loader → fresh HTML
 * @property {Record<string, string>} [submissions] key of a submission → its row; empty for one that leaves
 * @property {string} [location] where a redirect leads; where to ask again, when pending
 * @property {string} [id] of a bug, as it stands in the log
 */

const TYPES = new Set(["success", "redirect", "failure", "error", "pending"]);

/**
 * Whether this is an answer as Python makes it.
 * @param {unknown} answer
 * @returns {answer is Answer}
 */
export function isAnswer(answer) {
  const given = /** @type {Partial<Answer> | null} */ (answer);
  return !!given && TYPES.has(given.type ?? "") && !!given.slots && Array.isArray(given.invalid) && !!given.loaders;
}

/** What is shown when nothing was run.
 * @param {string} text @returns {Answer} */
export const refusal = (text) => ({ type: "error", form: "", slots: { errors: text }, invalid: [], loaders: {} });
