import { dlopen } from "bun:ffi";

/**
 * sendfile(2): bytes from a file to a socket without a copy in between.
 * @returns bytes sent, 0 at the end of the file, -1 when the socket takes none now (or cannot be used so)
 */
export type SendFile = (
  socketFd: number,
  fileFd: number,
  position: number,
  length: number,
) => number;

let found: SendFile | null | undefined;

/** The system's sendfile, or undefined where there is none that we know how to call. */
export function findSendFile(): SendFile | undefined {
  if (found === undefined) found = load() ?? null;
  return found ?? undefined;
}

function load(): SendFile | undefined {
  if (process.platform !== "linux") return undefined;
  for (const library of ["libc.so.6", "libc.so"]) {
    try {
      const { symbols } = dlopen(library, {
        sendfile: { args: ["i32", "i32", "ptr", "u64"], returns: "i64" },
      });
      const offset = new BigInt64Array(1);
      return (socketFd, fileFd, position, length) => {
        offset[0] = BigInt(position);
        return Number(symbols.sendfile(socketFd, fileFd, offset, length));
      };
    } catch {
      // Another C library: the next name, or none.
    }
  }
  return undefined;
}
