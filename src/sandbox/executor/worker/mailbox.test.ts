import { expect, test } from "bun:test";
import { createMailbox, MailboxReader, MailboxWriter } from "./mailbox.ts";

test("answers of any length go through the window", () => {
  const mailbox = createMailbox();
  const writer = new MailboxWriter(mailbox);
  const reader = new MailboxReader(mailbox);
  for (const length of [0, 1, 1000, 256 * 1024, 1_000_000]) {
    const value = new Uint8Array(length).map((_, i) => i * 7);
    // Both sides on one thread: each question is answered before it is waited for.
    const answer = reader.wait(
      () => writer.answer({ value }),
      () => writer.more(),
    );
    expect(answer).toEqual({ value });
  }
  const error = { name: "HostFault", message: "no", bound: null, detail: "EIO" };
  expect(
    reader.wait(
      () => writer.answer({ error }),
      () => writer.more(),
    ),
  ).toEqual({ error });
});
