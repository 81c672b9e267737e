import type { Worker } from "node:worker_threads";
import { startThread } from "../../runtime/inner-program.ts";
import type { Instrumented } from "./instrument.ts";
import { InvalidModule } from "./invalid-module.ts";
import type { ModuleLimits } from "./limits.ts";
import { takeModule } from "./take-module.ts";

export interface InstrumentRequest {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly limits: ModuleLimits;
}

/** The instrumented module, or what was wrong. */
export type InstrumentAnswer =
  | { readonly id: number; readonly result: Instrumented }
  | {
      readonly id: number;
      readonly message: string;
      readonly offset: number | undefined;
      readonly invalid: boolean;
    };

interface Waiting {
  resolve(result: Instrumented): void;
  reject(error: Error): void;
}

/** Modules up to this size take about a millisecond, less than telling a thread of them. */
const SMALL = 16 * 1024;
/** A thread with nothing to do ends after so long. */
const IDLE_MS = 10_000;

let thread: InstrumentThread | undefined;

/**
 * Instruments a module in a thread of its own, so that a large one holds up nothing here. The thread is started when
 * it is needed, is shared, does not keep the program running and ends when it was idle for ten seconds.
 *
 * @param bytes are copied
 * @throws InvalidModule with a reason in words
 */
export async function instrumentOffThread(
  bytes: Uint8Array,
  limits: ModuleLimits,
): Promise<Instrumented> {
  const copy = new Uint8Array(bytes);
  if (copy.length <= SMALL) return takeModule(copy, limits);
  thread ??= new InstrumentThread((ended) => {
    if (thread === ended) thread = undefined;
  });
  return thread.ask(copy, limits);
}

class InstrumentThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: (thread: InstrumentThread) => void;
  #lastId = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** @param ended called when it takes no more */
  constructor(ended: (thread: InstrumentThread) => void) {
    this.#ended = ended;
    this.#worker = startThread(import.meta.url, "instrument-thread");
    this.#worker.on("message", (answer: InstrumentAnswer) => this.#answered(answer));
    this.#worker.on("error", (error) => this.#failed(error as Error));
    this.#worker.on("exit", () => this.#failed(new Error("the thread that instruments ended")));
  }

  ask(bytes: Uint8Array<ArrayBuffer>, limits: ModuleLimits): Promise<Instrumented> {
    const id = ++this.#lastId;
    clearTimeout(this.#idle);
    // Only what waits for an answer keeps the program running.
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, bytes, limits } satisfies InstrumentRequest, [bytes.buffer]);
    });
  }

  #answered(answer: InstrumentAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) {
      this.#worker.unref();
      this.#idle = setTimeout(() => this.#end(), IDLE_MS);
      this.#idle.unref();
    }
    if ("result" in answer) waiting?.resolve(answer.result);
    else waiting?.reject(errorOf(answer));
  }

  #end(): void {
    this.#ended(this);
    void this.#worker.terminate();
  }

  #failed(error: Error): void {
    clearTimeout(this.#idle);
    this.#ended(this);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function errorOf(answer: Extract<InstrumentAnswer, { message: string }>): Error {
  const { message, offset, invalid } = answer;
  if (!invalid) return new Error(message);
  const place = offset === undefined ? "" : ` (at byte ${offset})`;
  return new InvalidModule(message.slice(0, message.length - place.length), offset);
}
