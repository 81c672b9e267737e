import type { Connection } from "../../../core/exchange.ts";
import type { Socket } from "../../../runtime/socket.ts";
import { latin1 } from "../../../runtime/bytes.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const P = PREFACE.charCodeAt(0);

/** Whether a connection opens with the HTTP/2 preface (RFC 9113 3.4), or may yet. */
export function matchPreface(bytes: Uint8Array, from: number): "whole" | "partial" | "no" {
  if (bytes[from] !== P) return "no";
  const length = Math.min(bytes.byteLength - from, PREFACE.length);
  if (latin1(bytes, from, from + length) !== PREFACE.slice(0, length)) return "no";
  return length === PREFACE.length ? "whole" : "partial";
}

/** Takes a plain connection over that opens with the HTTP/2 preface (RFC 9113 3.3). */
export type PrefaceHandler = (socket: Socket, first: Uint8Array, connection: Connection) => void;
