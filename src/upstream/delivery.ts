import type { HeaderList } from "../http/header-list.ts";
import type { Backend } from "./backend.ts";
import type { Selection } from "./balance/balancer.ts";
import type { Call, UpstreamReply, UpstreamRequest, UpstreamTimeouts } from "./call.ts";
import type { FaultCode } from "./fault.ts";
import type { InFlightLimit } from "./admission/in-flight-limit.ts";
import type { Receiver } from "./receiver.ts";
import { UpstreamFault } from "./fault.ts";
import { ReplayBody } from "./replay-body.ts";
import type { Attempt } from "./retry/retry-policy.ts";
import { retryAfterMs } from "./retry/retry-after.ts";
import type { UpstreamPolicy } from "./upstream-policy.ts";

/** What whoever sends a request adds to it. */
export interface DeliveryOptions {
  /** Of what keeps a request with its backend, uint32. */
  readonly hash?: number;
  /** Reads the clock, for {@link Delivery.ms} and the times of backends. */
  readonly timed?: boolean;
}

/** What ended for a reason that is not the backend's. */
const OWN_FAULTS: ReadonlySet<FaultCode> = new Set(["cancelled", "overloaded", "total_timeout"]);

/**
 * One request to an upstream, through all its attempts. It is the call that backends carry, one after another,
 * so that an attempt costs no object of its own.
 */
export class Delivery<T> implements Call {
  request: UpstreamRequest;
  readonly timeouts: UpstreamTimeouts;
  abort: ((reason: unknown) => void) | undefined;
  /** What became of it. */
  readonly outcome: Promise<T>;
  /** The backend of the last attempt. */
  backend: Backend | undefined;
  attempts = 0;
  /** Milliseconds until the head of the answer, or the fault; 0 unless timed. */
  ms = 0;
  /** Why it failed, if it did; of an answer that broke off too. */
  fault: FaultCode | undefined;
  readonly #startedAt: number;
  #attemptAt = 0;
  fresh = false;
  readonly #policy: UpstreamPolicy;
  readonly #hash: number;
  readonly #receiver: Receiver<T>;
  readonly #body: ReplayBody | undefined;
  #selection: Selection<Backend> | undefined;
  #pass = 0;
  readonly #promised = Promise.withResolvers<T>();
  #cancelled = false;
  #entered = false;
  /** A backend has an attempt that has not ended. */
  #underWay = false;
  /** The outcome is known. */
  #settled = false;
  #answered = false;
  /** Ends a wait: for a place, or before another attempt. */
  #stopWaiting: (() => void) | undefined;
  #stopDeadline: (() => void) | undefined;
  readonly #deadline: number;

  constructor(
    request: UpstreamRequest,
    policy: UpstreamPolicy,
    receiver: Receiver<T>,
    { hash = 0, timed = false }: DeliveryOptions,
  ) {
    this.request = request;
    this.timeouts = policy.timeouts;
    this.#policy = policy;
    this.#receiver = receiver;
    this.#hash = hash;
    this.#startedAt = timed ? policy.now() : 0;
    const { body } = request;
    this.#body =
      body === null ? undefined : new ReplayBody(body, policy.replayBytes(request.method));
    this.outcome = this.#promised.promise;
    const { totalMs } = policy;
    this.#deadline = totalMs === 0 ? Infinity : policy.now() + totalMs;
    if (totalMs > 0) this.#limitTime();
  }

  /** Begins, at once or as soon as there is a place. */
  begin(): this {
    const { limit, budget } = this.#policy;
    budget.request();
    if (limit === undefined || limit.tryEnter()) {
      this.#entered = limit !== undefined;
      this.#attempt();
    } else {
      this.#wait(limit);
    }
    return this;
  }

  #wait(limit: InFlightLimit): void {
    try {
      const enter = (): void => {
        this.#entered = true;
        this.#attempt();
      };
      const waiting = limit.wait(enter, (fault) => this.#fail(fault));
      this.#stopWaiting = () => waiting.cancel();
    } catch (fault) {
      this.#fail(fault);
    }
  }

  /** Gives the request up: what is under way is ended, and nothing further is tried. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    if (this.abort !== undefined) {
      this.abort(reason);
    } else if (this.#settled) {
      // Streams tell of their end also when all is well.
      this.#body?.cancel(reason);
    } else {
      this.#fail(
        new UpstreamFault("cancelled", "the request was given up", "nothing", { cause: reason }),
      );
    }
  }

  inform(status: number, headers: HeaderList): void {
    this.#receiver.inform?.(status, headers);
  }

  resolve(reply: UpstreamReply): void {
    const { backend } = this;
    const { retry } = this.#policy;
    const { status } = reply;
    this.#time(backend);
    backend?.noteReach(true);
    if (status >= 500 && backend !== undefined) backend.errors++;
    backend?.judge(status >= 500 ? "fault" : "ok", this.#pass);
    if (status >= 400 && retry.mayRetryStatus(this.#soFar(), status)) {
      const wait = this.#policy.retryWait(this.attempts, this.#asked(reply), this.#leftMs());
      if (wait !== undefined && this.#policy.budget.take()) {
        discard(reply);
        this.#again(wait);
        return;
      }
    }
    this.#body?.settle();
    this.#settle();
    this.#answered = true;
    try {
      this.#promised.resolve(this.#receiver.convert(reply, backend));
    } catch (error) {
      discard(reply);
      this.#rejectWith(error);
    }
  }

  reject(fault: unknown): void {
    if (!(fault instanceof UpstreamFault)) {
      this.#fail(fault);
      return;
    }
    const { backend } = this;
    const isUnseen = fault.seen === "nothing";
    // Nor is it the backend's fault when it takes no WebSockets.
    const isOwn = OWN_FAULTS.has(fault.code) || (fault.code === "bad_upgrade" && isUnseen);
    this.fresh = fault.seen === "unanswered";
    // A kept connection that was closed meanwhile says nothing of the backend, nor one that ends in good order.
    const isStale = fault.seen === "unanswered" || (fault.code === "reset" && isUnseen);
    if (!isOwn && !isStale && backend !== undefined) this.#noteFault(backend, fault);
    backend?.judge(isOwn || isStale ? "ignored" : "fault", this.#pass);
    const isUnsent = !isOwn && !isStale && isUnseen;
    if (isUnsent) backend?.noteReach(false);
    const { retry, budget, candidates } = this.#policy;
    // What costs no backend anything needs no budget: a connection that was stale, or that there never was.
    const isFree = isStale || (isUnsent && backend !== undefined && candidates.hasOther(backend));
    if (
      this.#cancelled ||
      !retry.mayRetryFault(this.#soFar(), fault) ||
      !(isFree || budget.take())
    ) {
      this.#fail(fault);
      return;
    }
    // Where nothing was seen another backend can be asked at once.
    const wait =
      isStale || isUnseen ? 0 : this.#policy.retryWait(this.attempts, undefined, this.#leftMs());
    if (wait === undefined) this.#fail(fault);
    else this.#again(wait, fault);
  }

  finished(error?: unknown): void {
    const { backend } = this;
    if (backend !== undefined) {
      backend.inFlight--;
      // Faults before the head have come by `reject`.
      if (error instanceof UpstreamFault && this.#answered && !OWN_FAULTS.has(error.code)) {
        this.fault = error.code;
        this.#noteFault(backend, error);
      }
    }
    this.#underWay = false;
    if (this.#settled) this.#leave();
  }

  /** The patience that an answer asks for: with its own backend, so that it is nothing to another one. */
  #asked({ headers }: UpstreamReply): number | undefined {
    const field = headers.get("retry-after");
    if (field === null) return undefined;
    const isOnly = this.backend === undefined || !this.#policy.candidates.hasOther(this.backend);
    return isOnly ? retryAfterMs(field, Date.now()) : undefined;
  }

  #soFar(): Attempt {
    const { attempts, request } = this;
    return { method: request.method, replayable: this.#body?.replayable ?? true, attempts };
  }

  #leftMs(): number {
    return this.#deadline === Infinity ? Infinity : this.#deadline - this.#policy.now();
  }

  #again(wait: number, fault?: UpstreamFault): void {
    if (wait === 0) {
      this.#attempt(fault);
    } else {
      this.#attemptLater(wait, fault);
    }
  }

  #attemptLater(wait: number, fault: UpstreamFault | undefined): void {
    this.#stopWaiting = this.#policy.schedule(() => {
      this.#stopWaiting = undefined;
      this.#attempt(fault);
    }, wait);
  }

  /** @param fault of the attempt before, which is the last word if no backend is left */
  #attempt(fault?: UpstreamFault): void {
    this.#stopWaiting = undefined;
    const body = this.#body;
    if (body?.replayable === false) {
      // It broke off while this attempt was waited for.
      const cause = { cause: body.failure };
      this.#fail(new UpstreamFault("cancelled", "the request's content broke off", "some", cause));
      return;
    }
    const { candidates } = this.#policy;
    this.#selection ??= candidates.select(this.#hash);
    let candidate = candidates.next(this.#selection, this.#hash);
    if (candidate === undefined && this.attempts > 0) {
      // All were asked once: from the beginning.
      this.#selection = candidates.select(this.#hash);
      candidate = candidates.next(this.#selection, this.#hash);
    }
    if (candidate === undefined) {
      this.#fail(
        fault ?? new UpstreamFault("no_backend", "no backend can be asked now", "nothing"),
      );
      return;
    }
    const { backend, pass } = candidate;
    this.backend = backend;
    this.#pass = pass;
    if (this.attempts++ > 0) backend.retries++;
    if (this.#startedAt !== 0) {
      this.#attemptAt =
        this.attempts === 1 && this.#policy.limit === undefined
          ? this.#startedAt
          : this.#policy.now();
    }
    if (body !== undefined) this.request = { ...this.request, body: body.attempt() };
    backend.inFlight++;
    backend.requests++;
    this.#underWay = true;
    backend.transport.start(this);
  }

  #limitTime(): void {
    this.#stopDeadline = this.#policy.schedule(() => this.#late(), this.#policy.totalMs);
  }

  #late(): void {
    const fault = new UpstreamFault(
      "total_timeout",
      `it took longer than ${this.#policy.totalMs} ms`,
      "some",
    );
    if (this.abort === undefined) this.#fail(fault);
    else this.abort(fault);
  }

  /** The head of an answer is there: how long it took from the attempt, and from the beginning. */
  #time(backend: Backend | undefined): void {
    if (this.#startedAt === 0) return;
    const now = this.#policy.now();
    this.ms = now - this.#startedAt;
    backend?.latency.record(now - this.#attemptAt);
  }

  #noteFault(backend: Backend, fault: UpstreamFault): void {
    backend.noteFault(fault);
    const { observer, upstream } = this.#policy;
    observer?.fault?.(upstream, backend, fault);
  }

  /** It failed, and there is no further attempt. What a backend had is counted where it failed. */
  #noteFailure(fault: unknown): void {
    if (this.#startedAt !== 0) this.ms = this.#policy.now() - this.#startedAt;
    if (!(fault instanceof UpstreamFault)) return;
    const { code } = fault;
    this.fault = code;
    if (code === "cancelled" || (this.attempts > 0 && !OWN_FAULTS.has(code))) return;
    const { observer, upstream, faultCounts } = this.#policy;
    (this.backend?.faultCounts ?? faultCounts).add(code);
    observer?.fault?.(upstream, this.backend, fault);
  }

  #fail(fault: unknown): void {
    if (!this.#settled) this.#noteFailure(fault);
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#body?.cancel(fault);
    this.#rejectWith(fault);
    this.#settle();
  }

  #rejectWith(error: unknown): void {
    this.#promised.reject(
      this.#receiver.refuse === undefined ? error : this.#receiver.refuse(error),
    );
  }

  #settle(): void {
    this.#settled = true;
    if (!this.#underWay) this.#leave();
  }

  #leave(): void {
    this.#stopDeadline?.();
    if (!this.#entered) return;
    this.#entered = false;
    this.#policy.limit?.leave();
  }
}

/** An answer that nobody will read. */
function discard({ body, duplex }: UpstreamReply): void {
  if (body !== null && !(body instanceof Uint8Array)) body.cancel();
  duplex?.destroy();
}
