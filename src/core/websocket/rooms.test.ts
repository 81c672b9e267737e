import { describe, expect, test } from "bun:test";
import { MemoryStore } from "../../store/memory-store.ts";
import { rawDeflate } from "../../runtime/deflate.ts";
import { PerMessageDeflate } from "../../wire/websocket/permessage-deflate.ts";
import type { MessageStyle } from "./prepared-message.ts";
import { PreparedMessage } from "./prepared-message.ts";
import type { RoomMember } from "./rooms.ts";
import { Rooms } from "./rooms.ts";

class Listener implements RoomMember {
  readonly heard: (string | Uint8Array)[] = [];
  sendPrepared({ data }: PreparedMessage): boolean {
    this.heard.push(data);
    return true;
  }
}

describe("rooms", () => {
  test("members that leave while they are sent to", () => {
    const rooms = new Rooms();
    const stays = new Listener();
    const leaves: RoomMember = {
      sendPrepared() {
        rooms.leaveAll(leaves);
        return false;
      },
    };
    rooms.join("a", leaves);
    rooms.join("a", stays);
    rooms.join("b", leaves);
    expect(rooms.publish("a", "one")).toBe(2);
    expect(rooms.publish("a", "two")).toBe(1);
    expect(rooms.size).toBe(1);
    expect(stays.heard).toEqual(["one", "two"]);
    rooms.leave("a", stays);
    rooms.leave("a", stays);
    rooms.leave("never", stays);
    expect(rooms.size).toBe(0);
  });

  test("over a store: every process hears it once, text and bytes", async () => {
    const store = new MemoryStore();
    const [one, two] = [new Rooms({ bus: store }), new Rooms({ bus: store })];
    const other = new Rooms({ bus: store, channel: "other" });
    const [a, b, c] = [new Listener(), new Listener(), new Listener()];
    one.join("news", a);
    two.join("news", b);
    other.join("news", c);
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i & 0xff);
    expect(one.publish("news", "hello")).toBe(1);
    one.publish("news", bytes);
    one.publish("nothing", "unheard");
    await Bun.sleep(1);
    expect(a.heard).toEqual(["hello", bytes]);
    expect(b.heard).toEqual(["hello", bytes]);
    expect(c.heard).toEqual([]);
    two.close();
    one.publish("news", "late");
    await Bun.sleep(1);
    expect(b.heard).toHaveLength(2);
    store.close();
  });

  test("a bus that fails, or carries what is not ours, harms nobody", async () => {
    const errors: unknown[] = [];
    let tell: (message: unknown) => void = () => {};
    const rooms = new Rooms({
      bus: {
        publish: () => Promise.reject(new Error("away")),
        subscribe(_channel, listener) {
          tell = listener;
          return () => {};
        },
      },
      onError: (error) => errors.push(error),
    });
    const listener = new Listener();
    rooms.join("a", listener);
    expect(rooms.publish("a", "here")).toBe(1);
    await Bun.sleep(0);
    expect(errors).toHaveLength(1);
    for (const wrong of [null, 1, "a", {}, { topic: "a" }, { topic: 1, text: "x" }]) tell(wrong);
    tell({ from: "b", topic: "a", text: "there" });
    expect(listener.heard).toEqual(["here", "there"]);
  });
});

describe("a message for many", () => {
  const plain: MessageStyle = { masked: false, codec: undefined, threshold: 0, name: "" };
  const codec = new PerMessageDeflate(rawDeflate, { windowBits: 15 });
  const deflate: MessageStyle = { masked: false, codec, threshold: 10, name: "15" };

  test("is made into a frame once for each style", () => {
    const message = new PreparedMessage("water ".repeat(100));
    expect(message.frame(plain)).toBe(message.frame({ ...plain }));
    expect(message.frame(deflate)).toBe(message.frame({ ...deflate }));
    expect(message.frame(deflate)).not.toBe(message.frame(plain));
    expect(message.frame(deflate).byteLength).toBeLessThan(100);
  });

  test("is not compressed where that gains nothing, and never shared when it is masked", () => {
    const short = new PreparedMessage("short");
    expect(short.frame(deflate)).toBe(short.frame(plain));
    const noise = crypto.getRandomValues(new Uint8Array(500));
    expect(new PreparedMessage(noise).frame(deflate)).toHaveLength(504);
    const masked = { ...plain, masked: true };
    expect(short.frame(masked)).not.toBe(short.frame(masked));
  });
});
