import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { Readiness } from "./readiness.ts";

export const LIVENESS_PATH = "/healthz";
export const READINESS_PATH = "/readyz";

/** `/healthz`: whoever answers is alive. */
export function livenessReply(): Reply {
  return json(200, { status: "ok" });
}

/** `/readyz`: 200, or 503 with the reasons. */
export function readinessReply(readiness: Readiness): Reply {
  if (readiness.ready) return json(200, { status: "ready" });
  return json(503, { status: "not_ready", reasons: readiness.reasons });
}

function json(status: number, value: object): Reply {
  const headers = new HeaderList(["content-type", "application/json", "cache-control", "no-store"]);
  return new Reply(`${JSON.stringify(value)}\n`, status, headers);
}
