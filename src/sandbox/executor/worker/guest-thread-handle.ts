import type { Worker } from "node:worker_threads";
import type { Payload, PlainData } from "../../abi/abi.ts";
import { toErrorData } from "../../error-data.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import { failedOutcome } from "../../guest/guest-call.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import type { HostOperation } from "../../guest/host-link.ts";
import { createSlotMemory } from "../../watchdog/deadline-slot.ts";
import { measureClock } from "../../watchdog/measure-clock.ts";
import { startThread } from "../../../runtime/inner-program.ts";
import type { Watchdog } from "../../watchdog/watchdog.ts";
import { createMailbox, MailboxWriter } from "./mailbox.ts";
import type { RareResult, SentCalls, SentResults, ThreadOrder, ThreadReport } from "./messages.ts";
import { RESULT_FIELDS, WAKE } from "./messages.ts";
import type { SharedResult } from "./shared-calls.ts";
import { fitsSlot, SharedCalls, TICKETS } from "./shared-calls.ts";

const MAX_ID = 0x7fffffff;
/** Names of entries that a thread remembers. Further ones are sent with each call. */
const MAX_ENTRIES = 1_000;
const NO_ENTRY = -1;
const NO_OUTPUT = new Uint8Array(0);
const NOTHING_RARE: RareResult = { error: undefined, lines: [], audit: [], killed: false };

/** A call on its way. */
export interface PendingCall {
  readonly call: GuestCall;
  /** Calls of one lane run one after the other, and mostly on one thread. */
  readonly lane: object;
  readonly sandbox: number;
  /** Brings the sandbox to the thread if it does not have it yet. */
  readonly load: { readonly module: WebAssembly.Module; readonly spec: GuestSpec };
  settle(outcome: GuestOutcome): void;
  /** It was taken back before it began, and goes to another thread. */
  move(from: GuestThreadHandle): void;
  /** Answers a question of the running guest. */
  answer(operation: HostOperation, args: readonly PlainData[]): PlainData | Promise<PlainData>;
}

interface Sent {
  readonly pending: PendingCall;
  readonly ticket: number;
}

/** One thread that runs guests, as the server sees it. */
export class GuestThreadHandle {
  readonly #thread: Worker;
  readonly #calls = new SharedCalls();
  readonly #freeTickets: number[] = Array.from({ length: TICKETS }, (_, ticket) => ticket);
  readonly #mailbox = createMailbox();
  readonly #writer = new MailboxWriter(this.#mailbox);
  readonly #loaded = new Set<number>();
  readonly #sent = new Map<number, Sent>();
  readonly #questions = new Map<number, (bytes: number) => void>();
  readonly #failed: (thread: GuestThreadHandle) => void;
  #outbox: SentCalls = [];
  /** Results that came by message and wait for those that were given before them. */
  #arrived: SentResults = [];
  /** Numbers of the names of entries that the thread knows. */
  readonly #entries = new Map<string, number>();
  /** Calls for which there was no ticket. */
  #waiting: PendingCall[] = [];
  #unwatch: (() => void) | undefined;
  #nextId = 1;
  #started = false;
  #orders: ThreadOrder[] = [];
  /** `performance.now()` when it last answered, or got work after having had none. */
  lastSign = 0;
  gone = false;
  /** Lanes whose instances live here and nowhere else. */
  pins = 0;

  /** @param failed told once when it ends by itself; whatever it had is settled then */
  constructor(watchdog: Watchdog, failed: (thread: GuestThreadHandle) => void) {
    this.#failed = failed;
    this.#thread = startThread(import.meta.url, "guest-thread");
    this.#thread.unref();
    this.#thread.on("error", (error: Error) => this.#fail(error));
    this.#thread.on("exit", () => this.#fail(new Error("the thread ended")));
    void this.#start(watchdog);
  }

  get load(): number {
    return this.#sent.size + this.#waiting.length;
  }

  submit(pending: PendingCall): void {
    if (this.load === 0) this.lastSign = performance.now();
    const ticket = this.#calls.hasRoom ? this.#freeTickets.pop() : undefined;
    if (ticket === undefined) {
      this.#waiting.push(pending);
      return;
    }
    const { sandbox, load, call } = pending;
    if (!this.#loaded.has(sandbox)) {
      this.#loaded.add(sandbox);
      this.#order({ type: "load", sandbox, ...load });
    }
    const id = this.#newId();
    const entry = this.#entries.get(call.entry) ?? this.#newEntry(call.entry);
    const input = entry >= 0 && fitsSlot(call.input) ? call.input : undefined;
    if (input === undefined) this.#send(id, call);
    this.#sent.set(id, { pending, ticket });
    const { session, cpuMs, callMs, deadline, audited } = call;
    const sleeps = this.#calls.offer({
      ticket,
      id,
      sandbox,
      entry,
      session,
      cpuMs,
      callMs,
      deadline,
      audited,
      input,
      isSent: input === undefined,
    });
    if (sleeps && input !== undefined) this.#order(WAKE);
  }

  /**
   * Takes calls back that have not begun.
   * @param wanted which
   */
  revoke(wanted: (pending: PendingCall) => boolean): PendingCall[] {
    const back: PendingCall[] = [];
    for (const [id, { pending, ticket }] of this.#sent) {
      if (!wanted(pending)) continue;
      if (!this.#calls.revoke(ticket, id)) continue;
      this.#sent.delete(id);
      this.#freeTickets.push(ticket);
      back.push(pending);
    }
    const kept: PendingCall[] = [];
    for (const pending of this.#waiting) (wanted(pending) ? back : kept).push(pending);
    this.#waiting = kept;
    return back;
  }

  /** The calls it has, oldest first. */
  *calls(): Iterable<PendingCall> {
    for (const { pending } of this.#sent.values()) yield pending;
    yield* this.#waiting;
  }

  unload(sandbox: number): void {
    if (this.#loaded.delete(sandbox)) this.#order({ type: "unload", sandbox });
  }

  closeSession(sandbox: number, session: number): void {
    if (this.#loaded.has(sandbox)) this.#order({ type: "closeSession", sandbox, session });
  }

  memoryBytes(sandbox: number): Promise<number> {
    if (!this.#loaded.has(sandbox) || this.gone) return Promise.resolve(0);
    const id = this.#newId();
    return new Promise((resolve) => {
      this.#questions.set(id, resolve);
      this.#order({ type: "memory", sandbox, id });
    });
  }

  /** Ends it once it has done what it has. */
  stop(): void {
    if (this.gone) return;
    this.gone = true;
    this.#order({ type: "stop" });
    this.#unwatch?.();
  }

  /** Gives it up, whatever it does. Everything it had fails. */
  abandon(error: Error): void {
    this.#fail(error);
    void this.#thread.terminate();
  }

  /** What comes in one go goes in one message. */
  #send(id: number, { entry, input }: GuestCall): void {
    if (this.#outbox.length === 0) queueMicrotask(this.#flush);
    this.#outbox.push(id, entry, input);
  }

  readonly #flush = (): void => {
    const calls = this.#outbox;
    if (calls.length === 0) return;
    this.#outbox = [];
    this.#order(calls);
  };

  #newEntry(name: string): number {
    const entry = this.#entries.size;
    if (entry === MAX_ENTRIES) return NO_ENTRY;
    this.#entries.set(name, entry);
    this.#order({ type: "entry", entry, name });
    return entry;
  }

  #newId(): number {
    const id = this.#nextId;
    this.#nextId = id === MAX_ID ? 1 : id + 1;
    return id;
  }

  async #start(watchdog: Watchdog): Promise<void> {
    let offset: number;
    try {
      offset = await measureClock(this.#thread, { type: "clock" } satisfies ThreadOrder);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    const cell = createSlotMemory();
    this.#unwatch = watchdog.add(cell);
    this.#thread.on("message", (message: ThreadReport) => this.#receive(message));
    // Once more: listening takes it back. Calls under way keep the program running, not threads that have none.
    this.#thread.unref();
    const calls = this.#calls.buffer;
    const { control } = watchdog;
    const start = {
      type: "start" as const,
      cell,
      control,
      offset,
      mailbox: this.#mailbox,
      calls,
    };
    this.#started = true;
    this.#order(start);
    for (const order of this.#orders) this.#order(order);
    this.#orders = [];
    this.lastSign = performance.now();
  }

  #order(order: ThreadOrder): void {
    // Whatever is ordered next comes behind the calls there were.
    this.#flush();
    if (this.#started) this.#thread.postMessage(order);
    else this.#orders.push(order);
  }

  #receive(message: ThreadReport): void {
    this.lastSign = performance.now();
    if (message === WAKE || "length" in message) {
      if (message !== WAKE) this.#arrived.push(...message);
      this.#results();
      this.#next();
      return;
    }
    switch (message.type) {
      case "ask":
        void this.#answer(message);
        return;
      case "more":
        this.#writer.more();
        return;
      default:
        this.#questions.get(message.id)?.(message.bytes);
        this.#questions.delete(message.id);
    }
  }

  /** Results in shared memory, and those that were sent, in the order they were given. */
  #results(): void {
    const calls = this.#calls;
    const arrived = this.#arrived;
    calls.heard();
    const result: SharedResult = {
      isSent: false,
      id: 0,
      ranMs: 0,
      memoryBytes: 0,
      output: NO_OUTPUT,
    };
    let at = 0;
    while (calls.read(result, at < arrived.length)) {
      if (result.isSent) {
        this.#sentResult(arrived, at);
        at += RESULT_FIELDS;
        continue;
      }
      const { id, ranMs, memoryBytes, output } = result;
      const { error, lines, audit, killed } = NOTHING_RARE;
      this.#settle(id, { output, ranMs, memoryBytes, error, lines, audit, killed });
    }
    if (at > 0) arrived.splice(0, at);
  }

  #sentResult(results: SentResults, at: number): void {
    const { error, lines, audit, killed } =
      (results[at + 4] as RareResult | undefined) ?? NOTHING_RARE;
    this.#settle(results[at] as number, {
      output: results[at + 1] as Payload,
      ranMs: results[at + 2] as number,
      memoryBytes: results[at + 3] as number,
      error,
      lines,
      audit,
      killed,
    });
  }

  #settle(id: number, outcome: GuestOutcome): void {
    const sent = this.#sent.get(id);
    if (sent === undefined) return;
    this.#sent.delete(id);
    this.#freeTickets.push(sent.ticket);
    sent.pending.settle(outcome);
  }

  /** Calls that waited for a ticket. */
  #next(): void {
    while (this.#waiting.length > 0 && this.#freeTickets.length > 0) {
      this.submit(this.#waiting.shift() as PendingCall);
    }
  }

  async #answer(message: Extract<ThreadReport, { readonly type: "ask" }>): Promise<void> {
    try {
      const pending = this.#sent.get(message.id)?.pending;
      // Its call was given up; the thread waits all the same.
      if (pending === undefined) throw new Error("the call is over");
      const answer = pending.answer(message.operation, message.args);
      this.#writer.answer({ value: answer instanceof Promise ? await answer : answer });
    } catch (error) {
      this.#writer.answer({ error: toErrorData(error) });
    }
  }

  #fail(error: Error): void {
    if (this.gone && this.#sent.size === 0 && this.#waiting.length === 0) return;
    this.gone = true;
    this.#unwatch?.();
    const lost = [...this.calls()];
    this.#sent.clear();
    this.#waiting = [];
    for (const answer of this.#questions.values()) answer(0);
    this.#questions.clear();
    this.#failed(this);
    for (const pending of lost) pending.settle(failedOutcome(error));
  }
}
