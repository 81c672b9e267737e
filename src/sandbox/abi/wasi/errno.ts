import { CapabilityDenied } from "../../errors.ts";
import { HostFault } from "../abi.ts";

/** Error numbers of WASI preview 1. */
export const Errno = {
  success: 0,
  acces: 2,
  badf: 8,
  fault: 21,
  fbig: 22,
  inval: 28,
  io: 29,
  isdir: 31,
  loop: 32,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nosys: 52,
  notdir: 54,
  notsup: 58,
  rofs: 69,
  spipe: 70,
  notcapable: 76,
} as const;

const OF_CODE: Readonly<Record<string, number>> = {
  EACCES: Errno.acces,
  EPERM: Errno.acces,
  EBADF: Errno.badf,
  EINVAL: Errno.inval,
  EISDIR: Errno.isdir,
  ELOOP: Errno.loop,
  EMFILE: Errno.mfile,
  ENAMETOOLONG: Errno.nametoolong,
  ENOENT: Errno.noent,
  ENOTDIR: Errno.notdir,
  EROFS: Errno.rofs,
};

/** What the guest is told of a host call that failed. @throws what is no answer to a guest */
export function errnoOf(error: unknown): number {
  if (error instanceof CapabilityDenied) return Errno.notcapable;
  if (error instanceof HostFault) return OF_CODE[error.code] ?? Errno.io;
  throw error;
}
