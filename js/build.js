// Inlines the shared import into the two bundles (a notebook loads its module from a blob URL, where
// a relative import leads nowhere). `node build.js --check` fails when the bundles are stale.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const from = new URL("./src/", import.meta.url);
const to = new URL("../notebook_actions/static/", import.meta.url);
const check = process.argv.includes("--check");
const stale = [];

for (const name of ["page.js", "widget.js"]) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(name, from))],
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: { js: "// Built from js/src by `npm run build`; edit the sources, not this file." },
  });
  const file = new URL(name, to);
  const text = outputFiles[0].text;
  if (check) {
    if ((await readFile(file, "utf8")) !== text) stale.push(name);
  } else {
    await writeFile(file, text);
  }
}

if (stale.length) {
  console.error(`stale: ${stale.join(", ")}; run \`npm run build\` in js/`);
  process.exit(1);
}
