import { utf8Length } from "../../runtime/bytes.ts";
import { encodeFrame } from "../../wire/websocket/frame-writer.ts";
import { Opcode } from "../../wire/websocket/opcode.ts";
import type { MessageCodec } from "../../wire/websocket/permessage-deflate.ts";

const encoder = new TextEncoder();

/** How one peer wants messages. */
export interface MessageStyle {
  /** We are a client. */
  readonly masked: boolean;
  /** Undefined where nothing is compressed. */
  readonly codec: MessageCodec | undefined;
  /** Two styles of the same name have the same frames, unless they are masked. */
  readonly name: string;
  /** Shorter messages are not compressed. */
  readonly threshold: number;
}

/** A message for any number of sockets: its frames are made once for each style, and shared. */
export class PreparedMessage {
  readonly data: string | Uint8Array;
  #plain: Uint8Array | undefined;
  #compressed: Map<string, Uint8Array> | undefined;

  constructor(data: string | Uint8Array) {
    this.data = data;
  }

  frame(style: MessageStyle): Uint8Array {
    if (style.masked) return encodeMessage(this.data, style);
    if (!worthCompressing(this.data, style)) {
      return (this.#plain ??= encodeMessage(this.data, style));
    }
    this.#compressed ??= new Map();
    let frame = this.#compressed.get(style.name);
    if (frame === undefined) {
      frame = encodeMessage(this.data, style);
      this.#compressed.set(style.name, frame);
    }
    return frame;
  }
}

/** The one frame of a message. */
export function encodeMessage(data: string | Uint8Array, style: MessageStyle): Uint8Array {
  const { masked, codec } = style;
  const opcode = typeof data === "string" ? Opcode.text : Opcode.binary;
  if (codec === undefined || !worthCompressing(data, style)) {
    return encodeFrame(opcode, data, { masked });
  }
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  const deflated = codec.deflate(bytes);
  // RFC 7692 6.1 leaves it to us message by message.
  if (deflated.byteLength >= bytes.byteLength) return encodeFrame(opcode, bytes, { masked });
  return encodeFrame(opcode, deflated, { masked, compressed: true });
}

function worthCompressing(data: string | Uint8Array, style: MessageStyle): boolean {
  if (style.codec === undefined) return false;
  return (typeof data === "string" ? utf8Length(data) : data.byteLength) >= style.threshold;
}
