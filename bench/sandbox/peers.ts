import { createContext, Script } from "node:vm";
import { Worker } from "node:worker_threads";
import createPlugin from "@extism/extism";
import type { CallFigures } from "./calls.ts";
import { timeCalls } from "./calls.ts";
import { echoGuest, ONE_KB } from "./guest.ts";

/**
 * Extism keeps what its calls have allocated until it is told not to, numbers these blocks with 15 bits, and fails when
 * they are used up. A promise more per call would be unfair to it.
 */
const EXTISM_RESET = 1_000;

/** What others have for code that is not trusted, with the same JSON. */
export async function measurePeers(seconds: number): Promise<CallFigures[]> {
  const text = JSON.stringify(ONE_KB);

  const plugin = await createPlugin({ wasm: [{ data: await echoGuest() }] }, { useWasi: false });
  let plugged = 0;
  const extism = async (): Promise<unknown> => {
    if (++plugged % EXTISM_RESET === 0) await plugin.reset();
    return (await plugin.call("echo", text))?.json();
  };

  const context = createContext({ input: "" });
  const script = new Script("JSON.stringify(JSON.parse(input))");
  const vm = async (): Promise<unknown> => {
    context.input = text;
    return JSON.parse(String(script.runInContext(context)));
  };

  const program = `const { parentPort } = require("node:worker_threads");
    parentPort.on("message", (text) => parentPort.postMessage(JSON.stringify(JSON.parse(text))));`;
  const worker = new Worker(program, { eval: true });
  const thread = (): Promise<unknown> =>
    new Promise((resolve) => {
      worker.once("message", (answer: string) => resolve(JSON.parse(answer)));
      worker.postMessage(text);
    });
  const figures = await timeCalls(
    [
      { what: "Extism, same thread", depth: 1, call: extism },
      { what: "node:vm, same thread (no isolation)", depth: 1, call: vm },
      { what: "node:worker_threads, JavaScript", depth: 1, call: thread },
    ],
    seconds,
  );
  await plugin.close();
  await worker.terminate();
  return figures;
}
