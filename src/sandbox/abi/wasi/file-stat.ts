import type { FileStat } from "../abi.ts";

const FILE_TYPE = { characterDevice: 2, directory: 3, file: 4 } as const;

/** A `filestat` of WASI: 64 bytes. Without a stat it is that of a stream. */
export function statBytes(stat: FileStat | undefined): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  if (stat === undefined) {
    view.setUint8(16, FILE_TYPE.characterDevice);
    return bytes;
  }
  view.setBigUint64(8, BigInt(Math.trunc(stat.inode)), true);
  view.setUint8(16, FILE_TYPE[stat.kind]);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, BigInt(stat.size), true);
  const modified = BigInt(Math.trunc(stat.modified)) * 1_000_000n;
  for (const at of [40, 48, 56]) view.setBigUint64(at, modified, true);
  return bytes;
}
