import { parentPort } from "node:worker_threads";
import { fromErrorData } from "../../error-data.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import { GuestRunner } from "../../guest/guest-runner.ts";
import type { HostLink } from "../../guest/host-link.ts";
import { HostFiles } from "../../host/host-files.ts";
import { DeadlineSlot } from "../../watchdog/deadline-slot.ts";
import { MailboxReader } from "./mailbox.ts";
import type { FlatCalls, FlatResults, ThreadOrder, ThreadReport } from "./messages.ts";
import { CALL_FIELDS, SENT } from "./messages.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import type { Payload } from "../../abi/abi.ts";

/** The program of a thread that runs guests. */
const port = parentPort;
if (port === null) throw new Error("guests are run on a thread of their own");

/** Results are sent together as long as none waits longer than this, in milliseconds. */
const GATHER_MS = 0.3;
/** Memory of dropped instances after which it is worth collecting garbage, in bytes. */
const COLLECT_BYTES = 16 * 1024 * 1024;

const report = (message: ThreadReport): void => port.postMessage(message);
const runners = new Map<number, GuestRunner>();
let supervision: DeadlineSlot;
let mailbox: MailboxReader;
let tickets: Int32Array;
/** Of the call that runs. */
let runningId = 0;
let runningSandbox = 0;
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
  const answer = mailbox.wait(
    () => report({ type: "ask", sandbox: runningSandbox, id: runningId, operation, args }),
    () => report({ type: "more" }),
  );
  if ("error" in answer) throw fromErrorData(answer.error);
  return answer.value;
};

/** Results that are not sent yet, and since when. */
let results: FlatResults = [];
let oldest = 0;
/** Calls that have come, taken back or not. */
let received = 0;

function flush(): void {
  if (results.length > 0) report(results);
  results = [];
}

function runAll(calls: FlatCalls): void {
  for (let at = 0; at < calls.length; at += CALL_FIELDS) {
    received = (received + 1) | 0;
    const ticket = calls[at] as number;
    const id = calls[at + 1] as number;
    // Taken back, because what ran before it took too long.
    if (Atomics.compareExchange(tickets, ticket, id, 0) !== id) continue;
    const sandbox = calls[at + 2] as number;
    // Nobody's result waits for what another's guest does.
    if (sandbox !== runningSandbox) flush();
    runningId = id;
    runningSandbox = sandbox;
    const outcome = (runners.get(sandbox) as GuestRunner).run(callAt(calls, at));
    const now = supervision.now();
    if (results.length === 0) oldest = now;
    results.push(id, outcome.output, outcome.ranMs, outcome.memoryBytes, rare(outcome));
    if (now - oldest > GATHER_MS || outcome.ranMs > GATHER_MS) flush();
  }
  // More calls are on their way: their results go with these.
  if (Atomics.load(tickets, SENT) === received) flush();
  collect();
}

function callAt(calls: FlatCalls, at: number): GuestCall {
  return {
    entry: calls[at + 3] as string,
    input: calls[at + 4] as Payload,
    session: calls[at + 5] as number,
    cpuMs: calls[at + 6] as number,
    callMs: calls[at + 7] as number,
    deadline: calls[at + 8] as number,
    audited: calls[at + 9] as boolean,
  };
}

function rare({ error, lines, audit, killed }: GuestOutcome): FlatResults[number] {
  if (error === undefined && lines.length === 0 && audit.length === 0) return undefined;
  return { error, lines, audit, killed };
}

function collect(): void {
  if (discardedBytes < COLLECT_BYTES) return;
  discardedBytes = 0;
  // The engine does not count the memories of guests, and would let them lie for long.
  Bun.gc(true);
}
