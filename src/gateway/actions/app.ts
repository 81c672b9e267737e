import { pathToFileURL } from "node:url";
import type { RouteConfig } from "../../config/schema/config.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import type { Application } from "../../core/exchange.ts";
import type { Handler } from "../../core/handler.ts";
import { isApp } from "../../core/mounted.ts";
import { embeddedModules } from "../../internal/embedded-modules.ts";
import type { AppLike } from "../../core/mounted.ts";
import type { RouteInfo } from "../../core/route.ts";
import { whyNotLoaded } from "./why-not-loaded.ts";

type AppAction = Extract<RouteConfig["action"], { type: "app" }>;

/** An App that a module exports. */
export type LoadedApp = AppLike & Application & { routes(): readonly RouteInfo[] };

/** A module that cannot be used as an App. The message says what to do. */
export class AppModuleError extends Error {
  readonly code = "app_module";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AppModuleError";
  }
}

/**
 * Imports a module and takes its App: the export `app`, the default one, or the one that is named.
 * @param file absolute
 * @throws AppModuleError
 */
export async function loadApp(file: string, name?: string): Promise<LoadedApp> {
  const module = embeddedModules.get(file) ?? (await importModule(file));
  const found = name === undefined ? (module["app"] ?? module["default"]) : module[name];
  if (isApp(found)) return compiled(found as LoadedApp, file);
  const exported = Object.keys(module).join(", ") || "nothing";
  const wanted = name === undefined ? "an App as `app` or as default" : `an App as \`${name}\``;
  throw new AppModuleError(`${file} must export ${wanted}: it exports ${exported}`);
}

async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new AppModuleError(`cannot load ${file}:${whyNotLoaded(error)}`, { cause: error });
  }
}

/** What is wrong with its routes is told now, not with the first request. */
function compiled(app: LoadedApp, file: string): LoadedApp {
  try {
    app.routes();
    return app;
  } catch (error) {
    throw new AppModuleError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Every App that the actions name, by action. One module is loaded once. */
export async function loadApps(
  actions: Iterable<RouteConfig["action"]>,
): Promise<Map<AppAction, LoadedApp>> {
  const apps = new Map<AppAction, LoadedApp>();
  for (const action of actions) {
    if (action.type === "app") apps.set(action, await loadApp(action.module, action.export));
  }
  return apps;
}

/** A handler that asks an App, with the whole path. It sees the client that a trusted proxy tells of. */
export function appAction(app: LoadedApp): Handler {
  return (c) => {
    const { exchange, forwarded } = c;
    return app.handle(
      forwarded === undefined ? exchange : new DerivedExchange(exchange, { forwarded }),
      c.reporter,
    );
  };
}
