import type { Config, RouteConfig } from "../config/schema/config.ts";
import { App } from "../core/app.ts";
import type { Application } from "../core/exchange.ts";
import type { Handler } from "../core/handler.ts";
import type { ServeOptions } from "../server/settings.ts";
import type { LoadedApp } from "./actions/app.ts";
import { appAction, loadApps } from "./actions/app.ts";
import { redirect } from "./actions/redirect.ts";
import { respond } from "./actions/respond.ts";
import { staticFilesAction } from "./actions/static.ts";
import { requireClientCertificate } from "./require-client-certificate.ts";
import { serverSettings } from "./settings.ts";

/** What a configuration comes to: what `serve` takes. */
export interface Compiled {
  readonly app: Application;
  readonly settings: ServeOptions;
}

/**
 * Compiles a checked configuration into an App, the very one that code would build, and server settings.
 * Modules that it names are loaded.
 * @throws when a file that the check has seen is gone by now; AppModuleError
 */
export async function compile(config: Config): Promise<Compiled> {
  const settings = serverSettings(config);
  const apps = await loadApps(config.route.map(({ action }) => action));
  const [only] = apps.values();
  // Nothing stands around it: the App itself answers.
  if (only !== undefined && isWholeServer(config.route)) return { app: only, settings };
  const app = new App();
  for (const [rank, route] of config.route.entries()) addRoute(app, route, rank, apps);
  return { app: apps.size === 0 ? app : withLifeOf(app, new Set(apps.values())), settings };
}

/** Whether the first route answers everything. */
function isWholeServer([route]: readonly RouteConfig[]): boolean {
  if (route?.action.type !== "app" || route.require_client_cert) return false;
  const { host, path } = route.match;
  return host === undefined && path === "/*";
}

/** The Apps inside start and stop with the one around them. */
function withLifeOf(app: App, inner: ReadonlySet<LoadedApp>): Application {
  return {
    handle: (exchange, report) => app.handle(exchange, report),
    async start() {
      for (const one of inner) await one.start?.();
    },
    async stop() {
      await Promise.all([...inner].map((one) => one.stop?.()));
    },
  };
}

/** In a file the rank is the order: the first route that matches answers. */
function addRoute(app: App, route: RouteConfig, rank: number, apps: Apps): void {
  const handler = handlerOf(route.action, apps);
  const use = route.require_client_cert ? [requireClientCertificate] : [];
  for (const host of route.match.host === undefined ? [undefined] : list(route.match.host)) {
    for (const path of list(route.match.path)) {
      app.add({
        path,
        literal: true,
        rank,
        handler,
        use,
        ...(host !== undefined && { host }),
        ...(route.name !== undefined && { name: route.name }),
      });
    }
  }
}

type Apps = Awaited<ReturnType<typeof loadApps>>;

function handlerOf(action: RouteConfig["action"], apps: Apps): Handler {
  switch (action.type) {
    case "static":
      return staticFilesAction(action);
    case "redirect":
      return redirect(action);
    case "respond":
      return respond(action);
    case "app":
      return appAction(apps.get(action) as LoadedApp);
  }
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
