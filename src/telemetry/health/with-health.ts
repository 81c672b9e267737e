import { problem } from "../../core/errors.ts";
import type { Application, Exchange } from "../../core/exchange.ts";
import type { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import { LIVENESS_PATH, livenessReply, READINESS_PATH, readinessReply } from "./health-reply.ts";
import type { Readiness } from "./readiness.ts";

/** Answers `/healthz` and `/readyz` on every host before the application is asked. */
export function withHealth(app: Application, readiness: Readiness): Application {
  return {
    start: async () => app.start?.(),
    stop: async () => app.stop?.(),
    handle(exchange, report) {
      const { path } = exchange;
      if (path !== LIVENESS_PATH && path !== READINESS_PATH) return app.handle(exchange, report);
      return answer(exchange, () =>
        path === LIVENESS_PATH ? livenessReply() : readinessReply(readiness),
      );
    },
  };
}

function answer({ method }: Exchange, reply: () => Reply): Reply {
  if (method === "GET" || method === "HEAD") return reply();
  const allow = new HeaderList(["allow", "GET, HEAD"]);
  return problem(405, "method_not_allowed", "Ask for the health with GET.", allow);
}
