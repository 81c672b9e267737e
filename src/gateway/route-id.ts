import type { RouteConfig } from "../config/schema/config.ts";

/**
 * What a route is called in keys of the store, in metrics and in fields of answers; a name of its own keeps counts when
 * routes are moved.
 * @param place from 1
 */
export function routeId({ name }: RouteConfig, place: number): string {
  return name !== undefined && /^[A-Za-z0-9_.*-]{1,64}$/.test(name) ? name : `route-${place}`;
}
