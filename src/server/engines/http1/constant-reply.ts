import type { Reply } from "../../../core/reply.ts";
import { concat, latin1Bytes } from "../../../runtime/bytes.ts";
import { dateLine } from "../../../wire/http1/reply-head.ts";
import type { EngineHost } from "../../engine.ts";
import type { Http1Exchange } from "./exchange.ts";
import { composeHead, secureLines } from "./reply-plan.ts";

/** Above this the copy costs more than the head. */
const MAX_BODY_BYTES = 8 * 1024;

/** A whole answer as it goes to the socket. */
export interface ConstantAnswer {
  readonly bytes: Uint8Array;
  readonly bodyBytes: number;
  /** What it holds of the moment and of its server. */
  readonly date: string;
  readonly secure: string;
}

const answers = new WeakMap<Reply, ConstantAnswer>();

/**
 * A frozen reply is sent again and again: head and body are put together once a second, when the date changes.
 * @returns undefined for a reply that is not constant or not small, or an exchange whose answer has another form
 */
export function constantAnswer(
  exchange: Http1Exchange,
  reply: Reply,
  host: EngineHost,
): ConstantAnswer | undefined {
  const { body } = reply;
  if (!reply.headers.frozen || !hasSmallBody(body)) return undefined;
  if (exchange.head.minor === 0 || exchange.method === "HEAD") return undefined;
  const date = dateLine();
  const secure = exchange.connection.tls === undefined ? "" : secureLines(host);
  const known = answers.get(reply);
  if (known !== undefined && known.date === date && known.secure === secure) return known;
  if (known === undefined && !isConstant(reply)) return undefined;
  const head = latin1Bytes(composeHead(exchange, reply, host, "length", false));
  const content = typeof body === "string" ? encoder.encode(body) : body;
  const bytes = concat(head, content);
  const made = { bytes, bodyBytes: content.byteLength, date, secure };
  answers.set(reply, made);
  return made;
}

const encoder = new TextEncoder();

function hasSmallBody(body: Reply["body"]): body is string | Uint8Array {
  if (typeof body === "string") return body.length <= MAX_BODY_BYTES;
  return body instanceof Uint8Array && body.byteLength <= MAX_BODY_BYTES;
}

/** Statuses without content have a head of another kind. */
function isConstant(reply: Reply): boolean {
  return reply.status === 200 && reply.trailers === undefined && Object.isFrozen(reply);
}
