import { problem } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { Reply } from "../../core/reply.ts";
import type { EngineHost } from "../engine.ts";

/** An exchange as its engine sees it. */
export interface Answerable extends Exchange {
  /** The head of the final answer has left, or the connection was taken over. */
  answered: boolean;
}

/**
 * Hands an exchange to the App, and what comes of it to `deliver`, at once or later. Whatever the App does, one
 * Reply comes and nothing is thrown; it is {@link Reply.TAKEN} only if the connection was really taken over.
 */
export function answer<E extends Answerable>(
  host: EngineHost,
  exchange: E,
  deliver: (exchange: E, reply: Reply) => void,
): void {
  let reply: Reply | Promise<Reply>;
  try {
    reply = host.covers(exchange.connection, exchange.authority)
      ? host.app.handle(exchange, host.report)
      : misdirected(exchange.authority);
  } catch (error) {
    reply = failed(host, exchange, error);
  }
  if (!(reply instanceof Promise)) {
    deliver(exchange, checked(host, exchange, reply));
    return;
  }
  void reply.then(
    (settled) => deliver(exchange, checked(host, exchange, settled)),
    (error) => deliver(exchange, failed(host, exchange, error)),
  );
}

function checked(host: EngineHost, exchange: Answerable, reply: Reply): Reply {
  if (reply !== Reply.TAKEN || exchange.answered) return reply;
  const message = "a handler answered Reply.TAKEN without taking the connection over";
  return failed(host, exchange, new Error(message));
}

function failed(host: EngineHost, exchange: Exchange, error: unknown): Reply {
  host.observer.failed?.(error, exchange);
  return problem(500, "internal", "The server met an error answering this request.");
}

/** RFC 9110 15.5.20. */
function misdirected(authority: string): Reply {
  return problem(
    421,
    "misdirected",
    `The certificate of this connection does not cover ${authority}: open a connection of its own for it.`,
  );
}
