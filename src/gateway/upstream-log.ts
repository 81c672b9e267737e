import type { Backend, BackendState } from "../upstream/backend.ts";
import type { DiscoveryEvent, UpstreamObserver } from "../upstream/upstream-observer.ts";
import type { ErrorLog } from "../telemetry/error-log.ts";
import { FaultLines } from "./fault-lines.ts";

const MEANING: Readonly<Record<BackendState, string>> = {
  up: "is up again",
  unhealthy: "is unhealthy: it is asked no more until its checks find it well",
  ejected: "is ejected: it is left alone for a while",
  unreachable: "cannot be reached: others are asked first",
  open: "is not asked for now: its circuit breaker has opened",
  half_open: "is tried again: its circuit breaker is half-open",
};

/**
 * Writes what happens to backends into the error log: a fault once for each backend and code, then how many
 * more there were each ten seconds; and each change of state.
 * @param log the one that is written to now
 */
export function upstreamLog(log: () => ErrorLog | undefined, lines: FaultLines): UpstreamObserver {
  return {
    fault(upstream, backend, { code, message }) {
      const name = backend?.name;
      lines.add(`${upstream} ${name ?? ""} ${code}`, (more) => {
        const fields = { upstream, backend: name, code };
        if (more === undefined) log()?.error(`upstream ${upstream}: ${message}`, fields);
        else
          log()?.error(`upstream ${upstream}: ${code} ${more} more times`, {
            ...fields,
            count: more,
          });
      });
    },
    changed(upstream, backend, state) {
      const isGood = state === "up" || state === "half_open";
      log()?.log(
        isGood ? "info" : "warn",
        `upstream ${upstream}: ${backend.name} ${MEANING[state]}`,
        {
          upstream,
          backend: backend.name,
          state,
          reason: backend.reason,
        },
      );
    },
    discovery(upstream, source, event) {
      const isGood = event.kind === "changed" || event.kind === "recovered";
      log()?.log(isGood ? "info" : "warn", `upstream ${upstream}: ${source}: ${meaningOf(event)}`, {
        upstream,
        discovery: source,
        ...(event.kind === "changed"
          ? { added: names(event.added) || undefined, removed: names(event.removed) || undefined }
          : "reason" in event && { reason: event.reason }),
      });
    },
  };
}

function meaningOf(event: DiscoveryEvent): string {
  switch (event.kind) {
    case "failed":
      return `cannot be asked: ${event.reason}; the backends known stay`;
    case "recovered":
      return "answers again";
    case "skipped":
      return `names what can be no backend: ${event.reason}`;
    case "changed": {
      const { added, removed, changed } = event;
      const parts = [
        added.length > 0 ? `found ${shown(added)}` : "",
        removed.length > 0 ? `gone ${shown(removed)}` : "",
        changed.length > 0 ? `another weight for ${shown(changed)}` : "",
      ];
      return parts.filter((part) => part !== "").join("; ");
    }
  }
}

/** Names that a line has room for. */
const MOST_NAMES = 5;

function shown(backends: readonly Backend[]): string {
  const more = backends.length - MOST_NAMES;
  const some = names(backends.slice(0, MOST_NAMES));
  return more > 0 ? `${some} and ${more} others` : some;
}

function names(backends: readonly Backend[]): string {
  return backends.map(({ name }) => name).join(", ");
}
