import { readSync, writeSync } from "node:fs";
import { confineProcess } from "../../../runtime/confine-process.ts";
import { fromErrorData } from "../../error-data.ts";
import { GuestRunner } from "../../guest/guest-runner.ts";
import { keptOutput } from "../../guest/kept-output.ts";
import type { HostLink } from "../../guest/host-link.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import type { ProcessOrder, ProcessReport } from "./messages.ts";
import { Unwatched } from "./unwatched.ts";

/**
 * The program of a process that runs the guests of one sandbox. It reads orders and writes reports, and waits for
 * nothing else; who gave it the orders kills it when a guest takes too long.
 */
const STDIN = 0;
const STDOUT = 1;
/** Memory of dropped instances after which it is worth collecting garbage, in bytes. */
const COLLECT_BYTES = 16 * 1024 * 1024;

const reader = new FrameReader<ProcessOrder>(0xffffffff);
const chunk = new Uint8Array(256 * 1024);
const waiting: ProcessOrder[] = [];

function nextOrder(): ProcessOrder {
  for (;;) {
    const order = waiting.shift();
    if (order !== undefined) return order;
    const size = readSync(STDIN, chunk, 0, chunk.byteLength, null);
    // Whoever gives the orders is gone.
    if (size === 0) process.exit(0);
    waiting.push(...reader.push(chunk.slice(0, size)));
  }
}

function report(message: ProcessReport): void {
  const frame = encodeFrame(message);
  let at = 0;
  while (at < frame.byteLength) at += writeSync(STDOUT, frame, at, frame.byteLength - at);
}

const ask: HostLink["ask"] = (operation, args) => {
  report({ type: "ask", operation, args });
  // While a call runs, nothing but the answer is sent.
  const order = nextOrder();
  if (order.type !== "answer") throw new Error("the host said something else than the answer");
  if ("error" in order.answer) throw fromErrorData(order.answer.error);
  return order.answer.value;
};

function main(): never {
  const first = nextOrder();
  if (first.type !== "load") process.exit(1);
  let discarded = 0;
  const module = new WebAssembly.Module(first.bytes as Uint8Array<ArrayBuffer>);
  const link: HostLink = { ask, files: undefined };
  const runner = new GuestRunner(module, first.spec, link, new Unwatched(), (bytes) => {
    discarded += bytes;
  });
  confineProcess();
  report({ type: "ready" });
  for (;;) {
    const order = nextOrder();
    if (order.type === "call") {
      const outcome = runner.run(order.call);
      // Of a part of a memory, all of it would be sent.
      report({ type: "result", outcome: { ...outcome, output: keptOutput(outcome.output) } });
    } else if (order.type === "closeSession") runner.closeSession(order.session);
    else if (order.type === "memory") report({ type: "memory", bytes: runner.memoryBytes });
    if (discarded < COLLECT_BYTES) continue;
    discarded = 0;
    // The engine does not count the memories of guests, and would let them lie for long.
    Bun.gc(true);
  }
}

main();
