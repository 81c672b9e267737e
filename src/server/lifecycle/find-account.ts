import { readFileSync } from "node:fs";

export interface Account {
  readonly uid: number;
  /** Of the primary group. */
  readonly gid: number;
}

/** A user by name or number, from the password file; undefined if it is not there. */
export function findAccount(user: string, file = "/etc/passwd"): Account | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (uid === undefined || gid === undefined) continue;
    if (name === user || uid === user) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
