import { HeaderList } from "../../http/header-list.ts";
import type { Probe } from "./health-checker.ts";
import type { SendProbe } from "./send-probe.ts";
import { discard, readStart } from "./send-probe.ts";

export interface HttpProbeOptions {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** What is sent as Host; the backend's own when undefined. */
  readonly host: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Statuses that are good, and ranges of them such as `200-399`. */
  readonly status: readonly (number | string)[];
  /** Text that the beginning of the body must have. */
  readonly body: string | undefined;
}

/** How much of a body is searched. */
const MOST_BODY = 65_536;

/** Asks for a path, and judges the answer by its status and body. */
export function httpProbe(options: HttpProbeOptions, send: SendProbe): Probe {
  const ranges = options.status.map(toRange);
  const wanted = options.body === undefined ? undefined : Buffer.from(options.body);
  return async (signal) => {
    const reply = await send(
      {
        method: options.method,
        target: options.path,
        authority: options.host,
        headers: HeaderList.from(options.headers),
        body: null,
      },
      signal,
    );
    const { status } = reply;
    if (!ranges.some(([first, last]) => status >= first && status <= last)) {
      discard(reply.body);
      throw new Error(`answered ${status}, not ${options.status.join(", ")}`);
    }
    // Read even when nothing is looked for, so that the connection can be used again.
    const start = await readStart(reply.body, MOST_BODY);
    if (wanted !== undefined && !Buffer.from(start).includes(wanted)) {
      throw new Error(`the answer does not have ${JSON.stringify(options.body)}`);
    }
  };
}

function toRange(status: number | string): [number, number] {
  if (typeof status === "number") return [status, status];
  const [first = "", last = first] = status.split("-");
  return [Number(first), Number(last)];
}
