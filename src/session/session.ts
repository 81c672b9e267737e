import type { JsonValues, SessionChanges } from "./session-changes.ts";
import {
  changesBetween,
  readData,
  toJsonValues,
  withChanges,
  writeValues,
} from "./session-changes.ts";
import { newSessionId, sessionKey } from "./session-id.ts";
import type { SessionRecord, SessionStore } from "./session-store.ts";

/** What a session needs of the place it is in. */
export interface SessionHome {
  readonly store: SessionStore;
  /** Milliseconds without a request after which it ends. */
  readonly idleMs: number;
  /** Milliseconds after which it ends however much it is used. */
  readonly absoluteMs: number;
  readonly now: () => number;
  /** The client is to keep this id until then; undefined: to forget the one it has. */
  readonly onId: (id: string | undefined, expiresAt: number) => void;
}

/** A session that was found. */
export interface FoundSession {
  readonly id: string;
  readonly record: SessionRecord;
}

const NONE: JsonValues = new Map();
const FLASH = "flash:";
/** How often a save begins again because another request came first. */
const MAX_ATTEMPTS = 50;
/** A session's end is moved only when it moves by this share of the idle time: not at every request. */
const TOUCH_SHARE = 10;

/**
 * What the server remembers of one client between requests.
 *
 * Change {@link data} as you like; it is saved when the answer leaves. Requests of one session may run at the
 * same time: each saves the keys it changed and keeps the others' ones. Nothing is kept, and no cookie is sent,
 * before there is something to keep.
 * @example
 * session.data.userId = user.id;
 * session.regenerate(); // at every sign-in
 */
export class Session<Data extends object = Record<string, unknown>> {
  /** Values by key; JSON. Without a prototype. */
  data: Partial<Data>;
  readonly #home: SessionHome;
  /** The client sent an id, known or not. */
  #clientHasId: boolean;
  #found: FoundSession | undefined;
  /** As the store has them. */
  #stored: JsonValues = NONE;
  #renew = false;
  #ended = false;

  /** @param clientHasId whether a cookie came, even of no session that is known */
  constructor(home: SessionHome, found: FoundSession | undefined, clientHasId: boolean) {
    this.#home = home;
    this.#found = found;
    this.#clientHasId = clientHasId;
    const data = readData(found?.record.data ?? "{}");
    if (found !== undefined) this.#stored = toJsonValues(data);
    this.data = data as Partial<Data>;
  }

  /** Whether the client came without a session. */
  get isNew(): boolean {
    return this.#found === undefined;
  }

  /**
   * Gives the session another id, and the old one ends: whoever knew it has nothing. Do this whenever the
   * client's rights change, above all at sign-in (session fixation). The absolute time begins again.
   */
  regenerate(): void {
    this.#renew = true;
  }

  /** Ends the session, as at sign-out. What is put into {@link data} afterwards begins another. */
  destroy(): void {
    this.data = readData("{}") as Partial<Data>;
    this.#ended = true;
  }

  /** Keeps a value until it is taken, such as a notice for the page after a redirect. */
  flash(key: string, value: unknown): void {
    (this.data as Record<string, unknown>)[FLASH + key] = value;
  }

  /** A value of {@link flash}, once. */
  takeFlash(key: string): unknown {
    const data = this.data as Record<string, unknown>;
    const value = data[FLASH + key];
    delete data[FLASH + key];
    return value;
  }

  /**
   * Saves at once. The middleware does it when a handler has answered; a handler that streams, and so answers
   * before it is done, calls this for later changes.
   * @throws TypeError when `data` holds what JSON cannot
   */
  async save(): Promise<void> {
    const values = toJsonValues(this.data);
    const found = this.#found;
    if (found !== undefined && !this.#renew && !this.#ended) await this.#update(found, values);
    else await this.#begin(found, values);
    this.#renew = false;
    this.#ended = false;
  }

  /** A new id; the old one goes. */
  async #begin(old: FoundSession | undefined, own: JsonValues): Promise<void> {
    const { store, now, onId } = this.#home;
    let values = own;
    let isGone = false;
    const oldKey = old && (await sessionKey(old.id));
    if (oldKey !== undefined && !this.#ended) {
      const latest = await store.get(oldKey);
      const changes = changesBetween(this.#stored, own);
      // Another request has ended or renewed it: what it held is not brought back, what was put into it here is kept.
      isGone = latest === undefined;
      values = withChanges(latest ? toJsonValues(readData(latest.data)) : NONE, changes);
    }
    this.#found = undefined;
    if (values.size > 0) {
      const id = newSessionId();
      const createdAt = now();
      const record = this.#record(1, createdAt, values);
      if (!(await store.set(await sessionKey(id), record))) {
        throw new Error("the session store refused a new session");
      }
      this.#keep({ id, record }, values);
      onId(id, record.expiresAt);
      this.#clientHasId = true;
    } else if (isGone) {
      // The other request has told the client what to do with its cookie.
      this.#stored = NONE;
      this.data = readData("{}") as Partial<Data>;
    } else if (old !== undefined || (this.#ended && this.#clientHasId)) {
      // An unknown id alone is no reason: the answer to another request may just have replaced it.
      onId(undefined, 0);
      this.#clientHasId = false;
    }
    // Last: should the store fail before, the client still has a session.
    if (oldKey !== undefined) await store.delete(oldKey);
  }

  async #update(found: FoundSession, values: JsonValues): Promise<void> {
    const changes = changesBetween(this.#stored, values);
    if (changes.set.size > 0 || changes.removed.length > 0) await this.#merge(found, changes);
    else await this.#prolong(found);
  }

  async #merge({ id, record: known }: FoundSession, changes: SessionChanges): Promise<void> {
    const { store, onId } = this.#home;
    const key = await sessionKey(id);
    let latest: SessionRecord | undefined = known;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const values = withChanges(toJsonValues(readData(latest.data)), changes);
      const record = this.#record(latest.version + 1, latest.createdAt, values);
      if (await store.set(key, record)) {
        this.#keep({ id, record }, values);
        onId(id, record.expiresAt);
        return;
      }
      latest = await store.get(key);
      // Another request ended or renewed it: this one's changes end with it, and so does its say on cookies.
      if (latest === undefined) return;
    }
    throw new Error(`a session was saved by others ${MAX_ATTEMPTS} times in a row`);
  }

  async #prolong({ id, record }: FoundSession): Promise<void> {
    const { store, idleMs, onId } = this.#home;
    const expiresAt = this.#endOf(record.createdAt);
    if (expiresAt - record.expiresAt < idleMs / TOUCH_SHARE) return;
    await store.touch(await sessionKey(id), expiresAt);
    this.#found = { id, record: { ...record, expiresAt } };
    onId(id, expiresAt);
  }

  #keep(found: FoundSession, values: JsonValues): void {
    this.#found = found;
    this.#stored = values;
    // With what other requests have saved meanwhile.
    this.data = readData(found.record.data) as Partial<Data>;
  }

  #record(version: number, createdAt: number, values: JsonValues): SessionRecord {
    const expiresAt = this.#endOf(createdAt);
    return { version, createdAt, expiresAt, data: writeValues(values) };
  }

  #endOf(createdAt: number): number {
    const { idleMs, absoluteMs, now } = this.#home;
    return Math.min(now() + idleMs, createdAt + absoluteMs);
  }
}
