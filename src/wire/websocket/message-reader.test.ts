import { expect, test } from "bun:test";
import { encodeFrame } from "./frame-writer.ts";
import { MessageReader } from "./message-reader.ts";
import { Opcode } from "./opcode.ts";

function reader(told: string[], onMessage: (reader: MessageReader) => void = () => {}) {
  const one: MessageReader = new MessageReader(
    {
      message(data) {
        told.push(`message ${String(data)}`);
        onMessage(one);
      },
      ping: () => told.push("ping"),
      pong: () => told.push("pong"),
      close: (code) => told.push(`close ${code}`),
    },
    false,
    { messageBytes: 1_000, fragments: 10 },
    undefined,
  );
  return one;
}

const text = (data: string): Uint8Array => encodeFrame(Opcode.text, data, { masked: false });
const join = (...frames: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(frames.flatMap((frame) => [...frame]));

test("a pause stops between frames, and reading goes on where it was", () => {
  const told: string[] = [];
  const one = reader(told, (paused) => paused.pause());
  const chunk = join(text("a"), text("b"));
  expect(one.read(chunk)).toBe(3);
  expect(one.read(chunk, 3)).toBe(3);
  one.resume();
  expect(one.read(chunk, 3)).toBe(6);
  expect(told).toEqual(["message a", "message b"]);
});

test("nothing is read behind a close, not even after a resume", () => {
  const told: string[] = [];
  const one = reader(told);
  const close = encodeFrame(Opcode.close, new Uint8Array([3, 232]), { masked: false });
  const chunk = join(close, text("late"));
  expect(one.read(chunk)).toBe(4);
  one.resume();
  expect(one.read(chunk, 4)).toBe(4);
  expect(told).toEqual(["close 1000"]);
});
