// What is submitted as the kernel's messages carry it: pairs as JSON, files in chunks.
import { crlf } from "./form.js";

/** Bytes of a chunk; the kernel has the same number. A message over 10 MiB is lost on the way. */
const CHUNK = 512 * 1024;

/**
 * A name as it arrives in a multipart body, which has the same for `%22` and a quote.
 * @param {string} name
 */
const unquoted = (name) => name.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%22", '"');

/**
 * The pairs of a form as JSON; a file stands there as a reference to what is uploaded.
 * @param {FormData} data
 * @param {string} upload
 * @param {boolean} multipart whether it would be sent over HTTP with its files
 */
export function pack(data, upload, multipart) {
  /** @type {unknown[]} */
  const entries = [];
  /** @type {File[]} */
  const files = [];
  /** @type {Record<string, unknown>[]} */
  const announced = [];
  for (const [key, value] of data) {
    if (key === "_form") continue;
    const name = multipart ? unquoted(crlf(key)) : crlf(key);
    if (typeof value === "string" || !multipart) {
      entries.push([name, crlf(typeof value === "string" ? value : value.name)]);
    } else if (value.name || value.size) {
      entries.push([name, { upload, file: files.length }]);
      announced.push({ field: name, filename: unquoted(value.name), content_type: value.type, size: value.size });
      files.push(value);
    }
  }
  return { entries, files, announced };
}

/**
 * The pieces in which files are sent.
 * @param {File[]} files
 */
export function* chunks(files) {
  for (const [file, content] of files.entries()) {
    for (let n = 0; n * CHUNK < content.size; n++) {
      yield { file, n, part: content.slice(n * CHUNK, (n + 1) * CHUNK) };
    }
  }
}
