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
 * Hands an exchange to the App. Whatever that does, nothing is thrown, and one Reply comes of it: at once, or by
 * {@link whenAnswered}. It is {@link Reply.TAKEN} only if the connection was really taken over.
 */
export function answer(host: EngineHost, exchange: Answerable): Reply | Promise<Reply> {
  if (!host.covers(exchange.connection, exchange.authority)) return misdirected(exchange.authority);
  try {
    const reply = host.app.handle(exchange, host.report);
    return reply instanceof Promise ? reply : checked(host, exchange, reply);
  } catch (error) {
    return failed(host, exchange, error);
  }
}

/** Hands on what comes of an answer that is still being made; never rejects. */
export function whenAnswered<E extends Answerable>(
  host: EngineHost,
  exchange: E,
  reply: Promise<Reply>,
  sender: { reply(reply: Reply, exchange: E): void },
): void {
  void reply.then(
    (settled) => sender.reply(checked(host, exchange, settled), exchange),
    (error) => sender.reply(failed(host, exchange, error), exchange),
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
