import type { OpenApiOptions } from "../openapi.ts";

/** By this an App is asked for what its docs say of it; a program may hold two copies of this package. */
const OPTIONS = Symbol.for("sluice.openapi");

export function rememberOptions(app: object, options: OpenApiOptions): void {
  Object.defineProperty(app, OPTIONS, { value: options, configurable: true });
}

/** What `docs` was told of an App; undefined where it is not used. */
export function documentOptions(app: object): OpenApiOptions | undefined {
  return (app as { [OPTIONS]?: OpenApiOptions })[OPTIONS];
}
