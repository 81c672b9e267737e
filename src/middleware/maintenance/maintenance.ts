import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { problem } from "../../core/errors.ts";
import { Reply } from "../../core/reply.ts";
import { toReply } from "../../core/result.ts";
import { HeaderList } from "../../http/header-list.ts";
import { IpNetworks } from "../../http/ip-networks.ts";
import { parseDuration } from "../../internal/parse-duration.ts";

/** What happens during maintenance. */
export interface MaintenanceOptions {
  /** Whether it begins so. Default false. */
  active?: boolean;
  /** When clients may come again. Milliseconds, or `"5m"` (default). */
  retryAfter?: number | string;
  /** Clients that are answered nevertheless: addresses, CIDR networks, and `loopback`, `private`, `linklocal`. */
  allow?: readonly string[];
  /** Canonical paths that are answered nevertheless, such as `/healthz`. */
  except?: readonly string[];
  /** What people read. */
  message?: string;
  /** A page of your own, such as `(c) => c.html(page)`; it is sent with the status 503. */
  page?: (c: Context) => Reply | Response | string;
}

/** A {@link Middleware} with a switch. */
export interface Maintenance extends Middleware {
  /** Whether it is on now; may be set at any time. */
  active: boolean;
}

/**
 * Answers 503 with `Retry-After` while it is switched on, but for those who may go on. The switch is of one
 * process: with several workers set it in each, as from a message or the same file.
 *
 * @throws TypeError at start when an entry of `allow` is no address or network
 * @example
 * const closed = maintenance({ allow: ["10.0.0.0/8"], except: ["/healthz"] });
 * new App().use(closed).get("/", () => "open");
 * closed.active = true; // at any time
 */
export function maintenance(options: MaintenanceOptions = {}): Maintenance {
  const { message = "This service is being worked on. Please come again in a while.", page } =
    options;
  const allowed = new IpNetworks(options.allow ?? []);
  const except = new Set(options.except);
  const after = String(Math.ceil(parseDuration(options.retryAfter ?? "5m") / 1000));
  const fields = new HeaderList(["Retry-After", after, "Cache-Control", "no-store"]).freeze();
  const answer = async (c: Context): Promise<Reply> => {
    if (page === undefined) return problem(503, "maintenance", message, fields);
    const reply = await toReply(page(c));
    const headers = reply.headers.clone();
    headers.merge(fields, new Set());
    return Object.assign(reply.with(headers), { status: 503 });
  };
  const layer: Maintenance = Object.assign(
    middleware("maintenance", (c, next) =>
      layer.active && !allowed.has(c.ip) && !except.has(c.path) ? answer(c) : next(),
    ),
    { active: options.active ?? false },
  );
  return layer;
}
