import { CloseCode } from "../../wire/websocket/close-code.ts";
import { parseJson } from "../body/read-json.ts";
import type { HttpError } from "../errors.ts";
import type { Schema, SchemaIssue } from "../spec/standard-schema.ts";
import type { MessageOf, WebSocketHandlers, WebSocketMessage } from "./options.ts";
import type { ConnectionListener, WebSocketConnection } from "./websocket-connection.ts";

/** Hands what happens on one connection to the handlers of its route, messages through their schema. */
export class RouteListener<C, D, S extends Schema | undefined> implements ConnectionListener<D> {
  readonly #handlers: WebSocketHandlers<C, D, S>;
  /** Of the request that became the connection. */
  readonly context: C;
  readonly #report: (error: unknown) => void;

  constructor(
    handlers: WebSocketHandlers<C, D, S>,
    context: C,
    report: (error: unknown) => void = console.error,
  ) {
    this.#handlers = handlers;
    this.context = context;
    this.#report = report;
  }

  open(ws: WebSocketConnection<D>): unknown {
    return this.#handlers.open?.(ws, this.context);
  }

  message(ws: WebSocketConnection<D>, message: WebSocketMessage): unknown {
    const { schema } = this.#handlers;
    if (schema === undefined) return this.#handlers.message?.(ws, message as MessageOf<S>);
    if (typeof message !== "string") {
      ws.close(CloseCode.unsupportedData, "messages are JSON text");
      return undefined;
    }
    let value: unknown;
    try {
      value = parseJson(message);
    } catch (error) {
      return this.#refuse(ws, [whyNot(error)], message);
    }
    const checked = schema["~standard"].validate(value);
    if (checked instanceof Promise) {
      return checked.then((result) => this.#judge(ws, result, message));
    }
    return this.#judge(ws, checked, message);
  }

  pong(ws: WebSocketConnection<D>, payload: Uint8Array): unknown {
    return this.#handlers.pong?.(ws, payload);
  }

  drain(ws: WebSocketConnection<D>): unknown {
    return this.#handlers.drain?.(ws);
  }

  close(ws: WebSocketConnection<D>, code: number, reason: string): unknown {
    return this.#handlers.close?.(ws, code, reason);
  }

  error(ws: WebSocketConnection<D>, error: unknown): void {
    if (this.#handlers.error === undefined) this.#report(error);
    else this.#handlers.error(ws, error);
  }

  #judge(
    ws: WebSocketConnection<D>,
    result: { readonly value: unknown } | { readonly issues?: readonly SchemaIssue[] | undefined },
    text: string,
  ): unknown {
    const issues = "issues" in result ? result.issues : undefined;
    if (issues !== undefined) return this.#refuse(ws, issues, text);
    const { value } = result as { readonly value: MessageOf<S> };
    return this.#handlers.message?.(ws, value);
  }

  #refuse(ws: WebSocketConnection<D>, issues: readonly SchemaIssue[], text: string): unknown {
    if (this.#handlers.invalid !== undefined) return this.#handlers.invalid(ws, issues, text);
    ws.close(CloseCode.invalidData, "the message does not fit its schema");
    return undefined;
  }
}

/** Why the text of a message is not read. */
function whyNot(error: unknown): SchemaIssue {
  const { code, message } = error as HttpError;
  return code === "invalid_json" ? { message: "is not JSON", code: "not_json" } : { message, code };
}
