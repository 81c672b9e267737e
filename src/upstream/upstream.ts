import { InFlightLimit } from "./admission/in-flight-limit.ts";
import type { BackendState } from "./backend.ts";
import { Backend } from "./backend.ts";
import type { BackendOptions } from "./backend-options.ts";
import type { BackendMaker } from "./backend-set.ts";
import { BackendSet } from "./backend-set.ts";
import type { Strategy } from "./balance/create-balancer.ts";
import { strategies } from "./balance/create-balancer.ts";
import type { BreakerOptions } from "./breaker/circuit-breaker.ts";
import { CircuitBreaker, defaultBreaker } from "./breaker/circuit-breaker.ts";
import type { UpstreamRequest, UpstreamTimeouts } from "./call.ts";
import { Candidates } from "./candidates.ts";
import type { Clock, Schedule } from "./clock.ts";
import { schedule } from "./clock.ts";
import type { DeliveryOptions } from "./delivery.ts";
import { Delivery } from "./delivery.ts";
import { Discovery } from "./discovery/discovery.ts";
import type { Discovered, DiscoverySource } from "./discovery/discovery-source.ts";
import type { Endpoint } from "./endpoint.ts";
import { parseEndpoint } from "./endpoint.ts";
import { createChecker } from "./health/create-checker.ts";
import type { HealthCheckSettings } from "./health/health-check.ts";
import { completeHealthCheck } from "./health/health-check.ts";
import type { PoolLimits } from "./pool-limits.ts";
import type { EjectionOptions } from "./outlier/passive-ejection.ts";
import { defaultEjection, EjectionGroup } from "./outlier/passive-ejection.ts";
import { Reach } from "./outlier/reach.ts";
import { SlowStart } from "./outlier/slow-start.ts";
import type { BackoffOptions } from "./retry/backoff.ts";
import { backoffMs, defaultBackoff, waitBeforeRetry } from "./retry/backoff.ts";
import type { RetryBudgetOptions } from "./retry/retry-budget.ts";
import { defaultRetryBudget, RetryBudget } from "./retry/retry-budget.ts";
import type { RetryOptions } from "./retry/retry-policy.ts";
import { defaultRetry, RetryPolicy } from "./retry/retry-policy.ts";
import type { UpstreamTls } from "./transport-to.ts";
import { transportTo } from "./transport-to.ts";
import { FaultCounts } from "./fault-counts.ts";
import type { UpstreamObserver } from "./upstream-observer.ts";
import type { UpstreamPolicy } from "./upstream-policy.ts";
import type { Receiver } from "./receiver.ts";

/** Servers that do the same, and how they are asked. Times are milliseconds. */
export interface UpstreamOptions {
  readonly name: string;
  readonly backends: readonly (string | BackendOptions)[];
  /** Names further backends while the upstream runs, from {@link Upstream.start} on. */
  readonly discovery?: DiscoverySource;
  /** What the source is believed to name until it answers. */
  readonly discovered?: Discovered;
  /** Default `round_robin`. */
  readonly strategy?: Strategy;
  /** What keeps a request with its backend, for the strategy `hash`: `path` (default), `header:NAME`, `cookie:NAME`, `query:NAME`. */
  readonly hashBy?: string;
  /**
   * `totalMs` is for a request with all its attempts, 0 = no limit; `tunnelIdleMs` for a WebSocket in which nothing is
   * sent, an hour if left out.
   */
  readonly timeouts?: Partial<UpstreamTimeouts> & {
    readonly totalMs?: number;
    readonly tunnelIdleMs?: number;
  };
  readonly pool?: Partial<PoolLimits>;
  readonly tls?: UpstreamTls;
  readonly retry?: Partial<RetryOptions & RetryBudgetOptions & BackoffOptions> & {
    /** Bytes of content that are kept to be sent again. */
    readonly replayBytes?: number;
  };
  /** A circuit breaker for each backend; off if left out. */
  readonly breaker?: Partial<BreakerOptions>;
  /** Leaves a backend alone for a while for how it answers; off if left out. */
  readonly ejection?: Partial<EjectionOptions>;
  /** Asks each backend whether it is well, from {@link Upstream.start} on; off if left out. */
  readonly healthCheck?: HealthCheckSettings;
  /** Over which a backend that is back gets its share. Default 0. */
  readonly slowStartMs?: number;
  /** Share of the backends (0 to 1) that must be well; when fewer are, all are asked. Default 0. */
  readonly panicThreshold?: number;
  /** Requests under way at a time, and those that may wait for a place; 0 = no limit. */
  readonly maxInFlight?: number;
  readonly queue?: number;
  readonly queueMs?: number;
  /** Told of faults, and of backends that go and come back. */
  readonly observer?: UpstreamObserver;
}

const defaultTimeouts: UpstreamTimeouts = { connectMs: 5_000, firstByteMs: 60_000, idleMs: 60_000 };

const defaultPool: PoolLimits = {
  connections: 0,
  idleConnections: 256,
  // Below the 5 s of Node and many others.
  idleMs: 4_000,
  ageMs: 0,
  queue: 1_024,
  queueMs: 10_000,
};

const TUNNEL_IDLE_MS = 3_600_000;
const REPLAY_BYTES = 64 * 1024;
/** RFC 9110 9.2.2: those whose content may be sent twice. */
const REPEATABLE = new Set(["PUT", "DELETE", "QUERY", "OPTIONS", "GET"]);

/** Servers that do the same. It holds the connections to them and what is known of them. */
export class Upstream {
  readonly name: string;
  readonly strategy: Strategy;
  readonly hashBy: string | undefined;
  /** Milliseconds in which nothing is sent, after which a WebSocket is given up; 0 = no limit. */
  readonly tunnelIdleMs: number;
  /** What names backends besides those that are given, and how that goes. */
  readonly discovery: Discovery | undefined;
  /** Requests that failed without a backend: none could be asked, or there were too many. */
  readonly faultCounts = new FaultCounts();
  readonly #policy: UpstreamPolicy;
  readonly #set: BackendSet;
  #discovered: Discovered | undefined;

  /** @throws TypeError on an address, a strategy or a health check that cannot be */
  constructor(options: UpstreamOptions, now: Clock = () => performance.now()) {
    const { name, strategy = "round_robin", panicThreshold = 0, timeouts = {} } = options;
    checkOptions(name, options.backends, strategy);
    this.name = name;
    this.strategy = strategy;
    this.hashBy = options.hashBy;
    this.#set = new BackendSet(options.backends, makerOf(options, now));
    const candidates = new Candidates([], strategy, panicThreshold);
    this.#set.serve(candidates);
    this.discovery = options.discovery && this.#discoveryOf(options.discovery, options, now);
    if (options.discovered !== undefined) {
      this.#set.discovered(options.discovered);
      this.#discovered = options.discovered;
    }
    const { totalMs = 0, tunnelIdleMs = TUNNEL_IDLE_MS, ...times } = timeouts;
    this.tunnelIdleMs = tunnelIdleMs;
    this.#policy = {
      upstream: name,
      observer: options.observer,
      faultCounts: this.faultCounts,
      candidates,
      timeouts: { ...defaultTimeouts, ...times },
      totalMs,
      limit: limitOf(options, now, schedule),
      now,
      schedule,
      ...retryOf(options, now),
    };
  }

  /** All there are now. */
  get backends(): readonly Backend[] {
    return this.#set.all;
  }

  /** What the source named last; undefined before its first answer. */
  get discovered(): Discovered | undefined {
    return this.#discovered;
  }

  /** Requests under way, and those that wait for a place. */
  get load(): { inFlight: number; queued: number } {
    const inFlight = this.backends.reduce((sum, backend) => sum + backend.inFlight, 0);
    return { inFlight, queued: this.#policy.limit?.queued ?? 0 };
  }

  /** Retries that the budget did not allow. */
  get retriesDenied(): number {
    return this.#policy.budget.denied;
  }

  /**
   * Sends a request to one of the backends, and to another one when that may be done.
   * @param receiver is told what comes of it
   */
  send<T>(
    request: UpstreamRequest,
    receiver: Receiver<T>,
    options: DeliveryOptions = {},
  ): Delivery<T> {
    return new Delivery(request, this.#policy, receiver, options).begin();
  }

  /** Begins to check backends, and to look for them, where that is asked for. */
  start(): void {
    this.#set.start();
    this.discovery?.start();
  }

  /** When it is known which backends there are, or that this cannot be found out now; at once without discovery. */
  get ready(): Promise<void> {
    if (this.discovery === undefined || this.#discovered !== undefined) return Promise.resolve();
    return this.discovery.first;
  }

  /** Checks and looks for no more; closes what is idle now and everything else once it has ended. */
  close(): void {
    this.discovery?.stop();
    this.#set.close();
  }

  #discoveryOf(
    source: DiscoverySource,
    { name, observer }: UpstreamOptions,
    now: Clock,
  ): Discovery {
    const tell = observer?.discovery?.bind(observer);
    let problems = "";
    const found = (backends: Discovered): void => {
      const change = this.#set.discovered(backends);
      this.#discovered = backends;
      const { added, removed, changed } = change;
      if (added.length + removed.length + changed.length > 0) {
        tell?.(name, source.name, { kind: "changed", added, removed, changed });
      }
      const all = change.problems.join("; ");
      if (all !== problems && all !== "") {
        tell?.(name, source.name, { kind: "skipped", reason: all });
      }
      problems = all;
    };
    return new Discovery(
      source,
      {
        found,
        failed: (reason) => tell?.(name, source.name, { kind: "failed", reason }),
        recovered: () => tell?.(name, source.name, { kind: "recovered" }),
      },
      now,
      schedule,
    );
  }
}

/** What types do not hold in JavaScript. */
function checkOptions(name: unknown, backends: unknown, strategy: Strategy): void {
  if (typeof name !== "string" || name === "") throw new TypeError("an upstream has a name");
  if (!Array.isArray(backends)) throw new TypeError(`backends of the upstream ${name} are a list`);
  if (strategies.includes(strategy)) return;
  throw new TypeError(`no strategy is ${String(strategy)}: use one of ${strategies.join(", ")}`);
}

function makerOf(options: UpstreamOptions, now: Clock): BackendMaker {
  const { pool, tls = {}, breaker, ejection, healthCheck, slowStartMs = 0 } = options;
  const { name, observer } = options;
  const changed =
    observer?.changed &&
    ((backend: Backend, state: BackendState): void => observer.changed?.(name, backend, state));
  const check = healthCheck && completeHealthCheck(healthCheck);
  const group = ejection && new EjectionGroup({ ...defaultEjection, ...ejection }, now);
  return {
    make({ url, weight = 1, backup = false, maxConnections, serverName }) {
      const endpoint = namedEndpoint(url, serverName);
      const limits = {
        ...defaultPool,
        ...pool,
        ...(maxConnections !== undefined && { connections: maxConnections }),
      };
      const own = serverName === undefined ? tls : { serverName, ...tls };
      const slowStart = slowStartMs > 0 ? new SlowStart(slowStartMs, now) : undefined;
      return new Backend(endpoint, transportTo(endpoint, limits, own), weight, backup, {
        reach: new Reach(now),
        slowStart,
        ejection: group?.add((ejected) => {
          if (!ejected) slowStart?.begin();
        }),
        breaker: breaker && new CircuitBreaker({ ...defaultBreaker, ...breaker }, now),
        ...(changed && { changed }),
      });
    },
    checker: (backend) => check && createChecker(backend, check),
  };
}

/** Where a server is, known by a name of its own if it has one: its address says only where it is. */
function namedEndpoint(url: string, name: string | undefined): Endpoint {
  const endpoint = parseEndpoint(url);
  if (name === undefined || endpoint.unix !== undefined) return endpoint;
  const { port, tls } = endpoint;
  return { ...endpoint, authority: port === (tls ? 443 : 80) ? name : `${name}:${port}` };
}

function limitOf(
  { maxInFlight = 0, queue = 0, queueMs = 10_000 }: UpstreamOptions,
  now: Clock,
  later: Schedule,
): InFlightLimit | undefined {
  return maxInFlight === 0
    ? undefined
    : new InFlightLimit({ max: maxInFlight, queue, queueMs }, now, later);
}

function retryOf(
  { retry = {} }: UpstreamOptions,
  now: Clock,
): Pick<UpstreamPolicy, "retry" | "budget" | "replayBytes" | "retryWait"> {
  const { replayBytes = REPLAY_BYTES } = retry;
  const backoff = { ...defaultBackoff, ...retry };
  return {
    retry: new RetryPolicy({ ...defaultRetry, ...retry }),
    budget: new RetryBudget({ ...defaultRetryBudget, ...retry }, now),
    // Of what is never sent twice nothing is kept: as long as nothing was taken of it, it can still go elsewhere.
    replayBytes: (method) => (REPEATABLE.has(method) ? replayBytes : 0),
    retryWait: (attempts, askedMs, leftMs) =>
      waitBeforeRetry(backoffMs(attempts, backoff), askedMs, leftMs),
  };
}
