// The program of the thread that instruments modules.
import { parentPort } from "node:worker_threads";
import { InvalidModule } from "./invalid-module.ts";
import type { InstrumentAnswer, InstrumentRequest } from "./off-thread.ts";
import { takeModule } from "./take-module.ts";

const port = parentPort as NonNullable<typeof parentPort>;

port.on("message", ({ id, bytes, limits }: InstrumentRequest) => {
  try {
    const result = takeModule(bytes, limits);
    port.postMessage({ id, result } satisfies InstrumentAnswer, [result.bytes.buffer]);
  } catch (error) {
    const { message } = error as Error;
    const offset = error instanceof InvalidModule ? error.offset : undefined;
    const invalid = error instanceof InvalidModule;
    port.postMessage({ id, message, offset, invalid } satisfies InstrumentAnswer);
  }
});
