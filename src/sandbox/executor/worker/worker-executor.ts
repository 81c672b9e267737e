import type { PlainData } from "../../abi/abi.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import type { AuditLog } from "../../host/audit-log.ts";
import type { HostBroker } from "../../host/host-broker.ts";
import type { Executor } from "../executor.ts";
import { beforeDeadline } from "../before-deadline.ts";
import type { GuestThreadHandle, PendingCall } from "./guest-thread-handle.ts";
import { ThreadPool } from "./thread-pool.ts";

/** Calls that run one after the other: those without a session, or those of one session. */
interface Lane {
  thread: GuestThreadHandle | undefined;
  /** Calls under way. */
  size: number;
  /** Its instance lives on its thread and nowhere else. */
  readonly pinned: boolean;
  /** Set once nothing more comes. */
  closed: boolean;
}

let nextSandbox = 1;

/** Runs guests on threads of their own, which all sandboxes share. The server never waits for them. */
export class WorkerExecutor implements Executor {
  readonly kind = "worker";
  readonly lends = false;
  readonly #pool: ThreadPool;
  readonly broker: HostBroker;
  readonly load: PendingCall["load"];
  /** Its number, for the threads. */
  readonly sandbox: number = nextSandbox++;
  readonly #common: Lane = { thread: undefined, size: 0, pinned: false, closed: false };
  readonly #sessions = new Map<number, Lane>();
  /** Threads that know the sandbox. */
  readonly #threads = new Set<GuestThreadHandle>();
  /** Calls that are not settled. */
  #underWay = 0;
  #disposed = false;

  static async create(
    module: WebAssembly.Module,
    spec: GuestSpec,
    broker: HostBroker,
  ): Promise<WorkerExecutor> {
    return new WorkerExecutor({ module, spec }, broker, await ThreadPool.acquire());
  }

  private constructor(load: PendingCall["load"], broker: HostBroker, pool: ThreadPool) {
    this.load = load;
    this.broker = broker;
    this.#pool = pool;
  }

  run(call: GuestCall, audit: AuditLog | undefined): Promise<GuestOutcome> {
    if (this.#disposed) return Promise.reject(new Error("the sandbox was disposed of"));
    const lane = call.session === 0 ? this.#common : this.#lane(call.session);
    lane.size++;
    this.#underWay++;
    return new Promise((resolve) => {
      const { thread } = lane;
      const mayMove = thread === undefined || thread.gone || (lane.size === 1 && !lane.pinned);
      if (mayMove) this.choose(lane, thread);
      this.submit(new WorkerCall(this, call, lane, audit, resolve));
    });
  }

  closeSession(session: number): void {
    const lane = this.#sessions.get(session);
    if (lane === undefined) return;
    this.#sessions.delete(session);
    lane.closed = true;
    // A call that has not begun would make the instance anew.
    if (lane.size === 0) this.#drop(session, lane);
  }

  async memoryBytes(): Promise<number> {
    const asked = [...this.#threads].map((thread) => thread.memoryBytes(this.sandbox));
    return (await Promise.all(asked)).reduce((sum, bytes) => sum + bytes, 0);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const session of this.#sessions.keys()) this.closeSession(session);
    // Calls that have not begun would bring the sandbox back to a thread.
    if (this.#underWay === 0) this.#free();
  }

  #lane(session: number): Lane {
    let lane = this.#sessions.get(session);
    if (lane === undefined) {
      lane = { thread: undefined, size: 0, pinned: true, closed: false };
      this.#sessions.set(session, lane);
    }
    return lane;
  }

  /** A call has come to its end, whatever it was. */
  settled({ call, lane }: WorkerCall): void {
    lane.size--;
    this.#underWay--;
    if (lane.closed && lane.size === 0) this.#drop(call.session, lane);
    if (this.#disposed && this.#underWay === 0) this.#free();
  }

  #free(): void {
    for (const thread of this.#threads) if (!thread.gone) thread.unload(this.sandbox);
    this.#pool.release();
  }

  /** Drops the instance of a session. */
  #drop(session: number, { thread }: Lane): void {
    if (thread === undefined) return;
    thread.pins--;
    if (!thread.gone) thread.closeSession(this.sandbox, session);
  }

  /** A thread for a lane. @param last where it was before */
  choose(lane: Lane, last: GuestThreadHandle | undefined): void {
    if (lane.pinned && lane.thread !== undefined) lane.thread.pins--;
    for (const thread of this.#threads) if (thread.gone) this.#threads.delete(thread);
    lane.thread = this.#pool.pick(last);
    if (lane.pinned) lane.thread.pins++;
    this.#threads.add(lane.thread);
  }

  /** Gives a call to the thread of its lane. */
  submit(call: WorkerCall): void {
    this.#pool.busy();
    (call.lane.thread as GuestThreadHandle).submit(call);
  }
}

/** A call on its way to a thread and back. */
class WorkerCall implements PendingCall {
  readonly call: GuestCall;
  readonly lane: Lane;
  readonly sandbox: number;
  readonly load: PendingCall["load"];
  readonly #executor: WorkerExecutor;
  readonly #audit: AuditLog | undefined;
  readonly #resolve: (outcome: GuestOutcome) => void;

  constructor(
    executor: WorkerExecutor,
    call: GuestCall,
    lane: Lane,
    audit: AuditLog | undefined,
    resolve: (outcome: GuestOutcome) => void,
  ) {
    this.call = call;
    this.lane = lane;
    this.sandbox = executor.sandbox;
    this.load = executor.load;
    this.#executor = executor;
    this.#audit = audit;
    this.#resolve = resolve;
  }

  settle(outcome: GuestOutcome): void {
    this.#executor.settled(this);
    this.#resolve(outcome);
  }

  move(from: GuestThreadHandle): void {
    // The first that is moved decides where the others go.
    if (this.lane.thread === from) this.#executor.choose(this.lane, undefined);
    this.#executor.submit(this);
  }

  answer(
    operation: Parameters<HostBroker["handle"]>[0],
    args: readonly PlainData[],
  ): PlainData | Promise<PlainData> {
    const limited = beforeDeadline(operation, args, this.call.deadline);
    return this.#executor.broker.handle(operation, limited, this.#audit);
  }
}
