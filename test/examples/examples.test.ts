import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { serving, sluice } from "../cli/cli.ts";

const folder = new URL("../../examples", import.meta.url).pathname;

interface Asked {
  path: string;
  host?: string;
  status: number;
  /** Part of the body. */
  body?: string;
  headers?: Record<string, string>;
}

/** What each example promises. */
const examples: Record<string, Asked[]> = {
  "spa.toml": [
    { path: "/some/where", status: 200, body: "<!doctype html>" },
    { path: "/missing.js", status: 404 },
    { path: "/api/missing", status: 404 },
  ],
  "virtual-hosts.toml": [
    {
      path: "/a?b=c",
      host: "example.test",
      status: 308,
      headers: { location: "http://www.example.test/a?b=c" },
    },
    { path: "/style.css", host: "www.example.test", status: 200 },
    { path: "/nowhere", host: "www.example.test", status: 404, body: "<!doctype html>" },
    { path: "/", host: "a.preview.example.test", status: 200, body: "A preview\n" },
    { path: "/", host: "other.test", status: 404, body: "no such host" },
  ],
  "https.toml": [
    { path: "/", status: 200, headers: { "strict-transport-security": "max-age=300" } },
    { path: "/nowhere", status: 404, body: "<!doctype html>" },
  ],
  "downloads.toml": [
    { path: "/", status: 302, headers: { location: "/files/" } },
    { path: "/files/", status: 200, body: "levels.csv" },
    { path: "/files/levels.csv", status: 200, body: "date," },
    { path: "/readyz", status: 200 },
  ],
};

test("every example is asked something", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".toml"));
  expect(files.sort()).toEqual(Object.keys(examples).sort());
});

for (const [name, asked] of Object.entries(examples)) {
  test(`${name} is right and does what it says`, async () => {
    expect(await sluice(["check", name], folder)).toMatchObject({ code: 0 });
    const server = await serving(["-c", name, "--port", "0"], folder);
    try {
      for (const { path, host, status, body = "", headers = {} } of asked) {
        const answer = await fetch(server.url + path, {
          redirect: "manual",
          tls: { rejectUnauthorized: false },
          headers: host === undefined ? {} : { host },
        });
        expect({ path, status: answer.status }).toEqual({ path, status });
        expect((await answer.text()).toLowerCase()).toContain(body.toLowerCase());
        expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
      }
    } finally {
      expect(await server.stop()).toBe(0);
    }
  }, 30_000);
}
