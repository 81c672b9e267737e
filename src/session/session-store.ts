/** A session as a store keeps it. */
export interface SessionRecord {
  /** Counts its saves, from 1. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** A JSON object. */
  readonly data: string;
}

/**
 * Where sessions are kept. A key is the SHA-256 of a session's id in hexadecimal: whoever can read the store
 * cannot become one of its users.
 */
export interface SessionStore {
  /** What lives under a key; undefined when there is nothing, or its time is over. */
  get(key: string): Promise<SessionRecord | undefined>;
  /**
   * Saves a record whole, or not at all, and only as the successor of what is there: version 1 where nothing
   * is, else one more than the version that is.
   * @returns false, with nothing changed, when another save or a deletion came first
   */
  set(key: string, record: SessionRecord): Promise<boolean>;
  /** Moves the end of a session, if there is one. */
  touch(key: string, expiresAt: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Removes what has expired. @returns how many */
  purge(): Promise<number>;
  /** Frees what the store holds open. */
  close(): Promise<void>;
}

export interface SessionStoreOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}
