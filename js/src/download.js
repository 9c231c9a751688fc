// Files that a result offers in a notebook: a click asks the kernel for one, piece by piece. In an app
// the same link is the browser's own business.

/**
 * A piece of a file, or why there is none.
 * @typedef {{ gone?: string, filename?: string, size?: number, piece?: DataView }} Piece
 */

/** What a link to a file begins with. */
const ADDRESS = "?_download=";

/**
 * Follow the links to files in a view.
 * @param {HTMLElement} root
 * @param {(token: string, n: number) => Promise<Piece>} ask
 * @param {(line: string) => void} tell
 * @param {AbortSignal} signal
 */
export function followDownloads(root, ask, tell, signal) {
  /** @param {string} token */
  const fetch = async (token) => {
    /** @type {DataView[]} */
    const pieces = [];
    let [got, size, name] = [0, 1, ""];
    while (got < size) {
      const { gone, filename = "", size: whole = 0, piece } = await ask(token, pieces.length);
      if (signal.aborted) return;
      if (gone !== undefined) return tell(gone);
      [size, name] = [whole, filename];
      if (!piece?.byteLength) break;
      pieces.push(piece);
      got += piece.byteLength;
    }
    save(root, name, pieces);
  };
  /** @type {Set<string>} those that are on their way */
  const going = new Set();
  root.addEventListener(
    "click",
    async (event) => {
      const link = /** @type {Element} */ (event.target).closest(`a[href^="${ADDRESS}"]`);
      if (!link) return;
      event.preventDefault();
      const token = (link.getAttribute("href") ?? "").slice(ADDRESS.length);
      if (going.has(token)) return;
      going.add(token);
      await fetch(token);
      going.delete(token);
    },
    { signal },
  );
}

/**
 * Let the browser save a file. Whatever it is, it is only bytes here, and never a page of this origin.
 * @param {HTMLElement} root
 * @param {string} name
 * @param {DataView[]} pieces
 */
function save(root, name, pieces) {
  const blob = new Blob(/** @type {BlobPart[]} */ (pieces), { type: "application/octet-stream" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  // In the document, since some hosts (VS Code) take the click from there.
  root.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
