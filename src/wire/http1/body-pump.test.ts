import { expect, test } from "bun:test";
import type { Socket } from "../../runtime/socket.ts";
import type { Source } from "../source.ts";
import { BodyPump } from "./body-pump.ts";
import { Output } from "./output.ts";

/** A socket that takes everything. */
function taking() {
  const sent: string[] = [];
  const socket = {
    pendingBytes: 0,
    write(bytes: Uint8Array | string) {
      sent.push(typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1"));
      return true;
    },
  };
  return { socket: socket as unknown as Socket, sent };
}

test("a socket that takes more while a chunk is waited for does not make it ask for another", async () => {
  const { socket, sent } = taking();
  const waiting: ((chunk: Uint8Array | null) => void)[] = [];
  const source: Source = {
    size: 4,
    pull: () => new Promise((resolve) => waiting.push(resolve)),
    cancel() {},
  };
  const done = Promise.withResolvers<unknown>();
  const pump = new BodyPump(new Output(socket), "head ", source, "length", undefined, done.resolve);
  pump.run();
  pump.run();
  expect(waiting).toHaveLength(1);
  waiting[0]?.(Buffer.from("ab"));
  await Bun.sleep(0);
  pump.run();
  expect(waiting).toHaveLength(2);
  waiting[1]?.(Buffer.from("cd"));
  await Bun.sleep(0);
  waiting[2]?.(null);
  expect(await done.promise).toBeUndefined();
  expect(sent).toEqual(["head ", "ab", "cd"]);
});
