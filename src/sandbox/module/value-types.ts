import type { ByteReader } from "./byte-reader.ts";
import type { ValueType } from "./module-info.ts";

const names = new Map<number, ValueType>([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

export function readValueType(reader: ByteReader): ValueType {
  const at = reader.at;
  const name = names.get(reader.byte());
  return name ?? refuseType(reader, at);
}

export function readReferenceType(reader: ByteReader): ValueType {
  const at = reader.at;
  const type = readValueType(reader);
  if (type !== "funcref" && type !== "externref") reader.fail("has no reference type here", at);
  return type;
}

function refuseType(reader: ByteReader, at: number): never {
  const code = reader.bytes[at] as number;
  if (code === 0x69 || code === 0x74)
    reader.fail("uses exception handling, which is refused: build without exceptions", at);
  if (code >= 0x63 && code <= 0x73)
    reader.fail("uses types of garbage collection, which are refused", at);
  return reader.fail(`has an unknown value type 0x${code.toString(16)}`, at);
}
