import type { Runner } from "./compose.ts";
import type { Context } from "./context.ts";
import type { Reply } from "./reply.ts";
import { whenSent } from "./when-sent.ts";

/** How long a service lives, and how it is ended. */
export interface ServiceOptions<T> {
  /** `singleton` (default): one for the App, made when it starts. `request`: one for each request that asks. */
  readonly scope?: "singleton" | "request";
  /** Called when the App stops, the last made first; for a request's services once its answer has left. */
  readonly dispose?: (service: T) => unknown;
}

/**
 * Makes a service, from others if it needs them.
 * @param c the request that asks, in the scope `request`
 */
export type ServiceFactory<T = unknown, Deps = never> = (deps: Deps, c: Context) => T | Promise<T>;

/** A name with a type, for a service known by its interface; see {@link token}. */
export interface Token<Name extends string, T> {
  readonly token: Name;
  readonly "~type"?: T;
}

/**
 * Names a service by its interface.
 * @example
 * const mailer = token<Mailer>()("mailer");
 * app.provide(mailer, () => new SmtpMailer()).get("/", ({ deps }) => deps.mailer.send(…));
 */
export function token<T>(): <const Name extends string>(name: Name) => Token<Name, T> {
  return (name) => ({ token: name });
}

interface Provided {
  readonly factory: ServiceFactory;
  readonly perRequest: boolean;
  readonly dispose: ((service: never) => unknown) | undefined;
}

/** What was made, in order. */
type Made = Map<string, unknown>;

/** The services of one App: declared by name, made when they are first asked for, ended in reverse. */
export class Services {
  readonly #provided = new Map<string, Provided>();
  readonly #singletons: Made = new Map();
  #starting: Promise<void> | undefined;
  #ready = true;

  /** @throws TypeError when the name is taken, or a service with it would come too late */
  provide(name: string, factory: ServiceFactory, options: ServiceOptions<never> = {}): void {
    if (this.#provided.has(name)) throw new TypeError(`the service "${name}" is provided twice`);
    if (this.#starting !== undefined) {
      throw new TypeError(`the service "${name}" comes too late: the App has started`);
    }
    const perRequest = options.scope === "request";
    this.#provided.set(name, { factory, perRequest, dispose: options.dispose });
    this.#ready &&= perRequest;
  }

  /** The same services, some of them replaced by values. @throws TypeError for a name that nobody provides */
  replacing(values: Readonly<Record<string, unknown>>): Services {
    const unknown = Object.keys(values).find((name) => !this.#provided.has(name));
    if (unknown !== undefined) {
      const known = [...this.#provided.keys()].join(", ") || "none";
      throw new TypeError(`there is no service "${unknown}" to replace: there are ${known}`);
    }
    const copy = new Services();
    for (const [name, { factory, perRequest, dispose }] of this.#provided) {
      if (Object.hasOwn(values, name)) copy.provide(name, () => values[name]);
      else {
        const scope = perRequest ? "request" : "singleton";
        copy.provide(name, factory, { scope, ...(dispose && { dispose }) });
      }
    }
    return copy;
  }

  /** What is provided. */
  get names(): string[] {
    return [...this.#provided.keys()];
  }

  /** Whether there is nothing left to make before requests can be answered. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Makes every singleton, in the order they were provided. Rejects with what a factory throws; what was made is ended then. */
  start(): Promise<void> {
    if (this.#starting === undefined) {
      const starting = this.#makeSingletons();
      this.#starting = starting;
      starting.catch(() => {
        // It may be tried again.
        if (this.#starting === starting) this.#starting = undefined;
      });
    }
    return this.#starting;
  }

  /** Ends every singleton, the last made first. All of them are ended; then the first failure is thrown. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => {});
    this.#starting = undefined;
    this.#ready = [...this.#provided.values()].every(({ perRequest }) => perRequest);
    await this.#end(this.#singletons);
  }

  /**
   * Gives a route's requests their services, and ends what was made for one of them once its answer has left.
   * @param report is told of a service that could not be ended
   */
  around(run: Runner): Runner {
    if (this.#provided.size === 0) return run;
    const perRequest = [...this.#provided.values()].some((provided) => provided.perRequest);
    if (!perRequest) {
      const deps = this.#scope(undefined, this.#singletons, []);
      return (c) => {
        c.setDeps(deps);
        return run(c);
      };
    }
    return (c) => {
      const made: Made = new Map();
      c.setDeps(this.#scope(c, made, []));
      return endAfter(run, c, () => this.#end(made));
    };
  }

  async #makeSingletons(): Promise<void> {
    try {
      for (const [name, { perRequest }] of this.#provided) {
        if (perRequest || this.#singletons.has(name)) continue;
        this.#singletons.set(name, await this.#make(name, undefined, this.#singletons, []));
      }
      this.#ready = true;
    } catch (error) {
      await this.#end(this.#singletons).catch(() => {});
      throw error;
    }
  }

  /** @param asking the services that are being made, outermost first */
  #make(name: string, c: Context | undefined, made: Made, asking: readonly string[]): unknown {
    const { factory } = this.#provided.get(name) as Provided;
    return factory(this.#scope(c, made, [...asking, name]) as never, c as Context);
  }

  /** An object with a getter for each service, so that asking for one makes no other. */
  #scope(c: Context | undefined, made: Made, asking: readonly string[]): object {
    const scope = {};
    for (const name of this.#provided.keys()) {
      const get = () => this.#get(name, c, made, asking);
      Object.defineProperty(scope, name, { get, enumerable: true });
    }
    return scope;
  }

  #get(name: string, c: Context | undefined, made: Made, asking: readonly string[]): unknown {
    const { perRequest } = this.#provided.get(name) as Provided;
    const home = perRequest ? made : this.#singletons;
    if (home.has(name)) return home.get(name);
    if (asking.includes(name)) {
      throw new TypeError(`services ask for each other: ${[...asking, name].join(" → ")}`);
    }
    if (perRequest && c === undefined) {
      throw new TypeError(
        `"${asking.at(-1)}" lives as long as the App, so it cannot ask for "${name}", which a request has`,
      );
    }
    const service = this.#make(name, perRequest ? c : undefined, made, asking);
    if (service instanceof Promise) {
      service.catch(() => {});
      const instead = perRequest
        ? "one of the scope request must be made at once; let it have a method that answers later"
        : `provide it before "${asking.at(-1)}"`;
      throw new TypeError(`"${name}" is made asynchronously: ${instead}`);
    }
    home.set(name, service);
    return service;
  }

  async #end(made: Made): Promise<void> {
    const failures: unknown[] = [];
    for (const [name, service] of [...made].toReversed()) {
      made.delete(name);
      const dispose = this.#provided.get(name)?.dispose as
        | ((value: unknown) => unknown)
        | undefined;
      try {
        await dispose?.(await service);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Runs a route and calls back once its reply has left, or it failed. */
function endAfter(run: Runner, c: Context, end: () => Promise<void>): Reply | Promise<Reply> {
  const over = (): void => void end().catch((error: unknown) => c.report(error));
  let reply: Reply | Promise<Reply>;
  try {
    reply = run(c);
  } catch (error) {
    over();
    throw error;
  }
  if (!(reply instanceof Promise)) return whenSent(reply, over);
  return reply.then(
    (settled) => whenSent(settled, over),
    (error: unknown) => {
      over();
      throw error;
    },
  );
}
