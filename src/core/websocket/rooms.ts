import { PreparedMessage } from "./prepared-message.ts";
import type { RoomsBus } from "./rooms-bus.ts";
import { decodeRoomsMessage, encodeRoomsMessage } from "./rooms-bus.ts";

/** Rooms that several processes share. */
export interface RoomsOptions {
  /** Carries messages to the other processes, and theirs here. If left out, rooms are this process's own. */
  readonly bus?: RoomsBus;
  /** Tells these rooms from others on the same bus. Default `rooms`. */
  readonly channel?: string;
  /** Is told when a message could not be given to the bus. If left out it is written to the console. */
  readonly onError?: (error: unknown) => void;
}

/** What can be in a room. */
export interface RoomMember {
  /** @returns false when the member is too slow to take more */
  sendPrepared(message: PreparedMessage): boolean;
}

/**
 * Topics and who listens to them. A message is made into a frame once, however many listen.
 * @example
 * const rooms = new Rooms();
 * // in `open`: ws.subscribe("news"); anywhere else:
 * rooms.publish("news", "the water rises");
 */
export class Rooms {
  readonly #members = new Map<string, Set<RoomMember>>();
  readonly #topics = new Map<RoomMember, Set<string>>();
  readonly #self = crypto.randomUUID();
  readonly #bus: RoomsBus | undefined;
  readonly #channel: string;
  readonly #onError: (error: unknown) => void;
  readonly #unsubscribe: (() => void) | undefined;

  constructor({ bus, channel = "rooms", onError = console.error }: RoomsOptions = {}) {
    this.#bus = bus;
    this.#channel = channel;
    this.#onError = onError;
    this.#unsubscribe = bus?.subscribe(channel, (message) => {
      const found = decodeRoomsMessage(message, this.#self);
      if (found !== undefined) this.#deliver(found.topic, found.data, undefined);
    });
  }

  /** Hears no more of other processes. */
  close(): void {
    this.#unsubscribe?.();
  }

  /** How many topics somebody listens to. */
  get size(): number {
    return this.#members.size;
  }

  /** How many listen to a topic. */
  count(topic: string): number {
    return this.#members.get(topic)?.size ?? 0;
  }

  join(topic: string, member: RoomMember): void {
    let members = this.#members.get(topic);
    if (members === undefined) this.#members.set(topic, (members = new Set()));
    members.add(member);
    let topics = this.#topics.get(member);
    if (topics === undefined) this.#topics.set(member, (topics = new Set()));
    topics.add(topic);
  }

  leave(topic: string, member: RoomMember): void {
    this.#drop(topic, member);
    const topics = this.#topics.get(member);
    topics?.delete(topic);
    if (topics?.size === 0) this.#topics.delete(member);
  }

  /** Out of every room: the connection is gone. */
  leaveAll(member: RoomMember): void {
    const topics = this.#topics.get(member);
    if (topics === undefined) return;
    this.#topics.delete(member);
    for (const topic of topics) this.#drop(topic, member);
  }

  /**
   * Sends to everybody in a room, in every process that shares it.
   * @param except who is left out: usually the one it came from
   * @returns how many of this process it was sent to
   */
  publish(topic: string, data: string | Uint8Array, except?: RoomMember): number {
    this.#bus
      ?.publish(this.#channel, encodeRoomsMessage(this.#self, topic, data))
      .catch(this.#onError);
    return this.#deliver(topic, data, except);
  }

  #deliver(topic: string, data: string | Uint8Array, except: RoomMember | undefined): number {
    const members = this.#members.get(topic);
    if (members === undefined) return 0;
    const message = new PreparedMessage(data);
    let sent = 0;
    // A member that is too slow leaves the set while it is walked, which a Set allows.
    for (const member of members) {
      if (member === except) continue;
      member.sendPrepared(message);
      sent++;
    }
    return sent;
  }

  #drop(topic: string, member: RoomMember): void {
    const members = this.#members.get(topic);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(topic);
  }
}
