import { Worker } from "node:worker_threads";

/** A thread that writes a stop into cells, as a guest in this one leaves no time for that. */
export interface Stopper {
  /** Stops the cell after some milliseconds, and again every few until `done`. */
  stopLater(cell: Int32Array, afterMs: number): Promise<void>;
  done(): Promise<void>;
  end(): Promise<void>;
}

const SOURCE = `
const { parentPort } = require("node:worker_threads");
let timer;
parentPort.on("message", ({ buffer, afterMs }) => {
  clearTimeout(timer);
  if (buffer !== undefined) {
    const cell = new Int32Array(buffer);
    timer = setTimeout(() => Atomics.store(cell, 0, -1), afterMs);
  }
  parentPort.postMessage("heard");
});`;

export function startStopper(): Stopper {
  const worker = new Worker(SOURCE, { eval: true });
  const ask = (message: object): Promise<void> =>
    new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.postMessage(message);
    });
  return {
    stopLater: (cell, afterMs) => ask({ buffer: cell.buffer, afterMs }),
    done: () => ask({}),
    end: async () => void (await worker.terminate()),
  };
}
