import { afterAll, beforeAll, expect, test } from "bun:test";
import { chromium } from "playwright-core";
import { app } from "../../examples/websocket/chat.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { lacks } from "../support/programs.ts";
import { until } from "./raw-socket.ts";

let server: Server;
beforeAll(async () => {
  server = await serve(app, { port: 0, host: "127.0.0.1" });
});
afterAll(() => server.close());

async function join(name: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rooms/kitchen?name=${name}`);
  const heard: string[] = [];
  socket.onmessage = ({ data }) => {
    const { from, text } = JSON.parse(String(data)) as { from: string; text: string };
    heard.push(`${from}: ${text}`);
  };
  await new Promise((resolve) => (socket.onopen = resolve));
  return { socket, heard };
}

test("two sockets and a POST in a room, and what is not taken", async () => {
  const ann = await join("Ann");
  const ben = await join("Ben");
  await until(() => ann.heard.length === 1);
  ann.socket.send(JSON.stringify({ text: " hello " }));
  ben.socket.send(JSON.stringify({ text: "" }));
  await until(() => ann.heard.length === 2 && ben.heard.length === 2);
  const url = `http://127.0.0.1:${server.port}/rooms/kitchen`;
  const answer = await fetch(url, { method: "POST", body: "dinner" });
  expect(await answer.json()).toEqual({ heard: 2 });
  ben.socket.close();
  await until(() => ann.heard.length === 4);
  expect(ann.heard).toEqual([
    ": Ben has come",
    "Ann: hello",
    "the house: dinner",
    ": Ben has left",
  ]);
  expect(ben.heard.filter((line) => line.startsWith(": not sent"))).toHaveLength(1);
  ann.socket.close();
});

test.skipIf(lacks("chromium"))(
  "its page in Chromium",
  async () => {
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    try {
      const pages = [await browser.newPage(), await browser.newPage()];
      for (const [i, page] of pages.entries()) {
        await page.goto(`http://127.0.0.1:${server.port}/?name=window${i}`);
        await page.waitForSelector("[data-open]");
      }
      await pages[0]?.fill("input", "<b>hello</b>");
      await pages[0]?.click("button");
      await pages[1]?.waitForSelector("li");
      expect(await pages[1]?.textContent("li:last-child")).toBe("window0: <b>hello</b>");
    } finally {
      await browser.close();
    }
  },
  60_000,
);
