import { utf8Length } from "../../runtime/bytes.ts";
import { CloseCode, maySendCloseCode } from "./close-code.ts";
import { MAX_CONTROL_BYTES } from "./opcode.ts";
import { decodeUtf8 } from "./utf8-stream.ts";
import { WebSocketError } from "./websocket-error.ts";

const encoder = new TextEncoder();

/**
 * The payload of a close frame (RFC 6455 5.5.1), empty without a code.
 * @throws RangeError for a code that may not be sent, or a reason over 123 bytes
 */
export function encodeClosePayload(code: number | undefined, reason = ""): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  if (!maySendCloseCode(code)) {
    throw new RangeError(
      `${code} is no close code that can be sent: use 1000 to 1003, 1007 to 1014, or 3000 to 4999`,
    );
  }
  if (utf8Length(reason) > MAX_CONTROL_BYTES - 2) {
    throw new RangeError(`the reason of a close has at most ${MAX_CONTROL_BYTES - 2} bytes`);
  }
  const text = encoder.encode(reason);
  const payload = new Uint8Array(2 + text.byteLength);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  payload.set(text, 2);
  return payload;
}

/** Reads one. @throws WebSocketError 1002 or 1007 when it is none */
export function decodeClosePayload(payload: Uint8Array): { code: number; reason: string } {
  if (payload.byteLength === 0) return { code: CloseCode.noStatus, reason: "" };
  if (payload.byteLength === 1) {
    throw new WebSocketError(CloseCode.protocolError, "a close code has two bytes");
  }
  const code = ((payload[0] as number) << 8) | (payload[1] as number);
  if (!maySendCloseCode(code)) {
    throw new WebSocketError(CloseCode.protocolError, "the close code is reserved");
  }
  const reason = decodeUtf8(payload.subarray(2));
  if (reason === undefined) {
    throw new WebSocketError(CloseCode.invalidData, "the reason of the close is not UTF-8");
  }
  return { code, reason };
}
