import type { Config, RouteConfig } from "../config/schema/config.ts";
import { App } from "../core/app.ts";
import type { Handler } from "../core/handler.ts";
import type { ServeOptions } from "../server/settings.ts";
import { redirect } from "./actions/redirect.ts";
import { respond } from "./actions/respond.ts";
import { staticFilesAction } from "./actions/static.ts";
import { requireClientCertificate } from "./require-client-certificate.ts";
import { serverSettings } from "./settings.ts";

/** What a configuration comes to: what `serve` takes. */
export interface Compiled {
  readonly app: App;
  readonly settings: ServeOptions;
}

/**
 * Compiles a checked configuration into an App, the very one that code would build, and server settings.
 * @throws when a file that the check has seen is gone by now
 */
export function compile(config: Config): Compiled {
  const app = new App();
  for (const [rank, route] of config.route.entries()) addRoute(app, route, rank);
  return { app, settings: serverSettings(config) };
}

/** In a file the rank is the order: the first route that matches answers. */
function addRoute(app: App, route: RouteConfig, rank: number): void {
  const handler = handlerOf(route.action);
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

function handlerOf(action: RouteConfig["action"]): Handler {
  switch (action.type) {
    case "static":
      return staticFilesAction(action);
    case "redirect":
      return redirect(action);
    case "respond":
      return respond(action);
  }
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
