import { parentPort } from "node:worker_threads";
import { fromErrorData } from "../../error-data.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import { GuestRunner } from "../../guest/guest-runner.ts";
import type { HostLink } from "../../guest/host-link.ts";
import { HostFiles } from "../../host/host-files.ts";
import { DeadlineSlot } from "../../watchdog/deadline-slot.ts";
import { MailboxReader } from "./mailbox.ts";
import type { ThreadCall, ThreadOrder, ThreadReport, ThreadResult } from "./messages.ts";

/** The program of a thread that runs guests. */
const port = parentPort;
if (port === null) throw new Error("guests are run on a thread of their own");

/** Results are sent together as long as none waits longer than this, in milliseconds. */
const GATHER_MS = 0.1;
/** Memory of dropped instances after which it is worth collecting garbage, in bytes. */
const COLLECT_BYTES = 16 * 1024 * 1024;

const report = (message: ThreadReport): void => port.postMessage(message);
const runners = new Map<number, GuestRunner>();
let supervision: DeadlineSlot;
let mailbox: MailboxReader;
let tickets: Int32Array;
let running: ThreadCall | undefined;
let discardedBytes = 0;

port.on("message", (order: ThreadOrder) => {
  if ("length" in order) {
    runAll(order);
    return;
  }
  switch (order.type) {
    case "clock":
      port.postMessage(performance.now());
      return;
    case "start":
      supervision = new DeadlineSlot(order.cell, order.control, order.offset);
      mailbox = new MailboxReader(order.mailbox);
      tickets = new Int32Array(order.tickets);
      return;
    case "load":
      load(order.sandbox, order.module, order.spec);
      return;
    case "unload":
      runners.get(order.sandbox)?.dispose();
      runners.delete(order.sandbox);
      collect();
      return;
    case "closeSession":
      runners.get(order.sandbox)?.closeSession(order.session);
      collect();
      return;
    case "memory": {
      const bytes = runners.get(order.sandbox)?.memoryBytes ?? 0;
      report({ type: "memory", id: order.id, bytes });
      return;
    }
    case "stop":
      runners.clear();
      port.close();
  }
});

function load(sandbox: number, module: WebAssembly.Module, spec: GuestSpec): void {
  const link: HostLink = { ask, files: new HostFiles(spec.files) };
  const discarded = (bytes: number): void => void (discardedBytes += bytes);
  runners.set(sandbox, new GuestRunner(module, spec, link, supervision, discarded));
}

const ask: HostLink["ask"] = (operation, args) => {
  const { id, sandbox } = running as ThreadCall;
  const answer = mailbox.wait(
    () => report({ type: "ask", sandbox, id, operation, args }),
    () => report({ type: "more" }),
  );
  if ("error" in answer) throw fromErrorData(answer.error);
  return answer.value;
};

function runAll(calls: readonly ThreadCall[]): void {
  let results: ThreadResult[] = [];
  let oldest = 0;
  let sandbox = 0;
  const flush = (): void => {
    if (results.length > 0) report({ type: "results", results });
    results = [];
  };
  for (const one of calls) {
    // Taken back, because what ran before it took too long.
    if (Atomics.compareExchange(tickets, one.ticket, one.id, 0) !== one.id) continue;
    // Nobody's result waits for what another's guest does.
    if (one.sandbox !== sandbox) flush();
    sandbox = one.sandbox;
    running = one;
    const outcome = (runners.get(sandbox) as GuestRunner).run(one.call);
    const now = supervision.now();
    if (results.length === 0) oldest = now;
    results.push({ id: one.id, outcome });
    if (now - oldest > GATHER_MS || outcome.ranMs > GATHER_MS) flush();
  }
  running = undefined;
  flush();
  collect();
}

function collect(): void {
  if (discardedBytes < COLLECT_BYTES) return;
  discardedBytes = 0;
  // The engine does not count the memories of guests, and would let them lie for long.
  Bun.gc(true);
}
