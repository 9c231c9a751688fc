// A person waits for what is sent: the sizes stay small.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

for (const [name, kilobytes] of [["page.js", 9], ["form.css", 4]]) {
  test(`${name} is under ${kilobytes} KB, compressed`, () => {
    const bytes = readFileSync(new URL(`../../notebook_actions/static/${name}`, import.meta.url));
    assert.ok(gzipSync(bytes).length < kilobytes * 1000, `${gzipSync(bytes).length} bytes`);
  });
}
