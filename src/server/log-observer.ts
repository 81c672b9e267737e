import type { AccessLog } from "../telemetry/access-log.ts";
import type { ErrorLog } from "../telemetry/error-log.ts";
import type { Observer } from "./engine.ts";

/**
 * Writes what a server observes into its logs. Refusals are a client's doing and come by the thousand, so they
 * are `debug`; those that were answered are in the access log too.
 */
export function logObserver(access: AccessLog | undefined, errors: ErrorLog): Observer {
  return {
    ...(access && { finished: (exchange, outcome) => access.record(exchange, outcome) }),
    refused({ code, status, remoteAddress }) {
      if (status !== 0) access?.refused(remoteAddress, status, code);
      errors.debug("refused", { code, status, remote: remoteAddress });
    },
    failed(error, exchange, id) {
      errors.error("a request failed inside the server", {
        error: error instanceof Error ? error : String(error),
        method: exchange?.method,
        path: exchange?.target,
        id,
      });
    },
  };
}
