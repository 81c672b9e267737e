import type { RawDeflate } from "../../runtime/platform.ts";
import type { Extension } from "./extensions.ts";
import { WebSocketError } from "./websocket-error.ts";
import { CloseCode } from "./close-code.ts";

/** What turns the payload of a message into what is sent, and back. */
export interface MessageCodec {
  deflate(bytes: Uint8Array): Uint8Array;
  /** @throws RangeError when more than `limit` bytes come out, another Error when the input is broken */
  inflate(bytes: Uint8Array, limit: number): Uint8Array;
}

const NAME = "permessage-deflate";
const MAX_WINDOW_BITS = 15;
/** The least that DEFLATE libraries can be held to, though the RFC knows 8. */
const MIN_WINDOW_BITS = 9;
/** What every flush leaves behind, and is not sent (7.2.1). */
const TAIL_BYTES = 4;
/** The tail again, and an empty last block behind it: a message that was cut is then no whole stream. */
const END = new Uint8Array([0x00, 0x00, 0xff, 0xff, 0x03, 0x00]);

/** What was agreed on. Neither side keeps a context over messages: a connection costs no window of memory. */
export interface DeflateAgreement {
  /** For what we send. */
  readonly windowBits: number;
}

/**
 * A server's choice among a client's offers (RFC 7692 5.1): the first that can be kept.
 * @returns undefined when there is none; the connection is then not compressed
 */
export function acceptDeflate(
  offers: readonly Extension[],
): (DeflateAgreement & { readonly response: string }) | undefined {
  for (const offer of offers) {
    if (offer.name !== NAME) continue;
    const parameters = readParameters(offer);
    if (parameters === undefined) continue;
    const bits = parameters.serverBits;
    if (bits !== undefined && bits < MIN_WINDOW_BITS) continue;
    const response = `${NAME}; server_no_context_takeover; client_no_context_takeover`;
    if (bits === undefined) return { windowBits: MAX_WINDOW_BITS, response };
    return { windowBits: bits, response: `${response}; server_max_window_bits=${bits}` };
  }
  return undefined;
}

/** What a client offers. */
export const DEFLATE_OFFER = `${NAME}; server_no_context_takeover; client_no_context_takeover`;

/**
 * What a server made of {@link DEFLATE_OFFER}.
 * @returns undefined when it does not compress
 * @throws WebSocketError when the answer is not one to our offer (RFC 7692 5.1, 7.1)
 */
export function confirmDeflate(answer: readonly Extension[]): DeflateAgreement | undefined {
  const [first, ...more] = answer;
  if (first === undefined) return undefined;
  const parameters = first.name === NAME ? readParameters(first) : undefined;
  const kept = parameters?.noServerContext === true && !parameters.namesClientBits;
  if (more.length > 0 || !kept) {
    throw new WebSocketError(CloseCode.protocolError, "the server's extensions were not offered");
  }
  return { windowBits: MAX_WINDOW_BITS };
}

interface Parameters {
  noServerContext: boolean;
  serverBits: number | undefined;
  namesClientBits: boolean;
}

/** @returns undefined when a parameter is unknown, repeated, or has a value that it cannot have (7.1) */
function readParameters({ parameters }: Extension): Parameters | undefined {
  const read: Parameters = {
    noServerContext: false,
    serverBits: undefined,
    namesClientBits: false,
  };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (seen.has(name)) return undefined;
    seen.add(name);
    const bits = value !== undefined && /^(?:[89]|1[0-5])$/.test(value) ? Number(value) : undefined;
    switch (name) {
      case "server_no_context_takeover":
        if (value !== undefined) return undefined;
        read.noServerContext = true;
        break;
      case "client_no_context_takeover":
        if (value !== undefined) return undefined;
        break;
      case "server_max_window_bits":
        if (bits === undefined) return undefined;
        read.serverBits = bits;
        break;
      case "client_max_window_bits":
        // Without a value the client only says that it could (7.1.2.2). We can inflate any window.
        if (value !== undefined && bits === undefined) return undefined;
        read.namesClientBits = true;
        break;
      default:
        return undefined;
    }
  }
  return read;
}

/** RFC 7692 7.2: messages without the tail that every flush leaves. */
export class PerMessageDeflate implements MessageCodec {
  readonly #raw: RawDeflate;
  readonly #windowBits: number;

  constructor(raw: RawDeflate, agreement: DeflateAgreement) {
    this.#raw = raw;
    this.#windowBits = agreement.windowBits;
  }

  deflate(bytes: Uint8Array): Uint8Array {
    const deflated = this.#raw.deflate(bytes, this.#windowBits);
    return deflated.subarray(0, deflated.byteLength - TAIL_BYTES);
  }

  inflate(bytes: Uint8Array, limit: number): Uint8Array {
    const whole = new Uint8Array(bytes.byteLength + END.byteLength);
    whole.set(bytes);
    whole.set(END, bytes.byteLength);
    return this.#raw.inflate(whole, limit);
  }
}
