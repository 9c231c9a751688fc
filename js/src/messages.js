// The texts that a person reads, in the language of the page: Python writes them into it.

/**
 * @typedef {(name: string, context?: Record<string, unknown>) => string} Say a text by its name, with
 * what belongs into it
 */

/**
 * The texts for what stands in an element.
 * @param {Element} element
 * @returns {Say}
 */
export function texts(element) {
  // A form may have a field called "closest", which then hides the form's own.
  const holder = Element.prototype.closest.call(element, "[data-messages]");
  /** @type {Record<string, string>} */
  const known = JSON.parse(holder?.getAttribute("data-messages") ?? "{}");
  // A template that was edited may have lost them: a name says a little, too.
  return (name, context = {}) => (known[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => String(context[key] ?? ""));
}

/**
 * A number of bytes in words, never more than it is.
 * @param {Say} text
 * @param {number} size
 */
export function sizeText(text, size) {
  if (size < 1e3) return text(size === 1 ? "byte" : "bytes", { size });
  if (size < 1e6) return text("kilobytes", { size: Math.floor(size / 1e3) });
  return text("megabytes", { size: Math.floor(size / 1e5) / 10 });
}
