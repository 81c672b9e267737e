import * as z from "zod";
import { admin } from "./admin.ts";
import { field } from "./field.ts";
import { tcpProxy, udpProxy } from "./layer4.ts";
import { log } from "./log.ts";
import { middleware } from "./middleware/middleware.ts";
import { route } from "./route.ts";
import { server } from "./server.ts";
import { nonEmpty } from "./text.ts";
import { upstream } from "./upstream.ts";

/**
 * The whole configuration: the one source of truth for types, validation, defaults, the JSON Schema and the
 * reference page.
 */
export const configSchema = z.strictObject({
  include: field(z.array(nonEmpty).default([]), {
    description:
      "More files to read, relative to this one; * stands for any part of a name. Their routes follow those of this file, in the order of their names.",
    example: '["conf.d/*.toml"]',
  }),
  server: field(server.prefault({}), { description: "The listener." }),
  admin: field(admin.optional(), {
    description:
      "The admin listener: health, later metrics and control. Off unless the table is there.",
  }),
  log: field(log.prefault({}), { description: "Access and error logs." }),
  upstream: field(z.array(upstream).default([]), {
    description: "Servers that requests are passed to, by name.",
  }),
  middleware: field(middleware.prefault({}), {
    description:
      "Middleware of every route. A route has its own of the same name in its place, or takes it away by `name = false`.",
  }),
  route: field(z.array(route).default([]), {
    description: "What answers requests. The first route in the file that matches does.",
  }),
  tcp_proxy: field(z.array(tcpProxy).default([]), {
    description: "A port whose TCP connections are passed on to backends, byte by byte.",
  }),
  udp_proxy: field(z.array(udpProxy).default([]), {
    description: "A port whose UDP datagrams are passed on to backends.",
  }),
});

/** A checked configuration: every default in place, paths absolute, `env:` and `file:` values read. */
export type Config = z.output<typeof configSchema>;
export type RouteConfig = Config["route"][number];
export type UpstreamConfig = Config["upstream"][number];
export type DiscoveryConfig = NonNullable<UpstreamConfig["discovery"]>;
export type TlsConfig = NonNullable<Config["server"]["tls"]>;

/** What each middleware is told. */
export type MiddlewareConfig = {
  [K in keyof Config["middleware"]]-?: Exclude<Config["middleware"][K], undefined | false>;
};
