import type { ByteReader } from "./byte-reader.ts";

/** How many things a module has, so that nothing beyond them can be named. */
export interface IndexSpaces {
  readonly functions: number;
  readonly globals: number;
}

/**
 * Passes over a constant expression, `end` included (core specification, 3.3.10, with extended constants).
 *
 * @param spaces what it may name
 */
export function skipConstantExpression(reader: ByteReader, spaces: IndexSpaces): void {
  for (;;) {
    const at = reader.at;
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b: // end
        return;
      case 0x41: // i32.const
        reader.skipSigned(32);
        break;
      case 0x42: // i64.const
        reader.skipSigned(64);
        break;
      case 0x43: // f32.const
        reader.skip(4);
        break;
      case 0x44: // f64.const
        reader.skip(8);
        break;
      case 0x23: // global.get
        if (reader.u32() >= spaces.globals) reader.fail("names a global that is not there", at);
        break;
      case 0xd2: // ref.func
        if (reader.u32() >= spaces.functions) reader.fail("names a function that is not there", at);
        break;
      case 0xd0: // ref.null
        reader.skip(1);
        break;
      case 0x6a: // i32.add, sub, mul
      case 0x6b:
      case 0x6c:
      case 0x7c: // i64.add, sub, mul
      case 0x7d:
      case 0x7e:
        break;
      case 0xfd: // v128.const
        if (reader.u32() !== 12) reader.fail("has no constant here", at);
        reader.skip(16);
        break;
      default:
        reader.fail(`has opcode 0x${opcode.toString(16)} where a constant belongs`, at);
    }
  }
}
