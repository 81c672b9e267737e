import { describe, expect, test } from "bun:test";
import type { Answer } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { BearerTokens } from "./bearer-auth.ts";
import { bearerAuth } from "./bearer-auth.ts";

const one = "aaaaaaaaaaaaaaaa1";
const two = "bbbb.bbbb_bbbb~bbbb+bbbb/bbbb==";

function asking(options: BearerTokens) {
  const app = new App().use(bearerAuth(options)).get("/", ({ vars }) => `<${vars.user.name}>`);
  return (authorization?: string): Promise<Answer> =>
    ask(app, "/", authorization === undefined ? {} : { headers: { authorization } });
}

describe("bearerAuth", () => {
  test("lets in who has a token, and says whose it is", async () => {
    const get = asking({ tokens: [one, { name: "ci", token: two }] });
    expect(await get(`Bearer ${one}`)).toMatchObject({ status: 200, body: "<>" });
    expect(await get(`bEARER  ${two}`)).toMatchObject({ status: 200, body: "<ci>" });
  });

  test("asks as RFC 6750 does", async () => {
    const get = asking({ realm: "api", tokens: [one] });
    const none = await get();
    expect([none.status, codeOf(none)]).toEqual([401, "token_missing"]);
    expect(none.headers["www-authenticate"]).toBe('Bearer realm="api"');
    const other = await get("Basic YTpi");
    expect([other.status, other.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="api"']);
    const wrong = await get(`Bearer ${one}x`);
    expect([wrong.status, codeOf(wrong)]).toEqual([401, "token_invalid"]);
    expect(wrong.headers["www-authenticate"]).toStartWith(
      'Bearer realm="api", error="invalid_token", error_description="',
    );
    for (const sent of ["Bearer", "Bearer ", `Bearer ${one} ${one}`, "Bearer a=b", "Bearer ä"]) {
      const malformed = await get(sent);
      expect([sent, malformed.status]).toEqual([sent, 400]);
      expect(malformed.headers["www-authenticate"]).toBe(
        'Bearer realm="api", error="invalid_request"',
      );
    }
    expect((await asking({ tokens: [one] })()).headers["www-authenticate"]).toBe("Bearer");
  });

  test("an old token is good until its time is over", async () => {
    let now = Date.UTC(2030, 0, 1) - 1;
    const get = asking({
      now: () => now,
      tokens: [
        { name: "ci", token: one, validUntil: new Date(Date.UTC(2030, 0, 1)) },
        { name: "ci", token: two },
      ],
    });
    expect((await get(`Bearer ${one}`)).status).toBe(200);
    now += 1;
    expect((await get(`Bearer ${one}`)).status).toBe(401);
    expect((await get(`Bearer ${two}`)).status).toBe(200);
  });

  test("a function says who it is, in its own type", async () => {
    const app = new App()
      .use(bearerAuth({ verify: (token) => (token === "7" ? { id: 7 } : null) }))
      .get("/", ({ vars }) => vars.user.id * 2);
    const get = (token: string) => ask(app, "/", { headers: { authorization: `Bearer ${token}` } });
    expect((await get("7")).body).toBe("14");
    expect((await get("8")).status).toBe(401);
  });

  test("refuses at start what cannot be", () => {
    for (const tokens of [
      [],
      undefined,
      ["short"],
      ["with spaces in between"],
      [undefined],
      [{ token: "ü".repeat(20) }],
      [{ token: one, validUntil: "never" }],
    ]) {
      expect(() => bearerAuth({ tokens: tokens as string[] })).toThrow(TypeError);
    }
    expect(() => bearerAuth({ tokens: [one], realm: "ü" })).toThrow("printable ASCII");
  });
});
