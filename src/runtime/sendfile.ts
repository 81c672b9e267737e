import { dlopen, FFIType, ptr } from "bun:ffi";
import { writeLatin1 } from "./bytes.ts";

/** Calls of the system for sending files to sockets. */
export interface FileSender {
  /**
   * sendfile(2): bytes from a file to a socket without a copy in between.
   * @returns bytes sent, 0 at the end of the file, -1 when the socket takes none now (or cannot be used so)
   */
  sendFile(socketFd: number, fileFd: number, position: number, length: number): number;
  /**
   * send(2) of Latin-1 text that the system holds back until more is sent, so that both travel together.
   * @returns bytes sent, -1 when the socket takes none now (or cannot be used so)
   */
  sendMore(socketFd: number, text: string): number;
}

/** Longer texts are not taken by {@link FileSender.sendMore}. */
export const MORE_BYTES = 16 * 1024;

/** MSG_DONTWAIT, MSG_NOSIGNAL and MSG_MORE of Linux. */
const FLAGS = 0x40 | 0x4000 | 0x8000;

let found: FileSender | null | undefined;

/** The system's calls, or undefined where there are none that we know how to call. */
export function findFileSender(): FileSender | undefined {
  if (found === undefined) found = load() ?? null;
  return found ?? undefined;
}

function load(): FileSender | undefined {
  if (process.platform !== "linux") return undefined;
  for (const library of ["libc.so.6", "libc.so"]) {
    try {
      const { symbols } = dlopen(library, {
        sendfile: { args: ["i32", "i32", "ptr", "usize"], returns: FFIType.i64_fast },
        send: { args: ["i32", "ptr", "usize", "i32"], returns: FFIType.i64_fast },
      });
      const { sendfile, send } = symbols;
      // Numbers and addresses that are known: conversions would cost as much as a small call.
      // Small arrays without a buffer of their own do not stay where `ptr` finds them.
      const offset = new Uint32Array(new ArrayBuffer(8));
      const offsetAt = ptr(offset);
      const scratch = new Uint8Array(new ArrayBuffer(MORE_BYTES));
      const scratchAt = ptr(scratch);
      return {
        sendFile(socketFd, fileFd, position, length) {
          offset[0] = position;
          offset[1] = position / 0x1_0000_0000;
          return Number(sendfile(socketFd, fileFd, offsetAt, length));
        },
        sendMore(socketFd, text) {
          writeLatin1(scratch, text);
          return Number(send(socketFd, scratchAt, text.length, FLAGS));
        },
      };
    } catch {
      // Another C library: the next name, or none.
    }
  }
  return undefined;
}
