import type { Context } from "../../core/context.ts";
import type { Handler } from "../../core/handler.ts";
import { HttpError } from "../../core/errors.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import { parseSize } from "../../internal/parse-size.ts";
import type { HttpRequestOutcome } from "../abi/http-message.ts";
import { HANDLE_REQUEST } from "../abi/http-message.ts";
import type { GuestCaller } from "./guest-caller.ts";
import { attempt, guestFailure } from "./guest-failure.ts";
import { outcomeReply } from "./outcome-reply.ts";
import { bodyFor, readsBody, readsSource, requestMessage } from "./request-message.ts";

/** How a guest answers requests. */
export interface WasmHandlerOptions {
  /** The export that is called with the request's body, of a module for Extism. Default `handle`. */
  readonly call?: string;
  /** The media type of what such a module gives. Default `application/json`. */
  readonly type?: string;
  /** The longest body that is read for the guest: bytes or a text such as `"2MiB"`. Default 1 MiB; more is 413. */
  readonly maxBody?: number | string;
}

/**
 * A guest answers: one for http-wasm by its `handle_request`, a program for WASI as a CGI program, one for Extism
 * by an export that takes the body and gives the answer's.
 *
 * A guest that fails is answered for: 504 when it took too long, 503 when too many are waiting, 422 with its own
 * words when a module for Extism says that it failed, and 502 otherwise.
 *
 * @param sandbox what to call: a sandbox, a pool of them, or what `RouteSandboxes` has for a route
 * @throws TypeError at once for a module that cannot answer requests
 * @example
 * app.post("/clean", wasmHandler(sandbox, { call: "sanitise" }));
 */
export function wasmHandler(sandbox: GuestCaller, options: WasmHandlerOptions = {}): Handler {
  const { call = "handle", type = "application/json" } = options;
  const limit = parseSize(options.maxBody ?? 1024 * 1024);
  if (sandbox.abi === "http-wasm" || sandbox.abi === "wasi") {
    checkEntry(sandbox, sandbox.abi === "wasi" ? ["_start", HANDLE_REQUEST] : [HANDLE_REQUEST]);
    return (c) => answerRequest(c, sandbox, limit);
  }
  checkExport(sandbox, call);
  return async (c) => {
    const body = await bodyFor(c, true, limit);
    // Another module may be there by now.
    checkExport(sandbox, call);
    try {
      const output = await sandbox.call<Uint8Array>(call, body, { as: "bytes" });
      const headers = HeaderList.from([["content-type", type]]);
      return output.byteLength === 0 ? new Reply(null, 204) : new Reply(output, 200, headers);
    } catch (error) {
      throw guestFailure(c, error, true);
    }
  };
}

async function answerRequest(c: Context, sandbox: GuestCaller, limit: number): Promise<Reply> {
  const body = await bodyFor(c, readsBody(sandbox), limit);
  try {
    const message = requestMessage(c, c.exchange.headers.flat, body, readsSource(sandbox));
    const output = await sandbox.exchange(HANDLE_REQUEST, message);
    const outcome = output as unknown as HttpRequestOutcome;
    if (!outcome.next) return attempt(c, () => outcomeReply(outcome));
  } catch (error) {
    throw guestFailure(c, error);
  }
  throw new HttpError(404, "not_found", "Nothing answers here.");
}

/** @throws TypeError */
export function checkExport({ facts, abi }: GuestCaller, name: string): void {
  if (abi !== "extism" && abi !== "plain") {
    throw new TypeError(`a module for ${abi} has no functions to call: build it for Extism`);
  }
  if (facts.exports.has(name)) return;
  throw new TypeError(
    `the module exports no function ${JSON.stringify(name)}: it exports ${exportsOf(facts)}`,
  );
}

/** @throws TypeError for a module that exports none of these */
export function checkEntry({ facts, abi }: GuestCaller, names: readonly string[]): void {
  if (names.some((name) => facts.exports.has(name))) return;
  throw new TypeError(
    `the module exports no ${names[0]}, by which one for ${abi} is called: it exports ${exportsOf(facts)}`,
  );
}

function exportsOf({ exports }: GuestCaller["facts"]): string {
  const names = [...exports].filter((name) => !name.startsWith("_"));
  return names.slice(0, 10).join(", ") || "none";
}
