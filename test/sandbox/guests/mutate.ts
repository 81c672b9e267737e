import type { Random } from "../../support/random.ts";

/** Bytes that mean much in WebAssembly: ends of integers, opcodes of blocks, prefixes, types. */
const TELLING = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0b, 0x0c, 0x0e, 0x10, 0x11, 0x12, 0x23, 0x24, 0x3f,
  0x40, 0x41, 0x60, 0x6f, 0x70, 0x7b, 0x7e, 0x7f, 0x80, 0xd2, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
];

/** A copy with one to three changes, most of them in place. The first eight bytes stay: without them nothing is read. */
export function mutate(source: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const bytes = [...source];
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = 8 + random.below(Math.max(bytes.length - 8, 1));
    switch (random.below(12)) {
      case 0:
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
      case 3:
      case 4:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 5:
      case 6:
        bytes[at] = random.pick(TELLING);
        break;
      case 7:
      case 8:
        bytes[at] = ((bytes[at] ?? 0) + (random.below(2) * 2 - 1)) & 255;
        break;
      case 9:
        bytes.splice(at, 1 + random.below(4));
        break;
      case 10:
        bytes.splice(at, 0, random.pick(TELLING), ...(random.below(2) ? [random.below(256)] : []));
        break;
      default: {
        const from = 8 + random.below(Math.max(bytes.length - 8, 1));
        const piece = bytes.slice(from, from + 1 + random.below(12));
        bytes.splice(at, piece.length, ...piece);
      }
    }
  }
  return new Uint8Array(bytes);
}
