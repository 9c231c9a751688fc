// Built from js/src by `npm run build`; edit the sources, not this file.

// src/download.js
var ADDRESS = "?_download=";
function followDownloads(root, ask, tell, signal) {
  const fetch = async (token) => {
    const pieces = [];
    let [got, size, name] = [0, 1, ""];
    while (got < size) {
      const { gone, filename = "", size: whole = 0, piece } = await ask(token, pieces.length);
      if (signal.aborted) return;
      if (gone !== void 0) return tell(gone);
      [size, name] = [whole, filename];
      if (!piece?.byteLength) break;
      pieces.push(piece);
      got += piece.byteLength;
    }
    save(root, name, pieces);
  };
  const going = /* @__PURE__ */ new Set();
  root.addEventListener(
    "click",
    async (event) => {
      const link = (
        /** @type {Element} */
        event.target.closest(`a[href^="${ADDRESS}"]`)
      );
      if (!link) return;
      event.preventDefault();
      const token = (link.getAttribute("href") ?? "").slice(ADDRESS.length);
      if (going.has(token)) return;
      going.add(token);
      await fetch(token);
      going.delete(token);
    },
    { signal }
  );
}
function save(root, name, pieces) {
  const blob = new Blob(
    /** @type {BlobPart[]} */
    pieces,
    { type: "application/octet-stream" }
  );
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  root.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
}

// src/answers.js
var refusal = (text) => ({ type: "error", form: "", slots: { errors: text }, invalid: [], loaders: {} });

// src/messages.js
function texts(element) {
  const holder = Element.prototype.closest.call(element, "[data-messages]");
  const known = JSON.parse(holder?.getAttribute("data-messages") ?? "{}");
  return (name, context = {}) => (known[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => String(context[key] ?? ""));
}
function sizeText(text, size) {
  if (size < 1e3) return text(size === 1 ? "byte" : "bytes", { size });
  if (size < 1e6) return text("kilobytes", { size: Math.floor(size / 1e3) });
  return text("megabytes", { size: Math.floor(size / 1e5) / 10 });
}

// src/files.js
function sendsFiles(form, submitter) {
  const enctype = submitter?.getAttribute("formenctype") ?? form.getAttribute("enctype");
  return enctype?.toLowerCase() === "multipart/form-data";
}
function escape(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element.innerHTML.replaceAll('"', "&quot;");
}
function tooLarge(form, inputs, suffix, text) {
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

// src/rows.js
var PLACES = ["id", "name", "for", "value", "aria-describedby", "data-field", "data-slot", "data-at"];
var LISTS = ["data-rows", "data-row", "data-numbered"];
var find = (root, attribute, value) => (
  /** @type {HTMLElement | null} */
  root.querySelector(`[${attribute}="${CSS.escape(value)}"]`)
);
function move(part, from, to) {
  for (const element of part.querySelectorAll("*")) {
    for (const name of [...PLACES, ...LISTS, "aria-label"]) {
      const value = element.getAttribute(name);
      if (value?.includes(from)) element.setAttribute(name, value.replaceAll(from, to));
    }
    if (element instanceof HTMLTemplateElement) move(element.content, from, to);
  }
}
function renumber(list, name) {
  [...list.children].forEach((row, index) => {
    const holder = document.createDocumentFragment();
    const next = row.nextSibling;
    holder.append(row);
    const at = row.getAttribute("data-at") ?? "";
    if (at !== `${name}[${index}]`) move(holder, at, `${name}[${index}]`);
    for (const element of holder.querySelectorAll(`[data-numbered="${CSS.escape(name)}"]`)) {
      const label = element.getAttribute("aria-label") ?? "";
      element.setAttribute("aria-label", label.replace(/\d+(?=\D*$)/, String(index + 1)));
    }
    list.insertBefore(holder, next);
  });
}
function editRows(form, submitter, suffix) {
  const asked = submitter?.getAttribute("value") ?? "";
  if (submitter?.getAttribute("name") === "_add") {
    const name2 = asked.replace(/\[#\]$/, "");
    const list2 = find(form, "data-rows", name2);
    const template = find(form, "data-row", name2);
    if (!list2 || !(template instanceof HTMLTemplateElement)) return false;
    const index = list2.children.length;
    const copy = (
      /** @type {DocumentFragment} */
      template.content.cloneNode(true)
    );
    move(copy, `${name2}[#]`, `${name2}[${index}]`);
    move(copy, `#${name2}#`, String(index + 1));
    separate(copy, suffix);
    list2.append(copy);
    const first = (
      /** @type {HTMLElement | null} */
      list2.lastElementChild?.querySelector("input:not([type=hidden]), select, textarea")
    );
    first?.focus();
    return true;
  }
  if (submitter?.getAttribute("name") !== "_remove") return false;
  const row = find(form, "data-at", asked);
  const list = row?.parentElement;
  if (!row || !list) return false;
  const name = list.getAttribute("data-rows") ?? "";
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  renumber(list, name);
  const next = beside?.querySelector(`button[name="_remove"]`) ?? list.parentElement?.querySelector('button[name="_add"]');
  if (next instanceof HTMLElement) next.focus();
  return true;
}
function separate(root, suffix) {
  if (!suffix) return;
  const references = ["for", "aria-describedby", "aria-labelledby", "list", "form"];
  for (const element of root.querySelectorAll("[id]")) {
    element.setAttribute("id", element.getAttribute("id") + suffix);
  }
  for (const name of references) {
    for (const element of root.querySelectorAll(`[${name}]`)) {
      const ids = element.getAttribute(name)?.split(/\s+/).filter(Boolean) ?? [];
      element.setAttribute(name, ids.map((id) => id + suffix).join(" "));
    }
  }
}

// src/submissions.js
var MAX_TEXT = 160;
function described(data, controls2) {
  const hidden = /* @__PURE__ */ new Set(["_form", "_kept", "_drop"]);
  const labels = /* @__PURE__ */ new Map();
  for (const control of controls2) {
    if (control.type === "password" || control.hasAttribute("data-secret")) hidden.add(control.name);
    const options = (
      /** @type {{ options?: Iterable<HTMLOptionElement> }} */
      /** @type {unknown} */
      control.options ?? []
    );
    for (const option of options) labels.set(`${control.name} ${option.value}`, option.label);
    if (control.checked) labels.set(`${control.name} ${control.value}`, control.labels?.[0]?.textContent?.trim());
  }
  const texts2 = [...data].flatMap(
    ([name, value]) => hidden.has(name) ? [] : [typeof value === "string" ? labels.get(`${name} ${value}`) || value : value.name]
  );
  const text = texts2.filter((one) => one.trim()).join(" · ");
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
function listing(list, pattern, { act, say, leave, signal }) {
  const shown = /* @__PURE__ */ new Map();
  const failed = /* @__PURE__ */ new Map();
  const row = (key) => (
    /** @type {HTMLElement | null} */
    list.querySelector(`[data-submission="${CSS.escape(key)}"]`)
  );
  function place(key, element) {
    const old = row(key);
    if (!old) return list.append(element);
    const active = (
      /** @type {Document | ShadowRoot} */
      list.getRootNode().activeElement
    );
    const held = active !== null && old.contains(active);
    const name = active?.getAttribute("name") ?? "";
    old.replaceWith(element);
    const again = element.querySelector(`button[name="${CSS.escape(name)}"]`) ?? element.querySelector("button");
    if (held && again instanceof HTMLElement) again.focus({ preventScroll: true });
    if (old.hasAttribute("aria-busy") && !element.hasAttribute("aria-busy")) say(told(element));
  }
  function remove(element) {
    const active = (
      /** @type {Document | ShadowRoot} */
      list.getRootNode().activeElement
    );
    const held = active !== null && element.contains(active);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    if (!held) return;
    const button = next?.querySelector("button");
    if (button) button.focus({ preventScroll: true });
    else leave();
  }
  list.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter;
      const form = event.target;
      if (!(button instanceof HTMLButtonElement) || !(form instanceof HTMLFormElement)) return;
      event.preventDefault();
      const [name, key] = [button.name.slice(1), button.value];
      const again = failed.get(key);
      const old = row(key);
      failed.delete(key);
      if (!again || !old) act(name, key, form);
      else if (name === "retry") again();
      else remove(old);
    },
    { signal }
  );
  return {
    add(key, text) {
      const copy = (
        /** @type {DocumentFragment} */
        pattern.content.cloneNode(true)
      );
      const element = (
        /** @type {HTMLElement} */
        copy.firstElementChild
      );
      element.dataset["submission"] = key;
      const said = element.querySelector(".na-submitted");
      if (said) said.textContent = text;
      for (const button of element.querySelectorAll("button")) button.value = key;
      shown.set(key, "");
      place(key, element);
    },
    fail(key, text, again) {
      const element = row(key);
      failed.set(key, again);
      const said = element?.querySelector(".na-status");
      if (!element || !said) return;
      element.removeAttribute("aria-busy");
      said.textContent = text;
      const active = (
        /** @type {Document | ShadowRoot} */
        list.getRootNode().activeElement
      );
      const held = active !== null && element.contains(active);
      for (const button of element.querySelectorAll("button")) button.hidden = button.name === "_cancel";
      if (held) element.querySelector("button:not([hidden])")?.focus();
      say(told(element));
    },
    show(rows, gone = () => false) {
      for (const [key, html] of Object.entries(rows)) {
        if (shown.get(key) === html && row(key)) continue;
        shown.set(key, html);
        failed.delete(key);
        const holder = document.createElement("template");
        holder.innerHTML = html;
        const element = holder.content.firstElementChild;
        const old = row(key);
        if (element instanceof HTMLElement) place(key, element);
        else if (old) remove(old);
      }
      for (
        const element of
        /** @type {HTMLElement[]} */
        [...list.children]
      ) {
        const key = element.dataset["submission"] ?? "";
        if (!Object.hasOwn(rows, key) && gone(key)) remove(element);
      }
    }
  };
}
function told(element) {
  const parts = [...element.querySelectorAll(".na-submitted, .na-status, .na-errors")];
  return parts.map((part) => part.textContent).filter(Boolean).join(": ");
}

// src/form.js
var elementsOf = (
  /** @type {(this: HTMLFormElement) => HTMLFormControlsCollection} */
  Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements")?.get
);
function controls(form) {
  const all = (
    /** @type {HTMLInputElement[]} */
    [...elementsOf.call(form)]
  );
  return [...all, .../** @type {NodeListOf<HTMLInputElement>} */
  form.querySelectorAll("input[type=image]")];
}
var submits = (control) => control.type === "submit" || control.type === "image";
function telling(buttons, submitter) {
  const seen = buttons.filter((button) => !button.matches(".na-default, .na-add, .na-remove"));
  return seen.find((button) => button === submitter) ?? seen.find((button) => button.hasAttribute("data-busy")) ?? seen[0];
}
var crlf = (text) => text.replace(/\r\n|\r|\n/g, "\r\n");
function put(element, html) {
  const active = (
    /** @type {Document | ShadowRoot} */
    element.getRootNode().activeElement
  );
  const held = active !== null && active !== element && element.contains(active);
  element.innerHTML = html;
  if (!held) return;
  const again = active.id ? element.querySelector(`#${CSS.escape(active.id)}`) : null;
  if (again instanceof HTMLElement) return again.focus();
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
function reveal(element) {
  for (let around = element.closest("details"); around; around = around.parentElement?.closest("details") ?? null) {
    around.open = true;
  }
}
function identifier() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16).padStart(8, "0")).join("");
}
function idOf(form) {
  const own = form.querySelector('input[type="hidden"][name="_form"]');
  return own?.getAttribute("value") ?? form.getAttribute("data-action") ?? "";
}
var entered = (data) => JSON.stringify([...data].map(([name, value]) => [name, typeof value === "string" ? value : [value.name, value.size]]));
var clock = 0;
var refreshed = /* @__PURE__ */ new WeakMap();
function refresh(root, loaders, asked = ++clock) {
  for (
    const element of
    /** @type {NodeListOf<HTMLElement>} */
    root.querySelectorAll("[data-loader]")
  ) {
    const key = element.dataset["loader"] ?? "";
    if (!Object.hasOwn(loaders, key) || (refreshed.get(element) ?? 0) > asked) continue;
    refreshed.set(element, asked);
    put(element, loaders[key] ?? "");
  }
}
function enhance(form, transport, { root, signal, suffix = "", leave = () => false, act = () => {
}, cancel = () => {
} }) {
  const swapped = /* @__PURE__ */ new Map();
  const text = texts(form);
  let sending = 0;
  let outside = false;
  let elsewhere = false;
  const stops = /* @__PURE__ */ new Map();
  let newest = "";
  const slot = (name2) => (
    /** @type {HTMLElement | null} */
    form.querySelector(`[data-slot="${CSS.escape(name2)}"]`)
  );
  const name = CSS.escape(idOf(form));
  const list = (
    /** @type {HTMLElement | null} */
    root.querySelector(`[data-slot="submissions"][data-of="${name}"]`)
  );
  const pattern = (
    /** @type {HTMLTemplateElement | null} */
    root.querySelector(`template[data-pattern="${name}"]`)
  );
  const rows = list && pattern ? listing(list, pattern, {
    act: (name2, key, small) => name2 === "cancel" && stops.has(key) ? stops.get(key)?.abort() : act(name2, key, small),
    say,
    leave: () => controls(form).find(submits)?.focus({ preventScroll: true }),
    signal
  }) : null;
  function busy(on, submitter = null) {
    if (rows) return;
    if (on) {
      form.setAttribute("aria-busy", "true");
      clear();
      say(text("working"));
    } else if (form.getAttribute("aria-busy") === "true") {
      form.removeAttribute("aria-busy");
      say("");
    }
    showCancel(on);
    const buttons = controls(form).filter(submits);
    const shown = on ? telling(buttons, submitter) : void 0;
    for (const button of buttons) {
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      button.toggleAttribute("data-busy", button === shown);
    }
    const pending = shown?.dataset["pending"];
    if (shown && pending && !swapped.has(shown)) {
      swapped.set(shown, [...shown.childNodes]);
      shown.replaceChildren(pending);
    }
    if (!on) {
      for (const [button, nodes] of swapped) button.replaceChildren(...nodes);
      swapped.clear();
    }
  }
  function showCancel(on) {
    const button = (
      /** @type {HTMLElement | null} */
      form.querySelector("[data-cancel]")
    );
    if (!button || button.hidden === !on) return;
    const active = (
      /** @type {Document | ShadowRoot} */
      form.getRootNode().activeElement
    );
    if (!on && active === button) telling(controls(form).filter(submits), null)?.focus({ preventScroll: true });
    button.hidden = !on;
  }
  function progress(html) {
    const element = slot("progress");
    if (element && element.innerHTML !== html) put(element, html);
  }
  function say(line) {
    const status = slot("status");
    if (status && status.textContent !== line) status.textContent = line;
  }
  function clear() {
    const active = (
      /** @type {Document | ShadowRoot} */
      form.getRootNode().activeElement
    );
    const held = active !== null && slot("errors")?.contains(active);
    for (const element of form.querySelectorAll('[data-slot]:not([data-slot="log"], [data-slot^="kept:"])')) {
      element.replaceChildren();
    }
    for (const control of controls(form)) control.removeAttribute("aria-invalid");
    if (held) telling(controls(form).filter(submits), null)?.focus({ preventScroll: true });
  }
  const fileInputs = () => controls(form).filter((control) => control.type === "file" && !control.matches(":disabled"));
  function keep(slots, chosen) {
    for (
      const element of
      /** @type {NodeListOf<HTMLElement>} */
      form.querySelectorAll('[data-slot^="kept:"]')
    ) {
      put(element, slots[element.dataset["slot"] ?? ""] ?? "");
    }
    for (const control of controls(form).filter((control2) => control2.type === "file")) {
      const kept = Boolean(slots[`kept:${control.name}`]);
      if (kept && chosen.get(control) && chosen.get(control) === control.files?.[0]) control.value = "";
      if (kept && control.required) control.setAttribute("data-required", "");
      if (control.hasAttribute("data-required")) control.required = !kept;
      if (!kept) control.removeAttribute("data-required");
    }
  }
  function show(answer, asked, chosen = /* @__PURE__ */ new Map()) {
    clear();
    if (answer?.form !== "") keep(answer?.slots ?? {}, chosen);
    if (!answer) return;
    for (const [name2, html] of Object.entries(answer.slots)) {
      const element = slot(name2);
      if (element && !name2.startsWith("kept:")) put(element, html);
    }
    for (const control of controls(form)) {
      const name2 = control.getAttribute("data-field") ?? control.name;
      const set = control.closest(`fieldset[data-field="${CSS.escape(name2)}"]`);
      if (!answer.invalid.includes(name2)) continue;
      (set ?? control).setAttribute("aria-invalid", "true");
      reveal(control);
    }
    refresh(root, answer.loaders, asked);
  }
  function report(fraction) {
    const bar = (
      /** @type {HTMLProgressElement | null} */
      form.querySelector("progress[data-upload]")
    );
    if (!bar) return;
    bar.value = fraction;
    bar.hidden = fraction >= 1;
  }
  function focusErrors() {
    const errors = slot("errors");
    const active = (
      /** @type {Document | ShadowRoot} */
      form.getRootNode().activeElement
    );
    const here = active === null || active === document.body || Node.prototype.contains.call(form, active) || controls(form).some((control) => control === active);
    if (errors?.hasChildNodes() && here) errors.focus();
  }
  async function onSubmit(event) {
    const submitter = event.submitter;
    if (event.defaultPrevented || leave(form, submitter, elsewhere)) return;
    event.preventDefault();
    if (editRows(form, submitter, suffix)) return;
    if (sending && !rows) return;
    const inputs = fileInputs();
    const refused = tooLarge(form, inputs, suffix, text);
    if (refused) {
      show(refused);
      return focusErrors();
    }
    await send(identifier(), new FormData(form, submitter), submitter, new Map(inputs.map((input) => [input, input.files?.[0]])));
  }
  async function send(key, data, submitter, chosen) {
    sending++;
    newest = key;
    const asked = ++clock;
    if (rows) clear();
    busy(true, submitter);
    rows?.add(key, described(data, controls(form)));
    const stop = new AbortController();
    stops.set(key, stop);
    let answer = null;
    let lost = "";
    try {
      answer = await transport(data, submitter, stop.signal, report, key);
    } catch (error) {
      if (!stop.signal.aborted) {
        console.error(error);
        answer = refusal(text("network"));
      }
      lost = stop.signal.aborted ? text("cancelled") : text("network");
    }
    report(1);
    const cancelled = stop.signal.aborted;
    stops.delete(key);
    sending--;
    busy(outside);
    if (signal.aborted) return;
    if (lost && rows) return rows.fail(key, lost, () => void send(key, data, submitter));
    if (cancelled && !rows) say(text("cancelled"));
    if (!answer) return;
    if (answer.submissions) rows?.show(answer.submissions);
    if (rows && key !== newest) return refresh(root, answer.loaders, asked);
    show(answer, asked, chosen);
    focusErrors();
    const wanted = form.getAttribute("data-reset");
    const done = answer.type === "success" || answer.type === "redirect";
    const anew = wanted ? wanted === "true" : rows || answer.type === "redirect";
    const same = !rows || entered(new FormData(form, submitter)) === entered(data);
    if (done && anew && same) HTMLFormElement.prototype.reset.call(form);
  }
  function onClick(event) {
    elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (
      /** @type {Element} */
      event.target.closest?.("[data-cancel]")
    ) {
      if (!stops.size) cancel();
      for (const stop of stops.values()) stop.abort();
      return;
    }
    const link = (
      /** @type {Element} */
      event.target.closest?.('[data-slot="errors"] a[href^="#"]')
    );
    if (!link) return;
    const id = decodeURIComponent(link.getAttribute("href")?.slice(1) ?? "");
    const field = controls(form).find((control) => control.id === id + suffix) ?? form.querySelector(`#${CSS.escape(id + suffix)}`);
    if (!(field instanceof HTMLElement)) return;
    event.preventDefault();
    reveal(field);
    field.focus();
  }
  signal.addEventListener("abort", () => stops.forEach((stop) => stop.abort()));
  form.addEventListener("submit", onSubmit, { signal });
  form.addEventListener("click", onClick, { signal });
  form.addEventListener("invalid", (event) => reveal(
    /** @type {Element} */
    event.target
  ), { signal, capture: true });
  form.addEventListener("keydown", () => elsewhere = false, { signal });
  return {
    form,
    busy: (on) => {
      outside = on;
      if (!sending) busy(on);
    },
    show,
    say,
    progress,
    listing: rows
  };
}

// src/packing.js
var CHUNK = 512 * 1024;
var unquoted = (name) => name.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%22", '"');
function pack(data, upload, multipart) {
  const entries = [];
  const files = [];
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
function* chunks(files) {
  for (const [file, content] of files.entries()) {
    for (let n = 0; n * CHUNK < content.size; n++) {
      yield { file, n, part: content.slice(n * CHUNK, (n + 1) * CHUNK) };
    }
  }
}

// src/widget.js
var VERSION = 1;
var WINDOW = 4;
var PATIENCE = { ack: 5e3, queued: 400, stale: 3e3 };
var views = 0;
function guardKeys(root, signal) {
  root.dataset["lmSuppressShortcuts"] = "true";
  root.addEventListener("beforeinput", (event) => event.stopPropagation(), { capture: true, signal });
  root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
}
function render({ model, el, signal: outer }) {
  const life = new AbortController();
  const { signal } = life;
  outer?.addEventListener("abort", () => life.abort(), { once: true });
  const suffix = `-v${++views}`;
  el.innerHTML = model.get("_html");
  const root = (
    /** @type {HTMLElement} */
    el.firstElementChild
  );
  separate(root, suffix);
  guardKeys(root, signal);
  const text = texts(root);
  const notice = (
    /** @type {HTMLElement} */
    root.querySelector('[data-slot="notice"]')
  );
  const waiting = /* @__PURE__ */ new Map();
  const unheard = /* @__PURE__ */ new Map();
  const queued = /* @__PURE__ */ new Map();
  let sent = 0;
  let silence = 0;
  const versions = /* @__PURE__ */ new Map();
  let loaded = {};
  let seen = 0;
  const tell = (line) => {
    notice.hidden = line === "";
    if (notice.textContent !== line) notice.textContent = line;
  };
  function listen() {
    clearTimeout(silence);
    silence = unheard.size && !signal.aborted ? setTimeout(tell, PATIENCE.ack, text("waiting")) : 0;
  }
  function transmit(rid, message) {
    message.order = ++sent;
    try {
      model.send({ v: VERSION, rid, ...message.content }, void 0, message.buffers);
    } catch {
      tell(text("waiting"));
    }
  }
  function send(content, buffers = [], heard = () => {
  }, rid = identifier()) {
    const message = { content, buffers, order: 0, heard };
    unheard.set(rid, message);
    if (unheard.size === 1) listen();
    transmit(rid, message);
    return rid;
  }
  function resend(asked) {
    for (const [rid, message] of [...unheard]) {
      if (message.order > asked) continue;
      if (message.content["kind"] === "sync") unheard.delete(rid);
      else transmit(rid, message);
    }
  }
  async function sendFiles(upload, { files, announced }, stop, report) {
    const ask = (content, buffers) => new Promise((resolve) => send({ ...upload, ...content }, buffers, resolve));
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const rest = chunks(files);
    let { answer = null } = await ask({ kind: "upload", files: announced });
    let done = 0;
    const some = async () => {
      for (const { file, n, part } of rest) {
        const buffer = await part.arrayBuffer();
        if (answer || stop.aborted) return;
        const ack = await ask({ kind: "chunk", file, n }, [buffer]);
        answer ??= ack.answer ?? null;
        done += part.size;
        report(done / total);
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, some));
    return answer;
  }
  function giveUp(form, upload) {
    for (const [rid, { content }] of unheard) if (content["upload"] === upload) unheard.delete(rid);
    send({ kind: "cancel", form, upload });
  }
  function submit(form, entries, stop, rid) {
    return new Promise((resolve) => {
      const heard = ({ answer }) => {
        if (!waiting.has(rid)) return;
        if (answer) {
          waiting.delete(rid);
          resolve(answer);
        } else {
          queued.set(rid, setTimeout(() => controllers.get(form)?.say(text("queued")), PATIENCE.queued));
        }
      };
      waiting.set(rid, { id: form, resolve });
      send({ kind: "submit", form, entries }, [], heard, rid);
      const cancel = () => signal.aborted || send({ kind: "cancel", form, submission: rid });
      stop.addEventListener("abort", cancel, { once: true });
    });
  }
  const newest = /* @__PURE__ */ new Map();
  const controllers = new Map(
    [.../** @type {NodeListOf<HTMLFormElement>} */
    root.querySelectorAll("form[data-action]")].map((form) => {
      const id = idOf(form);
      const transport = async (data, submitter, stop, report, key) => {
        const upload = identifier();
        const packed = pack(data, upload, sendsFiles(form, submitter));
        if (packed.files.length) {
          const arriving = new AbortController();
          const stopped = new Promise((_, reject) => {
            stop.addEventListener("abort", () => reject(stop.reason), { signal: arriving.signal });
          });
          try {
            const refused = await Promise.race([sendFiles({ form: id, upload }, packed, stop, report), stopped]);
            if (refused) return refused;
          } catch (error) {
            giveUp(id, upload);
            throw error;
          } finally {
            arriving.abort();
          }
        }
        return submit(id, packed.entries, stop, key);
      };
      const act = (kind, submission) => void send({ kind, form: id, submission });
      const cancel = () => act("cancel", newest.get(id) ?? "");
      return [id, enhance(form, transport, { root, signal, suffix, act, cancel })];
    })
  );
  function apply(state, mounting = false) {
    if (state.seq < seen) return;
    seen = state.seq;
    for (const [id, form] of Object.entries(state.forms)) {
      const controller = controllers.get(id);
      if (!controller || versions.get(id) === form.version) continue;
      versions.set(id, form.version);
      settle(id, controller, form, mounting);
    }
    if (!mounting) {
      const fresh = Object.entries(state.loaders).filter(([key, html]) => loaded[key] !== html);
      refresh(root, Object.fromEntries(fresh));
    }
    loaded = state.loaders;
    watch();
  }
  function settle(id, controller, form, mounting) {
    controller.busy(form.pending);
    newest.set(id, form.rid ?? "");
    let mine = false;
    for (const [rid, { id: owner, resolve }] of waiting) {
      if (owner !== id) continue;
      mine = true;
      if (rid === form.rid && (unheard.has(rid) || queued.has(rid))) {
        forget(rid);
        if (form.pending) controller.say(text("working"));
      }
      if (!form.ended.includes(rid)) continue;
      waiting.delete(rid);
      forget(rid);
      resolve(rid === form.rid ? form.answer : form.dropped.includes(rid) ? refusal(text("dropped")) : null);
    }
    if (!mine && !form.pending && !mounting) controller.show(form.answer);
    controller.progress(form.pending ? form.progress : "");
    controller.listing?.show(form.submissions, (key) => !waiting.has(key));
    const log = (
      /** @type {HTMLElement | null} */
      controller.form.querySelector('[data-slot="log"]')
    );
    if (log && log.innerHTML !== form.log) put(log, form.log);
  }
  function forget(rid) {
    unheard.delete(rid);
    clearTimeout(queued.get(rid));
    queued.delete(rid);
    listen();
  }
  function onMessage(content, buffers) {
    if (content.kind !== "ack") return;
    if (buffers?.[0]) content.piece = buffers[0];
    tell("");
    if (content.state) apply(content.state);
    const message = unheard.get(content.rid);
    unheard.delete(content.rid);
    listen();
    if (!message) return;
    message.heard(content);
    if (content.state) resend(message.order);
  }
  let watcher = 0;
  function watch() {
    clearTimeout(watcher);
    const fetching = [...unheard.values()].some(({ content }) => content["kind"] === "download");
    const pending = fetching || waiting.size > 0 || [...controllers.values()].some((one) => one.form.getAttribute("aria-busy") === "true");
    if (!pending || signal.aborted) return;
    watcher = setTimeout(() => {
      send({ kind: "sync" });
      watch();
    }, PATIENCE.stale);
  }
  const onState = () => apply(model.get("_state"));
  const onLive = () => tell(text("waiting"));
  model.on("change:_state", onState);
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onLive);
  root.addEventListener("submit", () => watch(), { signal });
  signal.addEventListener("abort", () => {
    model.off("change:_state", onState);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onLive);
    for (const timer of [...queued.values(), silence, watcher]) clearTimeout(timer);
  });
  followDownloads(
    root,
    (token, n) => new Promise((resolve) => {
      send({ kind: "download", token, n }, [], resolve);
      watch();
    }),
    tell,
    signal
  );
  apply(model.get("_state"), true);
  send({ kind: "sync" });
  return () => life.abort();
}
var widget_default = { render };
export {
  widget_default as default
};
