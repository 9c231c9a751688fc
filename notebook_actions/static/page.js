// Built from js/src by `npm run build`; edit the sources, not this file.

// src/answers.js
var TYPES = /* @__PURE__ */ new Set(["success", "redirect", "failure", "error", "pending"]);
function isAnswer(answer) {
  const given = (
    /** @type {Partial<Answer> | null} */
    answer
  );
  return !!given && TYPES.has(given.type ?? "") && !!given.slots && Array.isArray(given.invalid) && !!given.loaders;
}
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
  const asked2 = submitter?.getAttribute("value") ?? "";
  if (submitter?.getAttribute("name") === "_add") {
    const name2 = asked2.replace(/\[#\]$/, "");
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
  const row = find(form, "data-at", asked2);
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
    const held2 = active !== null && old.contains(active);
    const name = active?.getAttribute("name") ?? "";
    old.replaceWith(element);
    const again = element.querySelector(`button[name="${CSS.escape(name)}"]`) ?? element.querySelector("button");
    if (held2 && again instanceof HTMLElement) again.focus({ preventScroll: true });
    if (old.hasAttribute("aria-busy") && !element.hasAttribute("aria-busy")) say(told(element));
  }
  function remove(element) {
    const active = (
      /** @type {Document | ShadowRoot} */
      list.getRootNode().activeElement
    );
    const held2 = active !== null && element.contains(active);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    if (!held2) return;
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
      const held2 = active !== null && element.contains(active);
      for (const button of element.querySelectorAll("button")) button.hidden = button.name === "_cancel";
      if (held2) element.querySelector("button:not([hidden])")?.focus();
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
  const held2 = active !== null && active !== element && element.contains(active);
  element.innerHTML = html;
  if (!held2) return;
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
function refresh(root, loaders, asked2 = ++clock) {
  for (
    const element of
    /** @type {NodeListOf<HTMLElement>} */
    root.querySelectorAll("[data-loader]")
  ) {
    const key = element.dataset["loader"] ?? "";
    if (!Object.hasOwn(loaders, key) || (refreshed.get(element) ?? 0) > asked2) continue;
    refreshed.set(element, asked2);
    put(element, loaders[key] ?? "");
  }
}
function leaveToBrowser(form, submitter, elsewhere) {
  const method = submitter?.getAttribute("formmethod") ?? form.getAttribute("method");
  const target = submitter?.getAttribute("formtarget") ?? form.getAttribute("target");
  return elsewhere || method?.toLowerCase() !== "post" || !["", "_self", null].includes(target);
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
    const held2 = active !== null && slot("errors")?.contains(active);
    for (const element of form.querySelectorAll('[data-slot]:not([data-slot="log"], [data-slot^="kept:"])')) {
      element.replaceChildren();
    }
    for (const control of controls(form)) control.removeAttribute("aria-invalid");
    if (held2) telling(controls(form).filter(submits), null)?.focus({ preventScroll: true });
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
  function show(answer, asked2, chosen = /* @__PURE__ */ new Map()) {
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
    refresh(root, answer.loaders, asked2);
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
    const asked2 = ++clock;
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
    if (rows && key !== newest) return refresh(root, answer.loaders, asked2);
    show(answer, asked2, chosen);
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

// src/runs.js
var FOLLOWING = { silent: 3e3, pause: 1e3, misses: 60, held: 3 };
var headers = { Accept: "application/json" };
var held = 0;
var addressOf = (key) => `/_run/${key}`;
async function cancelRun(location) {
  const body = new URLSearchParams({ _cancel: "" });
  try {
    await fetch(location, { method: "POST", headers, body, keepalive: true });
  } catch (error) {
    console.error(error);
  }
}
async function follow(location, signal, heard) {
  return await streamed(location, signal, heard) ?? asked(location, signal, heard);
}
function streamed(location, signal, heard) {
  if (!("EventSource" in globalThis) || held >= FOLLOWING.held) return Promise.resolve(null);
  return new Promise((resolve) => {
    const stream = new EventSource(location);
    held++;
    const end = (answer) => {
      held--;
      stream.close();
      clearTimeout(silent);
      signal.removeEventListener("abort", give);
      resolve(answer);
    };
    const give = () => end(null);
    const silent = setTimeout(give, FOLLOWING.silent);
    signal.addEventListener("abort", give);
    stream.addEventListener("progress", (event) => {
      clearTimeout(silent);
      heard(JSON.parse(event.data));
    });
    stream.addEventListener("answer", (event) => end(JSON.parse(event.data)));
    stream.addEventListener("error", give);
  });
}
async function asked(location, signal, heard) {
  for (let misses = 0; ; ) {
    signal.throwIfAborted();
    const holds = held < FOLLOWING.held;
    const address = holds ? location : location.split("?")[0] ?? "";
    let answer;
    if (holds) held++;
    try {
      answer = await (await fetch(address, { headers, signal })).json();
      misses = 0;
    } catch (error) {
      if (signal.aborted || ++misses > FOLLOWING.misses) throw error;
    } finally {
      if (holds) held--;
    }
    if (isAnswer(answer) && answer.type !== "pending") return answer;
    if (isAnswer(answer)) {
      heard(answer);
      location = answer.location ?? location;
    }
    if (!answer || !holds) await new Promise((resolve) => setTimeout(resolve, FOLLOWING.pause));
    else if (!isAnswer(answer)) throw new Error("not an answer");
  }
}

// src/page.js
function encode(data, multipart) {
  if (multipart) return data;
  const pairs = [...data].map(([name, value]) => [
    crlf(name),
    crlf(typeof value === "string" ? value : value.name)
  ]);
  return new URLSearchParams(pairs);
}
function pageAddress(url) {
  const query = new URLSearchParams(url.search);
  query.delete("_action");
  query.delete("_outcome");
  query.delete("_submissions");
  return `${url.origin}${url.pathname}?${query}`;
}
function board() {
  const address = new URL(document.location.href);
  const known = address.searchParams.get("_submissions");
  if (known) return known;
  const made = identifier();
  address.searchParams.set("_submissions", made);
  history.replaceState(history.state, "", address);
  return made;
}
var headersOf = (key) => ({ Accept: "application/json", "Notebook-Actions-Run": key });
async function ask(url, body, signal, headers2) {
  const response = await fetch(url, { method: "POST", headers: headers2, body, signal });
  return { status: response.status, text: await response.text() };
}
function upload(url, body, signal, headers2, report) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers2)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && report(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new TypeError("the request failed"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}
function http(form, { lists, heard, stopped }) {
  return async (data, submitter, signal, report, key) => {
    const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
    const body = encode(data, sendsFiles(form, submitter));
    const target = new URL(url, document.baseURI);
    if (lists()) target.searchParams.set("_submissions", board());
    const headers2 = headersOf(key);
    let run = addressOf(key);
    signal.addEventListener("abort", () => void cancelRun(run).then(() => stopped(run)), { once: true });
    const { status, text } = await (body instanceof FormData ? upload(target, body, signal, headers2, report) : ask(target, body, signal, headers2));
    report(1);
    let answer = JSON.parse(text);
    if (!isAnswer(answer)) throw new Error(`not an answer (HTTP ${status})`);
    if (answer.type === "pending") {
      run = answer.location ?? run;
      heard(answer);
      answer = await follow(run, signal, heard);
    }
    return arrived(
      /** @type {Answer} */
      answer,
      signal
    );
  };
}
async function arrived(answer, signal) {
  if (answer.type === "redirect" && answer.location !== void 0) {
    const next = new URL(answer.location, document.baseURI);
    const here = new URL(document.location.href);
    if (pageAddress(next) !== pageAddress(here)) {
      document.location.assign(next);
      await new Promise((resolve) => addEventListener("pagehide", resolve, { once: true, signal }));
      return null;
    }
    if (next.hash) document.location.hash = next.hash;
  }
  return answer;
}
function following(form, signal) {
  const lists = () => controller.listing !== null;
  const stopped = (location) => lists() && watch(location);
  const heard = (pending) => {
    if (lists()) inRow(pending);
    else controller.progress(pending.slots["progress"] ?? "");
  };
  async function settle(asked2) {
    try {
      let answer = await asked2;
      inRow(answer);
      if (answer.type === "pending") {
        answer = await follow(answer.location ?? "", signal, inRow);
        inRow(answer);
      }
      refresh(document, answer.loaders);
      return answer;
    } catch (error) {
      if (!signal.aborted) console.error(error);
      return null;
    }
  }
  const watch = (location) => void settle(follow(location, signal, inRow));
  const inRow = (answer) => controller.listing?.show(answer.submissions ?? {});
  const controller = enhance(form, http(form, { lists, heard, stopped }), {
    root: document,
    signal,
    leave: leaveToBrowser,
    act: (name, key, small) => {
      const url = new URL(small.getAttribute("action") ?? "", document.baseURI);
      const body = new URLSearchParams({ [`_${name}`]: key });
      void settle(ask(url, body, signal, headersOf(key)).then(({ text }) => JSON.parse(text))).then((answer) => {
        if (answer && !answer.submissions) controller.show(answer);
      });
    }
  });
  for (
    const row of
    /** @type {NodeListOf<HTMLElement>} */
    document.querySelectorAll(`[data-of="${CSS.escape(idOf(form))}"] > [aria-busy]`)
  ) {
    watch(addressOf(row.dataset["submission"] ?? ""));
  }
  return controller;
}
function start(signal) {
  const controllers = [
    .../** @type {NodeListOf<HTMLFormElement>} */
    document.querySelectorAll("form[data-action]")
  ].map((form) => following(form, signal));
  addEventListener("pageshow", (event) => event.persisted && controllers.forEach((one) => one.busy(false)), {
    signal
  });
  const address = new URL(document.location.href);
  if (address.searchParams.has("_outcome")) {
    address.searchParams.delete("_outcome");
    history.replaceState(history.state, "", address);
  }
}
start(new AbortController().signal);
export {
  encode,
  start
};
