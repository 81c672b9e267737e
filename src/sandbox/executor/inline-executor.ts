import type { PlainData } from "../abi/abi.ts";
import { HostFault } from "../abi/abi.ts";
import { abiByName } from "../abi/abis.ts";
import { GuestRunner } from "../guest/guest-runner.ts";
import type { GuestCall, GuestOutcome } from "../guest/guest-call.ts";
import type { GuestSpec } from "../guest/guest-spec.ts";
import type { HostLink } from "../guest/host-link.ts";
import type { AuditLog } from "../host/audit-log.ts";
import type { HostBroker } from "../host/host-broker.ts";
import { HostFiles } from "../host/host-files.ts";
import { TouchedPages } from "../../runtime/touched-pages.ts";
import { createSlotMemory, DeadlineSlot } from "../watchdog/deadline-slot.ts";
import { Watchdog } from "../watchdog/watchdog.ts";
import type { Executor } from "./executor.ts";

/** Memory of dropped instances after which it is worth collecting garbage, in bytes. */
const COLLECT_BYTES = 64 * 1024 * 1024;

/** The slot of this thread. Guests run one at a time on it, whatever sandbox they are of. */
let slot:
  | {
      readonly supervision: DeadlineSlot;
      readonly pages: TouchedPages | undefined;
      readonly remove: () => void;
    }
  | undefined;
let users = 0;
let discardedBytes = 0;

/** Runs guests on the server's own thread: the fastest, and the server stands still meanwhile. */
export class InlineExecutor implements Executor {
  readonly kind = "inline";
  readonly lends: boolean;
  readonly #runner: GuestRunner;
  readonly #watchdog: Watchdog;
  #audit: AuditLog | undefined;
  #disposed = false;

  static async create(
    module: WebAssembly.Module,
    spec: GuestSpec,
    broker: HostBroker,
  ): Promise<InlineExecutor> {
    return new InlineExecutor(module, spec, broker, await Watchdog.acquire());
  }

  private constructor(
    module: WebAssembly.Module,
    spec: GuestSpec,
    broker: HostBroker,
    watchdog: Watchdog,
  ) {
    this.#watchdog = watchdog;
    this.lends = abiByName(spec.abi).lends === true;
    users++;
    if (slot === undefined) {
      const cell = createSlotMemory();
      const supervision = new DeadlineSlot(cell, watchdog.control, 0);
      slot = { supervision, pages: TouchedPages.open(), remove: watchdog.add(cell) };
    }
    const link: HostLink = {
      ask: (operation, args) => synchronous(broker.handle(operation, args, this.#audit)),
      files: new HostFiles(spec.files),
    };
    this.#runner = new GuestRunner(module, spec, link, slot.supervision, discarded, slot.pages);
  }

  run(call: GuestCall, audit: AuditLog | undefined): GuestOutcome {
    if (this.#disposed) throw new Error("the sandbox was disposed of");
    this.#audit = audit;
    return this.#runner.run(call);
  }

  closeSession(session: number): void {
    this.#runner.closeSession(session);
  }

  async memoryBytes(): Promise<number> {
    return this.#runner.memoryBytes;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#runner.dispose();
    if (--users === 0) {
      slot?.remove();
      slot?.pages?.close();
      slot = undefined;
    }
    this.#watchdog.release();
  }
}

/** What waits for something cannot be waited for on this thread; the builder sees to it that nothing does. */
function synchronous(answer: PlainData | Promise<PlainData>): PlainData {
  if (!(answer instanceof Promise)) return answer;
  answer.catch(() => {});
  throw new HostFault("EDEADLK", "a guest that runs inline cannot wait for its host");
}

function discarded(bytes: number): void {
  discardedBytes += bytes;
  if (discardedBytes < COLLECT_BYTES) return;
  discardedBytes = 0;
  // The engine does not count the memories of guests, and would let them lie for long.
  Bun.gc(false);
}
