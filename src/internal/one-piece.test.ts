import { expect, test } from "bun:test";
import { onePiece } from "./one-piece.ts";

test("a text stays what it was, however it was put together", () => {
  let text = "";
  for (let i = 0; i < 100; i++) text += `${i}: ${"é".repeat(i)}\r\n`;
  expect(onePiece(text)).toBe(text);
  expect(onePiece("")).toBe("");
});
