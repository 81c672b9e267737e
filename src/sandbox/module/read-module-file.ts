import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { InvalidModule } from "./invalid-module.ts";

/**
 * The bytes of a module in a file. It never waits for the other end of a FIFO, and reads no more than a module may
 * have, whatever the file says of its size or becomes meanwhile.
 *
 * @throws InvalidModule for what is no file or too long, and the error of the file system
 */
export function readModuleFile(path: string | URL, maxBytes: number): Uint8Array<ArrayBuffer> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw new InvalidModule("is a directory");
    if (!stats.isFile()) throw new InvalidModule("is no regular file");
    if (stats.size > maxBytes)
      throw new InvalidModule(`has ${stats.size} bytes, and ${maxBytes} are allowed`);
    const bytes = new Uint8Array(stats.size);
    let at = 0;
    while (at < bytes.byteLength) {
      const count = readSync(fd, bytes, at, bytes.byteLength - at, at);
      if (count === 0) throw new InvalidModule("became shorter while it was read");
      at += count;
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}
