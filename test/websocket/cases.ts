import { close, binary, deflated, frame, last, more, ping, pong, text } from "./frames.ts";

/** What a client sends behind the handshake to a server that echoes, and what must come back. */
export interface WebSocketCase {
  /** The clause that decides it. */
  clause: string;
  name: string;
  send: readonly Uint8Array[];
  /** The answers in words; see `inWords`. */
  gets: readonly string[];
  /** Whether the server ends the connection by itself: so it does behind every close, unless this says false. */
  stays?: true;
  /** permessage-deflate is agreed on. */
  deflate?: true;
}

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const long = (length: number): string => "*".repeat(length);
const goodbye = close(1000);
const failed = (code: number): string[] => [`close ${code}`];

// oxfmt-ignore
const framing: WebSocketCase[] = [
  { clause: "RFC 6455 5.7", name: "the masked Hello of the RFC, its bytes", send: [bytes("818537fa213d7f9f4d5158")], gets: ["text Hello"], stays: true },
  { clause: "RFC 6455 5.7", name: "the fragmented Hello of the RFC", send: [more(1, "Hel"), last("lo")], gets: ["text Hello"], stays: true },
  { clause: "RFC 6455 5.7", name: "the ping of the RFC", send: [ping("Hello")], gets: ["pong Hello"], stays: true },
  { clause: "RFC 6455 5.6", name: "an empty text", send: [text("")], gets: ["text "], stays: true },
  { clause: "RFC 6455 5.6", name: "an empty binary message", send: [binary("")], gets: ["binary "], stays: true },
  { clause: "RFC 6455 5.6", name: "every byte in a binary message", send: [binary(bytes("00ff80c0fe"))], gets: ["binary 00ff80c0fe"], stays: true },
  { clause: "RFC 6455 5.2", name: "125 bytes, the longest short length", send: [text(long(125))], gets: [`text ${long(125)}`], stays: true },
  { clause: "RFC 6455 5.2", name: "126 bytes, the shortest length in two bytes", send: [text(long(126))], gets: [`text ${long(126)}`], stays: true },
  { clause: "RFC 6455 5.2", name: "65,535 bytes, the longest length in two bytes", send: [binary(long(65_535))], gets: ["binary of 65535"], stays: true },
  { clause: "RFC 6455 5.2", name: "65,536 bytes, the shortest length in eight bytes", send: [binary(long(65_536))], gets: ["binary of 65536"], stays: true },
  { clause: "RFC 6455 5.2", name: "a length in two bytes that fits into one", send: [frame(1, "abc", { lengthIn: 2 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "a length in eight bytes that fits into one", send: [frame(1, "abc", { lengthIn: 8 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "a length in eight bytes that fits into two", send: [frame(1, long(300), { lengthIn: 8 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "a length with its highest bit set", send: [frame(2, "", { lengthIn: 8, says: 1n << 63n })], gets: failed(1002) },
  { clause: "RFC 6455 10.4", name: "a length beyond the limit is refused at the head", send: [frame(2, "", { lengthIn: 8, says: 1n << 40n })], gets: failed(1009) },
  { clause: "RFC 6455 10.4", name: "a message of exactly the limit", send: [binary(long(131_072))], gets: ["binary of 131072"], stays: true },
  { clause: "RFC 6455 10.4", name: "a byte over the limit", send: [binary(long(131_073))], gets: failed(1009) },
  { clause: "RFC 6455 10.4", name: "fragments that are over the limit together", send: [more(2, long(100_000)), last(long(31_073))], gets: failed(1009) },
  { clause: "RFC 6455 5.1", name: "a frame that is not masked", send: [frame(1, "Hello", { masked: false })], gets: failed(1002) },
  { clause: "RFC 6455 5.1", name: "a ping that is not masked", send: [frame(9, "", { masked: false })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "RSV1 without an extension", send: [frame(1, "a", { rsv: 0x40 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "RSV2", send: [frame(1, "a", { rsv: 0x20 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "RSV3", send: [frame(2, "a", { rsv: 0x10 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "RSV3 on a ping", send: [frame(9, "", { rsv: 0x10 })], gets: failed(1002) },
  { clause: "RFC 6455 5.2", name: "RSV2 on a close", send: [frame(8, "", { rsv: 0x20 })], gets: failed(1002) },
  ...[3, 4, 5, 6, 7].map((opcode): WebSocketCase => ({ clause: "RFC 6455 5.2", name: `reserved data opcode ${opcode}`, send: [frame(opcode, "a")], gets: failed(1002) })),
  ...[11, 12, 13, 14, 15].map((opcode): WebSocketCase => ({ clause: "RFC 6455 5.2", name: `reserved control opcode ${opcode}`, send: [frame(opcode)], gets: failed(1002) })),
  { clause: "RFC 6455 7.1.7", name: "what came before the fault is answered", send: [text("a"), frame(3, "b"), text("c")], gets: ["text a", "close 1002"] },
];

// oxfmt-ignore
const fragments: WebSocketCase[] = [
  { clause: "RFC 6455 5.4", name: "three fragments", send: [more(1, "a"), more(0, "b"), last("c")], gets: ["text abc"], stays: true },
  { clause: "RFC 6455 5.4", name: "empty fragments", send: [more(1), more(0), more(0, "a"), more(0), last()], gets: ["text a"], stays: true },
  { clause: "RFC 6455 5.4", name: "empty fragments only", send: [more(2), more(0), last()], gets: ["binary "], stays: true },
  { clause: "RFC 6455 5.4", name: "a ping between fragments is answered at once", send: [more(1, "a"), ping("p"), last("b")], gets: ["pong p", "text ab"], stays: true },
  { clause: "RFC 6455 5.5", name: "a close between fragments", send: [more(1, "a"), goodbye, last("b")], gets: failed(1000) },
  { clause: "RFC 6455 5.4", name: "two messages in fragments", send: [more(1, "a"), last("b"), more(2, "c"), last("d")], gets: ["text ab", "binary 6364"], stays: true },
  { clause: "RFC 6455 5.4", name: "a continuation without a message", send: [last("a")], gets: failed(1002) },
  { clause: "RFC 6455 5.4", name: "a continuation that goes on, without a message", send: [more(0, "a")], gets: failed(1002) },
  { clause: "RFC 6455 5.4", name: "a continuation behind a whole message", send: [text("a"), last("b")], gets: ["text a", "close 1002"] },
  { clause: "RFC 6455 5.4", name: "a text within a text", send: [more(1, "a"), text("b")], gets: failed(1002) },
  { clause: "RFC 6455 5.4", name: "a binary message within a text", send: [more(1, "a"), more(2, "b")], gets: failed(1002) },
  { clause: "RFC 6455 10.4", name: "as many fragments as the limit", send: [more(1, "a"), ...Array.from({ length: 62 }, () => more(0, "b")), last("c")], gets: [`text a${"b".repeat(62)}c`], stays: true },
  { clause: "RFC 6455 10.4", name: "one fragment more", send: [more(1, "a"), ...Array.from({ length: 63 }, () => more(0)), last("c")], gets: failed(1008) },
];

// oxfmt-ignore
const control: WebSocketCase[] = [
  { clause: "RFC 6455 5.5.2", name: "an empty ping", send: [ping()], gets: ["pong"], stays: true },
  { clause: "RFC 6455 5.5", name: "a ping of 125 bytes", send: [ping(long(125))], gets: [`pong ${long(125)}`], stays: true },
  { clause: "RFC 6455 5.5", name: "a ping of 126 bytes", send: [ping(long(126))], gets: failed(1002) },
  { clause: "RFC 6455 5.5", name: "a fragmented ping", send: [more(9, "a"), last("b")], gets: failed(1002) },
  { clause: "RFC 6455 5.5", name: "a fragmented close", send: [more(8), last()], gets: failed(1002) },
  { clause: "RFC 6455 5.5", name: "a close of 126 bytes", send: [close(1000, long(124))], gets: failed(1002) },
  { clause: "RFC 6455 5.5.3", name: "a pong that nobody asked for", send: [pong("a"), text("b")], gets: ["text b"], stays: true },
  { clause: "RFC 6455 5.5.2", name: "ten pings are answered in order", send: Array.from({ length: 10 }, (_, i) => ping(`${i}`)), gets: Array.from({ length: 10 }, (_, i) => `pong ${i}`), stays: true },
];

// oxfmt-ignore
const closing: WebSocketCase[] = [
  { clause: "RFC 6455 5.5.1", name: "a close without a code", send: [close()], gets: ["close"] },
  { clause: "RFC 6455 5.5.1", name: "a close with a code", send: [goodbye], gets: failed(1000) },
  { clause: "RFC 6455 5.5.1", name: "a close with the longest reason", send: [close(1000, long(123))], gets: failed(1000) },
  { clause: "RFC 6455 5.5.1", name: "a close with one byte", send: [frame(8, "a")], gets: failed(1002) },
  { clause: "RFC 6455 5.5.1", name: "a reason that is not UTF-8", send: [close(1000, bytes("cebae1bdb9cf83cebceda080"))], gets: failed(1007) },
  { clause: "RFC 6455 1.4", name: "nothing is read behind a close", send: [goodbye, text("a"), ping("b")], gets: failed(1000) },
  { clause: "RFC 6455 5.5.1", name: "two closes", send: [goodbye, close(1001)], gets: failed(1000) },
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code): WebSocketCase => ({ clause: "RFC 6455 7.4.1", name: `code ${code} is given back`, send: [close(code)], gets: failed(code) })),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code): WebSocketCase => ({ clause: "RFC 6455 7.4.2", name: `code ${code} may not be sent`, send: [close(code)], gets: failed(1002) })),
];

// oxfmt-ignore
const utf8: WebSocketCase[] = [
  { clause: "RFC 6455 8.1", name: "characters of two, three and four bytes", send: [text("µ€𝄞\u{10ffff}")], gets: ["text µ€𝄞\u{10ffff}"], stays: true },
  { clause: "RFC 6455 8.1", name: "a byte order mark is text", send: [text("\ufeffa")], gets: ["text \ufeffa"], stays: true },
  { clause: "RFC 6455 8.1", name: "NUL is text", send: [text("\0")], gets: ["text \0"], stays: true },
  { clause: "RFC 6455 8.1", name: "a character that fragments split at each byte", send: [more(1, bytes("f0")), more(0, bytes("9d")), more(0, bytes("84")), last(bytes("9e"))], gets: ["text 𝄞"], stays: true },
  { clause: "RFC 6455 8.1", name: "a surrogate", send: [text(bytes("eda080"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "an overlong slash", send: [text(bytes("c0af"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "above U+10FFFF", send: [text(bytes("f4908080"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "a byte that no UTF-8 has", send: [text(bytes("61ff"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "the end in the middle of a character", send: [text(bytes("e282"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "the end of the last fragment in the middle of a character", send: [more(1, "a"), last(bytes("e282"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "wrong in a fragment: the next is not waited for", send: [more(1, bytes("61eda080"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "wrong at the second byte of a character that fragments split", send: [more(1, bytes("f4")), more(0, bytes("90"))], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "bytes that are not UTF-8 are fine in a binary message", send: [binary(bytes("eda080"))], gets: ["binary eda080"], stays: true },
];

// The messages of RFC 7692 7.2.3.
const hello = bytes("f248cdc9c90700");
// oxfmt-ignore
const compression: WebSocketCase[] = [
  { clause: "RFC 7692 7.2.3.1", name: "the compressed Hello of the RFC", deflate: true, send: [frame(1, hello, { rsv: 0x40 })], gets: ["text Hello"], stays: true },
  { clause: "RFC 7692 7.2.3.1", name: "the same in fragments, RSV1 on the first only", deflate: true, send: [frame(1, hello.subarray(0, 3), { rsv: 0x40, fin: false }), last(hello.subarray(3))], gets: ["text Hello"], stays: true },
  { clause: "RFC 7692 7.2.3.3", name: "a block without compression", deflate: true, send: [frame(1, bytes("000500faff48656c6c6f00"), { rsv: 0x40 })], gets: ["text Hello"], stays: true },
  { clause: "RFC 7692 7.2.3.4", name: "a block with BFINAL", deflate: true, send: [frame(1, bytes("f348cdc9c9070000"), { rsv: 0x40 })], gets: ["text Hello"], stays: true },
  { clause: "RFC 7692 7.2.3.5", name: "two blocks in one message", deflate: true, send: [frame(1, bytes("f248050000 00ffffcac9c90700"), { rsv: 0x40 })], gets: ["text Hello"], stays: true },
  { clause: "RFC 7692 7.2.3.6", name: "an empty message", deflate: true, send: [frame(2, bytes("00"), { rsv: 0x40 })], gets: ["binary "], stays: true },
  { clause: "RFC 7692 6", name: "a message that is not compressed", deflate: true, send: [text("a")], gets: ["text a"], stays: true },
  { clause: "RFC 7692 6.1", name: "a long answer is compressed", deflate: true, send: [frame(2, deflated(long(5_000)), { rsv: 0x40 })], gets: ["deflated binary of 5000"], stays: true },
  { clause: "RFC 7692 6.1", name: "RSV1 on a continuation", deflate: true, send: [frame(1, "", { rsv: 0x40, fin: false }), frame(0, hello, { rsv: 0x40 })], gets: failed(1002) },
  { clause: "RFC 7692 6.1", name: "RSV1 on a ping", deflate: true, send: [frame(9, "", { rsv: 0x40 })], gets: failed(1002) },
  { clause: "RFC 7692 6.1", name: "RSV2 beside RSV1", deflate: true, send: [frame(1, hello, { rsv: 0x60 })], gets: failed(1002) },
  { clause: "RFC 7692 5", name: "bytes that are no DEFLATE", deflate: true, send: [frame(1, bytes("ffffff"), { rsv: 0x40 })], gets: failed(1007) },
  { clause: "RFC 7692 5", name: "DEFLATE that is cut", deflate: true, send: [frame(1, deflated("The quick brown fox").subarray(0, 9), { rsv: 0x40 })], gets: failed(1007) },
  { clause: "RFC 6455 8.1", name: "compressed text that is not UTF-8", deflate: true, send: [frame(1, deflated(bytes("eda080")), { rsv: 0x40 })], gets: failed(1007) },
  { clause: "RFC 7692 8", name: "a bomb: 100 MiB in 100 KB", deflate: true, send: [frame(2, deflated(Buffer.alloc(100 * 1024 * 1024)), { rsv: 0x40 })], gets: failed(1009) },
  { clause: "RFC 7692 7.2.2", name: "as much as the limit comes out", deflate: true, send: [frame(2, deflated(long(131_072)), { rsv: 0x40 })], gets: ["deflated binary of 131072"], stays: true },
  { clause: "RFC 7692 7.2.2", name: "a byte more comes out", deflate: true, send: [frame(2, deflated(long(131_073)), { rsv: 0x40 })], gets: failed(1009) },
  { clause: "RFC 7692 7.1.1.2", name: "no context is kept between messages", deflate: true, send: [frame(1, hello, { rsv: 0x40 }), frame(1, bytes("f200110000"), { rsv: 0x40 })], gets: ["text Hello", "close 1007"] },
];

export const cases: readonly WebSocketCase[] = [
  ...framing,
  ...fragments,
  ...control,
  ...closing,
  ...utf8,
  ...compression,
];
