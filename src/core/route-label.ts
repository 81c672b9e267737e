import type { RouteInfo } from "./route.ts";

/** What logs and metrics call a route: its name, else its host and path. */
export function routeLabel({ name, host, path }: RouteInfo): string {
  return name ?? (host === undefined ? path : host + path);
}
