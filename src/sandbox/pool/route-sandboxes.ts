import { HttpError } from "../../core/errors.ts";
import type { AbiName, Payload } from "../abi/abi.ts";
import type { SandboxBuilder } from "../builder.ts";
import type { GuestCaller, GuestFacts } from "../http/guest-caller.ts";
import type { AuditedCall, CallOptions } from "../sandbox.ts";
import type { SandboxPoolOptions } from "./sandbox-pool.ts";
import { SandboxPool } from "./sandbox-pool.ts";

/**
 * Modules by route, which can be registered, replaced and removed while the server runs. Calls that are under way
 * when a module is replaced end on the one they began with.
 *
 * @example
 * ```ts
 * import { App } from "sluice";
 * import { RouteSandboxes, WasmSandbox, wasmHandler } from "sluice/sandbox";
 *
 * const module = Uint8Array.fromHex(
 *   "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b",
 * );
 * const routes = new RouteSandboxes();
 * await routes.register("/add", WasmSandbox.builder().source(module), { size: 1 });
 * console.log(await routes.get("/add")?.call("add", [2, 3])); // 5
 * const app = new App().post("/add", wasmHandler(routes.current("/add"), { call: "add" }));
 * const request = new Request("http://localhost/add", { method: "POST", body: "[2, 3]" });
 * console.log(await (await app.fetch(request)).text()); // 5
 * await routes.dispose();
 * ```
 */
export class RouteSandboxes {
  readonly #pools = new Map<string, SandboxPool>();
  /** Stand-ins that were handed out. */
  readonly #current = new Map<string, CurrentGuest>();
  /** Changes of one route are made one after the other. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #disposed = false;

  /** The routes that have a module. */
  get routes(): string[] {
    return [...this.#pools.keys()];
  }

  /** What answers a route now. Ask anew for each call: it may have been replaced. */
  get(route: string): SandboxPool | undefined {
    return this.#pools.get(route);
  }

  /**
   * A stand-in for whatever answers a route, for `wasmHandler`, `wasmMiddleware` and `validated`: each call goes to
   * the module that the route has then, a request and its answer perhaps to two. Once it is removed requests get 404.
   * @throws RangeError while the route has no module
   */
  current(route: string): GuestCaller {
    const known = this.#current.get(route);
    if (known !== undefined) return known;
    const first = this.#pools.get(route);
    if (first === undefined) {
      throw new RangeError(`the route ${route} has no module: register one first`);
    }
    const made = new CurrentGuest(first, () => this.#pools.get(route));
    this.#current.set(route, made);
    return made;
  }

  /**
   * Gives a route its module.
   * @throws (rejects with) RangeError when it has one, and as `SandboxPool.create` does
   */
  register(
    route: string,
    builder: SandboxBuilder,
    options?: SandboxPoolOptions,
  ): Promise<SandboxPool> {
    return this.#change(route, async () => {
      if (this.#pools.has(route)) {
        throw new RangeError(`the route ${route} has a module already; replace it`);
      }
      return this.#put(route, await SandboxPool.create(builder, options));
    });
  }

  /**
   * Gives a route another module, or its first. When that cannot be built, the old one stays.
   * @throws (rejects with) RangeError for one of another ABI than what {@link current} was given for
   */
  replace(
    route: string,
    builder: SandboxBuilder,
    options?: SandboxPoolOptions,
  ): Promise<SandboxPool> {
    return this.#change(route, async () => {
      const next = await SandboxPool.create(builder, options);
      const abi = this.#current.get(route)?.abi ?? next.abi;
      if (next.abi !== abi) {
        await next.dispose();
        throw new RangeError(`the route ${route} is for ${abi}, and this module for ${next.abi}`);
      }
      const old = this.#pools.get(route);
      this.#put(route, next);
      void old?.retire();
      return next;
    });
  }

  /** Takes the module of a route away. @returns whether it had one */
  remove(route: string): Promise<boolean> {
    return this.#change(route, async () => {
      const old = this.#pools.get(route);
      this.#pools.delete(route);
      void old?.retire();
      return old !== undefined;
    });
  }

  /** Takes all of them away. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.allSettled(this.#changes.values());
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.dispose()));
  }

  #put(route: string, pool: SandboxPool): SandboxPool {
    this.#pools.set(route, pool);
    return pool;
  }

  #change<T>(route: string, change: () => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(new Error("the sandboxes were disposed of"));
    const before = this.#changes.get(route) ?? Promise.resolve();
    const done = before.then(change, change);
    this.#changes.set(route, done);
    const settled = (): void => {
      if (this.#changes.get(route) === done) this.#changes.delete(route);
    };
    done.then(settled, settled);
    return done;
  }
}

/** Goes to whichever pool a route has at the time of a call. */
class CurrentGuest implements GuestCaller {
  readonly abi: AbiName;
  #facts: GuestFacts;
  readonly #find: () => SandboxPool | undefined;

  constructor({ abi, facts }: SandboxPool, find: () => SandboxPool | undefined) {
    this.abi = abi;
    this.#facts = facts;
    this.#find = find;
  }

  get facts(): GuestFacts {
    return (this.#facts = this.#find()?.facts ?? this.#facts);
  }

  async call<T>(entry: string, input?: unknown, options?: CallOptions): Promise<T> {
    return this.#pool().call<T>(entry, input, options);
  }

  async callWithAudit<T>(
    entry: string,
    input?: unknown,
    options?: CallOptions,
  ): Promise<AuditedCall<T>> {
    return this.#pool().callWithAudit<T>(entry, input, options);
  }

  async exchange(entry: string, input: Payload): Promise<Payload> {
    return this.#pool().exchange(entry, input);
  }

  /** @throws HttpError */
  #pool(): SandboxPool {
    const pool = this.#find();
    if (pool === undefined) throw new HttpError(404, "not_found", "Nothing answers here.");
    return pool;
  }
}
