import type { App } from "../core/app.ts";
import { Dispatcher } from "../core/dispatcher.ts";
import type { Application, ErrorReport, Exchange } from "../core/exchange.ts";
import { fetchThrough } from "../core/fetch-through.ts";
import type { AppLike, DeclaredRoute, Owner } from "../core/mounted.ts";
import { APP } from "../core/mounted.ts";
import type { Reply } from "../core/reply.ts";
import type { Services } from "../core/services.ts";
import type { RoutesOf } from "./client.ts";

/* oxlint-disable no-explicit-any -- an App of whatever state, values, services and routes */
type AnyApp = App<any, any, any, any>;
/* oxlint-enable no-explicit-any */

/** What a test puts in the place of the real thing. */
export interface TestOverrides<State = unknown, Deps = unknown> {
  /** What handlers see as `c.state`; Apps that were mounted keep their own. */
  readonly state?: State;
  /** Services by name, those of mounted Apps too. Their factories are not called, and nothing disposes of the values. */
  readonly services?: Partial<Deps>;
}

/** An App as a test wants it. */
export type TestApp<Routes extends object> = Application &
  AppLike<Routes> & {
    fetch(request: Request): Promise<Response>;
    start(): Promise<void>;
    /** Ends the services that were made. */
    stop(): Promise<void>;
  };

/**
 * The routes of an App with another state or other services; the App itself stays as it is.
 *
 * @throws TypeError for a service that nobody provides
 * @example
 * const api = client(createTestApp(app, { state: { users: new Map() }, services: { mail: outbox } }));
 */
export function createTestApp<A extends AnyApp>(
  app: A,
  overrides: A extends App<infer State, any, infer Deps, any> ? TestOverrides<State, Deps> : never,
): TestApp<RoutesOf<A>> {
  return new OverriddenApp(app, overrides as TestOverrides) as unknown as TestApp<RoutesOf<A>>;
}

class OverriddenApp implements Application, AppLike {
  readonly [APP] = 1;
  readonly #app: AnyApp;
  readonly #overrides: TestOverrides;
  readonly #services: ReadonlyMap<Services, Services>;
  #dispatcher: Dispatcher | undefined;

  constructor(app: AnyApp, overrides: TestOverrides) {
    this.#app = app;
    this.#overrides = overrides;
    this.#services = replacing(app, overrides.services ?? {});
    app.onChange(() => {
      this.#dispatcher = undefined;
    });
  }

  fetch = (request: Request): Promise<Response> => fetchThrough(this, request);

  handle(exchange: Exchange, report?: ErrorReport): Reply | Promise<Reply> {
    return this.#dispatch().handle(exchange, report);
  }

  start(): Promise<void> {
    return this.#dispatch().start();
  }

  stop(): Promise<void> {
    return this.#dispatch().stop();
  }

  declarations(): DeclaredRoute[] {
    return this.#app
      .declarations()
      .map((route) => ({ ...route, owner: this.#overridden(route.owner) }));
  }

  onChange(listener: () => void): void {
    this.#app.onChange(listener);
  }

  #overridden(owner: Owner): Owner {
    const own = owner.services === this.#app.settings().owner.services;
    const state = own && "state" in this.#overrides ? this.#overrides.state : owner.state;
    return { ...owner, state, services: this.#services.get(owner.services) ?? owner.services };
  }

  #dispatch(): Dispatcher {
    const settings = this.#app.settings();
    const owner = this.#overridden(settings.owner);
    return (this.#dispatcher ??= new Dispatcher(this.declarations(), { ...settings, owner }));
  }
}

/** Each App's services and what stands for them. Copies even where nothing is replaced: theirs are started and stopped apart. */
function replacing(app: AnyApp, values: object): ReadonlyMap<Services, Services> {
  const owners = [app.settings().owner, ...app.declarations().map(({ owner }) => owner)];
  const all = new Set(owners.map(({ services }) => services));
  const known = [...all].flatMap(({ names }) => names);
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const list = known.join(", ") || "none";
    throw new TypeError(`there is no service "${unknown}" to replace: there are ${list}`);
  }
  return new Map(
    [...all].map((services) => {
      const own = Object.entries(values).filter(([name]) => services.names.includes(name));
      return [services, services.replacing(Object.fromEntries(own))];
    }),
  );
}
