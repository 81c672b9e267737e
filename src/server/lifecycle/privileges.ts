import type { Account } from "./find-account.ts";
import { findAccount } from "./find-account.ts";

/** What a process becomes once its ports are bound. */
export interface Identity {
  readonly user: string;
  /** The user's own primary group if left out. */
  readonly group?: string | undefined;
}

/** The calls of `process` that are needed; tests give their own. */
export interface Credentials {
  getuid?(): number;
  setuid?(id: number | string): void;
  setgid?(id: number | string): void;
  initgroups?(user: number | string, extraGroup: number | string): void;
}

/**
 * Gives up the rights of root for good: supplementary groups, group, user, in this order, for after the
 * last change the others would not be allowed. Does nothing if the process is that user already.
 * @throws PrivilegeError saying what to do; the process must end then
 */
export function dropPrivileges(
  { user, group }: Identity,
  credentials: Credentials = process as Credentials,
  find: (user: string) => Account | undefined = findAccount,
): void {
  const { getuid, setuid, setgid, initgroups } = credentials;
  if (!getuid || !setuid || !setgid || !initgroups) {
    throw new PrivilegeError("this system has no users to change to: remove server.user");
  }
  const account = find(user);
  if (account === undefined) {
    throw new PrivilegeError(`server.user: there is no user ${JSON.stringify(user)}`);
  }
  const uid = getuid.call(credentials);
  if (uid === account.uid) return;
  if (uid !== 0) {
    throw new PrivilegeError(
      `server.user: only root can become ${user}: start as root, or remove the key and let the service manager choose the user`,
    );
  }
  try {
    initgroups.call(credentials, user, group ?? account.gid);
    setgid.call(credentials, group ?? account.gid);
    setuid.call(credentials, account.uid);
  } catch (error) {
    const unknown = (error as { code?: string }).code === "ERR_UNKNOWN_CREDENTIAL";
    throw new PrivilegeError(
      unknown
        ? `server.group: there is no group ${JSON.stringify(group ?? account.gid)}`
        : `the system does not let this process become ${user}: ${(error as Error).message}`,
    );
  }
  // A way back would mean that nothing was given up.
  if (regainsRoot(credentials)) {
    throw new PrivilegeError(`this process could become root again after it became ${user}`);
  }
}

export class PrivilegeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PrivilegeError";
  }
}

function regainsRoot(credentials: Credentials): boolean {
  try {
    credentials.setuid?.(0);
    return credentials.getuid?.() === 0;
  } catch {
    return false;
  }
}
