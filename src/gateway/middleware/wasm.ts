import type { Middleware } from "../../core/middleware.ts";
import type { WasmLayer } from "../wasm/guest-settings.ts";
import type { MiddlewareParts } from "./parts.ts";

/** Guests around a route, the first outermost. @throws TypeError for a module that is none for http-wasm */
export function wasmOf(layers: readonly WasmLayer[], { guests }: MiddlewareParts): Middleware[] {
  return layers.map((layer) => {
    const { name = "wasm", max_body: maxBody } = layer;
    return guests.sandbox.wasmMiddleware(guests.get(layer), { name, maxBody }) as Middleware;
  });
}
