import { parentPort } from "node:worker_threads";
import { fromErrorData } from "../../error-data.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import { failedOutcome } from "../../guest/guest-call.ts";
import { GuestRunner } from "../../guest/guest-runner.ts";
import { keptOutput } from "../../guest/kept-output.ts";
import type { HostLink } from "../../guest/host-link.ts";
import { HostFiles } from "../../host/host-files.ts";
import { TouchedPages } from "../../../runtime/touched-pages.ts";
import { DeadlineSlot } from "../../watchdog/deadline-slot.ts";
import { MailboxReader } from "./mailbox.ts";
import type { SentResults, ThreadOrder, ThreadReport } from "./messages.ts";
import { CALL_FIELDS, WAKE } from "./messages.ts";
import type { SharedCall } from "./shared-calls.ts";
import { fitsSlot, SharedCalls } from "./shared-calls.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import type { Payload } from "../../abi/abi.ts";

/** The program of a thread that runs guests. */
const port = parentPort;
if (port === null) throw new Error("guests are run on a thread of their own");

/** The server is told of results together as long as none waits longer than this, in milliseconds. */
const GATHER_MS = 0.3;
/**
 * It is told, too, when there are so many results and no fewer than calls that wait: while these run it takes the
 * results and sends further calls. With fewer at a time, telling would take longer than it saves.
 */
const MANY = 8;
/** Calls that are run before other orders have their turn. */
const TURN = 64;
/** Memory of dropped instances after which it is worth collecting garbage, in bytes. */
const COLLECT_BYTES = 16 * 1024 * 1024;

interface SentCall {
  readonly entry: string;
  readonly input: Payload;
}

const report = (message: ThreadReport): void => port.postMessage(message);
const pages = TouchedPages.open();
const runners = new Map<number, GuestRunner>();
let supervision: DeadlineSlot;
let mailbox: MailboxReader;
let shared: SharedCalls;
/** Names of entries by their numbers. */
const entries: string[] = [];
/** What was sent of calls, by their ids. */
const sent = new Map<number, SentCall>();
/** Calls that were taken back before what is sent of them came. */
const revoked = new Set<number>();
/** Of the call that runs. */
let runningId = 0;
let runningSandbox = 0;
let discardedBytes = 0;

port.on("message", (order: ThreadOrder) => {
  if (order === WAKE) {
    runAll();
    return;
  }
  if ("length" in order) {
    for (let at = 0; at < order.length; at += CALL_FIELDS) {
      const id = order[at] as number;
      if (revoked.delete(id)) continue;
      sent.set(id, { entry: order[at + 1] as string, input: order[at + 2] as Payload });
    }
    runAll();
    return;
  }
  switch (order.type) {
    case "clock":
      port.postMessage(performance.now());
      return;
    case "start":
      supervision = new DeadlineSlot(order.cell, order.control, order.offset);
      mailbox = new MailboxReader(order.mailbox);
      shared = new SharedCalls(order.calls);
      return;
    case "load":
      load(order.sandbox, order.module, order.spec);
      runAll();
      return;
    case "entry":
      entries[order.entry] = order.name;
      runAll();
      return;
    case "unload":
      runAll();
      runners.get(order.sandbox)?.dispose();
      runners.delete(order.sandbox);
      collect();
      return;
    case "closeSession":
      // What was asked before it comes before it.
      runAll();
      runners.get(order.sandbox)?.closeSession(order.session);
      collect();
      return;
    case "memory": {
      const bytes = runners.get(order.sandbox)?.memoryBytes ?? 0;
      report({ type: "memory", id: order.id, bytes });
      return;
    }
    case "stop":
      runAll();
      runners.clear();
      pages?.close();
      port.close();
  }
});

function load(sandbox: number, module: WebAssembly.Module, spec: GuestSpec): void {
  const link: HostLink = { ask, files: new HostFiles(spec.files) };
  const discarded = (bytes: number): void => void (discardedBytes += bytes);
  runners.set(sandbox, new GuestRunner(module, spec, link, supervision, discarded, pages));
}

const ask: HostLink["ask"] = (operation, args) => {
  const answer = mailbox.wait(
    () => report({ type: "ask", sandbox: runningSandbox, id: runningId, operation, args }),
    () => report({ type: "more" }),
  );
  if ("error" in answer) throw fromErrorData(answer.error);
  return answer.value;
};

const call: SharedCall = {
  ticket: 0,
  id: 0,
  sandbox: 0,
  entry: 0,
  session: 0,
  cpuMs: 0,
  callMs: 0,
  deadline: 0,
  audited: false,
  input: undefined,
  isSent: false,
};
/** It was taken, and what it needs is on its way by message. */
let held = false;
/** Results that are to be sent. */
let results: SentResults = [];
/** When the oldest result was given of which the server does not know. */
let oldest = 0;

function tell(): void {
  const mustTell = shared.tell();
  if (results.length > 0) {
    report(results);
    results = [];
  } else if (mustTell) report(WAKE);
}

/** Runs what is offered. */
function runAll(): void {
  for (let runs = 0; runs < TURN;) {
    if (!held) {
      const isOurs = shared.take(call);
      if (isOurs === undefined) {
        tell();
        collect();
        return;
      }
      if (!isOurs) {
        if (call.isSent && !sent.delete(call.id)) revoked.add(call.id);
        continue;
      }
    }
    const { id, sandbox } = call;
    const runner = runners.get(sandbox);
    const message = call.isSent ? sent.get(id) : undefined;
    const entry = call.isSent ? message?.entry : entries[call.entry];
    held = runner === undefined || entry === undefined;
    if (runner === undefined || entry === undefined) {
      tell();
      return;
    }
    // Nobody's result waits for what another's guest does.
    if (sandbox !== runningSandbox) tell();
    runningId = id;
    runningSandbox = sandbox;
    if (message !== undefined) sent.delete(id);
    const { session, cpuMs, callMs, deadline, audited } = call;
    const input = message === undefined ? call.input : message.input;
    finish(run(runner, { entry, input, session, cpuMs, callMs, deadline, audited }));
    runs++;
  }
  setImmediate(runAll);
}

/** What goes wrong with one sandbox ends its call, and not the thread, which others use too. */
function run(runner: GuestRunner, one: GuestCall): GuestOutcome {
  try {
    return runner.run(one);
  } catch (error) {
    return failedOutcome(error as Error);
  }
}

function finish(outcome: GuestOutcome): void {
  const { output, ranMs, memoryBytes, error, lines, audit, killed } = outcome;
  const { ticket, id } = call;
  const now = supervision.now();
  if (shared.untold === 0 && results.length === 0) oldest = now;
  const isRare = error !== undefined || lines.length > 0 || audit.length > 0;
  if (!isRare && fitsSlot(output)) shared.give(ticket, id, ranMs, memoryBytes, output);
  else {
    const rare = isRare ? { error, lines, audit, killed } : undefined;
    shared.giveSent(ticket);
    // Of a part of a memory, all of it would be sent.
    results.push(id, keptOutput(output), ranMs, memoryBytes, rare);
  }
  const { untold } = shared;
  const isHalf = untold >= MANY && untold >= shared.waiting;
  if (isHalf || now - oldest > GATHER_MS || ranMs > GATHER_MS) tell();
}

function collect(): void {
  if (discardedBytes < COLLECT_BYTES) return;
  discardedBytes = 0;
  // The engine does not count the memories of guests, and would let them lie for long.
  Bun.gc(true);
}
