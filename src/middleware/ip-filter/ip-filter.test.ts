import { expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { trustedProxy } from "../trusted-proxy/trusted-proxy.ts";
import type { IpFilterOptions } from "./ip-filter.ts";
import { ipFilter } from "./ip-filter.ts";

async function status(options: IpFilterOptions, from: string): Promise<number> {
  return (
    await ask(
      new App().use(ipFilter(options)).get("/", () => "in"),
      "/",
      { from },
    )
  ).status;
}

test("lets in whom it allows", async () => {
  const options = { allow: ["192.0.2.0/24", "2001:db8::/32"] };
  for (const ip of ["192.0.2.200", "::ffff:192.0.2.1", "2001:db8::1"])
    expect(await status(options, ip)).toBe(200);
  for (const ip of ["192.0.3.1", "2001:db9::1", "", "unix"])
    expect(await status(options, ip)).toBe(403);
});

test("keeps out whom it denies, even of those it allows", async () => {
  const deny = ["10.0.66.0/24", "::1"];
  for (const ip of ["10.0.66.1", "::1", "::ffff:10.0.66.9", "", "rubbish"])
    expect([ip, await status({ deny }, ip)]).toEqual([ip, 403]);
  for (const ip of ["10.0.67.1", "2001:db8::1"]) expect(await status({ deny }, ip)).toBe(200);
  expect(await status({ allow: ["10.0.0.0/8"], deny }, "10.0.66.1")).toBe(403);
  expect(await status({ allow: ["10.0.0.0/8"], deny }, "10.0.1.1")).toBe(200);
  expect(await status({ allow: [] }, "10.0.1.1")).toBe(403);
});

test("says so, and stands around what is missing as well", async () => {
  const answer = await ask(new App().use(ipFilter({ deny: ["192.0.2.1"] })), "/nothing");
  expect(codeOf(answer)).toBe("address_refused");
});

test("goes by the trusted proxy, never by a header alone", async () => {
  const app = new App()
    .use(trustedProxy({ trust: ["10.0.0.1"] }), ipFilter({ allow: ["192.0.2.7"] }))
    .get("/", () => "in");
  const headers = { "X-Forwarded-For": "192.0.2.7" };
  expect((await ask(app, "/", { from: "10.0.0.1", headers })).status).toBe(200);
  expect((await ask(app, "/", { from: "203.0.113.1", headers })).status).toBe(403);
});

test("refuses to be pointless or wrong", () => {
  expect(() => ipFilter({})).toThrow("give allow or deny");
  expect(() => ipFilter({ deny: [] })).toThrow("give allow or deny");
  expect(() => ipFilter({ allow: ["10.0.0.0/8", "office"] })).toThrow('"office"');
});
