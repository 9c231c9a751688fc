// Following a submission that takes longer than the request that sent it: by a stream of events where
// there can be one, else by asking again. A connection that drops loses nothing.
import { isAnswer } from "./answers.js";

/** @typedef {import("./answers.js").Answer} Answer */

/**
 * Milliseconds until a stream without any event is given up, since something on the way may hold events
 * back, and between two questions; how often a question may fail in a row; how many connections may be
 * held open at once, since a browser has six for each host.
 */
export const FOLLOWING = { silent: 3000, pause: 1000, misses: 60, held: 3 };

const headers = { Accept: "application/json" };
let held = 0;

/** The address of a submission that takes longer. @param {string} key what the submission is called */
export const addressOf = (key) => `/_run/${key}`;

/** Stop what runs there. @param {string} location */
export async function cancelRun(location) {
  const body = new URLSearchParams({ _cancel: "" });
  try {
    // It is sent even if the page is left.
    await fetch(location, { method: "POST", headers, body, keepalive: true });
  } catch (error) {
    console.error(error);
  }
}

/**
 * Wait for the answer of a submission that takes longer.
 * @param {string} location where it can be followed
 * @param {AbortSignal} signal ends the waiting, not the submission
 * @param {(pending: Answer) => void} heard told how far it has come
 * @returns {Promise<Answer>}
 */
export async function follow(location, signal, heard) {
  return (await streamed(location, signal, heard)) ?? asked(location, signal, heard);
}

/**
 * @param {string} location
 * @param {AbortSignal} signal
 * @param {(pending: Answer) => void} heard
 * @returns {Promise<Answer | null>} null when the stream ended without an answer
 */
function streamed(location, signal, heard) {
  if (!("EventSource" in globalThis) || held >= FOLLOWING.held) return Promise.resolve(null);
  return new Promise((resolve) => {
    const stream = new EventSource(location);
    held++;
    /** @param {Answer | null} answer */
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

/**
 * @param {string} location
 * @param {AbortSignal} signal
 * @param {(pending: Answer) => void} heard
 * @returns {Promise<Answer>}
 */
async function asked(location, signal, heard) {
  for (let misses = 0; ; ) {
    signal.throwIfAborted();
    // The server holds the question until there is something new, save where too many are held.
    const holds = held < FOLLOWING.held;
    const address = holds ? location : (location.split("?")[0] ?? "");
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
