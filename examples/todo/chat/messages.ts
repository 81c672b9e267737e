import type { Database } from "bun:sqlite";
import { z } from "zod";

export const Message = z.object({ author: z.string(), text: z.string(), sentAt: z.iso.datetime() });
export type Message = z.infer<typeof Message>;

/** What was said in the chat room. */
export class Messages {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(author: string, text: string): Message {
    const message = { author, text, sentAt: new Date().toISOString() };
    const insert = "INSERT INTO messages (author, text, sentAt) VALUES ($author, $text, $sentAt)";
    this.#db.query(insert).run(message);
    return message;
  }

  /** The last ones, the oldest of them first. */
  latest(count: number): Message[] {
    const select = "SELECT author, text, sentAt FROM messages ORDER BY id DESC LIMIT ?";
    return this.#db.query<Message, [number]>(select).all(count).toReversed();
  }
}
