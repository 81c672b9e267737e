import type { CookieKeys } from "../http/cookie-keys.ts";
import type { Context } from "./context.ts";
import type { Middleware } from "./middleware.ts";
import type { Route } from "./route.ts";
import type { Services } from "./services.ts";

/** The symbol by which an App is known, never by `instanceof`: a program may hold two copies of this package. */
export const APP: unique symbol = Symbol.for("sluice.app");

/** The App that declared a route: its state, its services, and who is asked about errors, nearest first. */
export interface Owner {
  readonly state: unknown;
  readonly maxBody: number;
  readonly cookieKeys: CookieKeys | undefined;
  readonly services: Services;
  readonly onError: readonly ErrorHandler[];
}

/**
 * Is asked once about an error; what it answers is sent. `undefined` leaves it to the App around, and at
 * last to the standard answer.
 */
export type ErrorHandler = (error: unknown, c: Context) => unknown;

/** A route with what of its App goes with it. */
export interface DeclaredRoute extends Omit<Route, "place"> {
  readonly place: string | undefined;
  /** All middleware around it, outermost first. */
  // oxlint-disable-next-line no-explicit-any
  readonly layers: readonly Middleware<any, any>[];
  readonly owner: Owner;
  /** Answers only what no route under its path does, whatever the method. */
  readonly fallback: boolean;
}

/** Anything that is an App of some copy of this package. */
export interface AppLike<Routes extends object = object> {
  readonly [APP]: 1;
  /** Every route, those of mounted Apps included. */
  declarations(): DeclaredRoute[];
  /** Calls back when something is declared. */
  onChange(listener: () => void): void;
  /** For the compiler only. */
  readonly "~routes"?: Routes;
}

/** Whether a value is an App of this or another copy of the package. */
export function isApp(value: unknown): value is AppLike {
  return typeof value === "object" && value !== null && (value as Partial<AppLike>)[APP] === 1;
}
