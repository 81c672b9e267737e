import { describe, expect, test } from "bun:test";
import type { Answer } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { BasicUsers } from "./basic-auth.ts";
import { basicAuth } from "./basic-auth.ts";

const bcrypt = "$2b$04$QGbR3vRYDGIQd0n6kfKJx.2s/RPLoRDJLMcC955.0VeYZhBXCyRT2";
const argon2 =
  "$argon2id$v=19$m=64,t=1,p=1$MePqzBVmauzXIT5VTPAvFUQMpJb8pDkyYVYhLECjU4k$PjTPpZCmHCM5haln7fUVxpL9gYxpHZOkZxDswsLJrbQ";
const sha256 = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
const basic = (text: string) => `Basic ${base64(text)}`;

function asking(options: BasicUsers) {
  const app = new App().use(basicAuth(options)).get("/", ({ vars }) => vars.user.username);
  return (authorization?: string): Promise<Answer> =>
    ask(app, "/", authorization === undefined ? {} : { headers: { authorization } });
}

describe("basicAuth", () => {
  test("lets in who has a name and password, and says who it is", async () => {
    const get = asking({
      users: [
        { username: "ada", password: "pass:word" },
        { username: "zoë", password: "пароль" },
      ],
    });
    expect(await get(basic("ada:pass:word"))).toMatchObject({ status: 200, body: "ada" });
    expect(await get(basic("zoë:пароль"))).toMatchObject({ status: 200, body: "zoë" });
    // The same letters written in another form of Unicode (RFC 7617 2.1).
    expect((await get(basic("zoe\u0308:пароль"))).status).toBe(200);
    // The scheme has no case; more than one space is allowed.
    for (const scheme of ["basic ", "BASIC ", "Basic   "]) {
      expect((await get(scheme + base64("ada:pass:word"))).status).toBe(200);
    }
    // Padding is left out by some clients.
    expect((await get(basic("ada:pass:word").replace(/=+$/, ""))).status).toBe(200);
    for (const wrong of ["ada:", "ada:пароль", "ada:pass", ":", "zoë:pass:word", "ADA:pass:word"]) {
      expect([wrong, (await get(basic(wrong))).status]).toEqual([wrong, 401]);
    }
  });

  test("asks for them with its realm, quoted", async () => {
    const get = asking({ realm: 'The "back\\office"', users: [{ username: "a", password: "b" }] });
    const challenge = 'Basic realm="The \\"back\\\\office\\"", charset="UTF-8"';
    for (const sent of [undefined, "Basic", basic("a:c"), "Bearer abc", "Basic \u00ff"]) {
      const answer = await get(sent);
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe(challenge);
      expect(codeOf(answer)).toBe(
        sent === undefined ? "credentials_missing" : "credentials_invalid",
      );
    }
  });

  test("fields that mean nothing, or two things, are refused", async () => {
    const get = asking({ users: [{ username: "a", password: "b" }] });
    const latin1 = `Basic ${Buffer.from("a\u00e9:b", "latin1").toString("base64")}`;
    for (const sent of [
      "",
      " ",
      "Basic ",
      "Basic  ",
      "Basic YQ", // no colon
      "Basic YTpi=", // wrong padding
      "Basic YTp i",
      "Basic YTpi YTpi",
      "Basic YTpi,Basic YTpi",
      `Basic ${base64("a:b\0")}`,
      `Basic ${base64("a:b\n")}`,
      `Basic ${"A".repeat(100_000)}`,
      "Basic\tYTpi",
      "B(asic YTpi",
      latin1,
    ]) {
      expect([sent.slice(0, 40), (await get(sent)).status]).toEqual([sent.slice(0, 40), 401]);
    }
    const app = new App().use(basicAuth({ users: [{ username: "a", password: "b" }] }));
    const twice = [
      ["authorization", basic("a:b")],
      ["Authorization", basic("a:b")],
    ] as const;
    expect(
      (
        await ask(
          app.get("/", () => "in"),
          "/",
          { headers: twice },
        )
      ).status,
    ).toBe(401);
  });

  test("an old password is good until its time is over", async () => {
    let now = Date.parse("2030-01-31T11:59:59Z");
    const get = asking({
      now: () => now,
      users: [
        { username: "ada", password: "old", validUntil: "2030-01-31T12:00:00Z" },
        { username: "ada", password: "new" },
      ],
    });
    expect((await get(basic("ada:old"))).status).toBe(200);
    expect((await get(basic("ada:new"))).status).toBe(200);
    now += 1000;
    expect((await get(basic("ada:old"))).status).toBe(401);
    expect((await get(basic("ada:new"))).status).toBe(200);
  });

  test("reads files of htpasswd", async () => {
    const get = asking({
      htpasswd: `# staff\r\nb:${bcrypt}\r\n\r\na:${argon2}\ns:${sha256}\no:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n`,
    });
    const right = ["b:bcrypt-pw", "a:argon-pw", "s:Hello world!", "o:secret"];
    // Twice: the second time nothing is hashed anew.
    for (const pair of [...right, ...right]) {
      expect([pair, (await get(basic(pair))).status]).toEqual([pair, 200]);
    }
    for (const pair of ["b:argon-pw", "a:x", "s:", "o:Secret", "nobody:secret", "#:x", ":x"]) {
      expect([pair, (await get(basic(pair))).status]).toEqual([pair, 401]);
    }
    expect((await get(basic(`s:${"x".repeat(5000)}`))).status).toBe(401);
  });

  test("says at start which lines of a file it cannot use, and shows no hash", () => {
    const htpasswd = `a:$apr1$mEDZ5bZl$Zy1\nb\nc:plain\nd:$2y$10$short\ne:{SHA}x\nf:$5$x\ng:$5$rounds=900000$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5\nh:${bcrypt}\nh:${bcrypt}\n:${bcrypt}`;
    let message = "";
    try {
      basicAuth({ htpasswd });
    } catch (error) {
      message = (error as Error).message;
    }
    for (const line of [1, 2, 3, 4, 5, 6, 7, 9, 10]) expect(message).toContain(`line ${line}: `);
    expect(message).not.toContain("line 8:");
    expect(message).toContain("line 1: its hash is of MD5, which is not safe any more");
    expect(message).toContain("htpasswd -B");
    for (const secret of ["mEDZ5bZl", "plain", "short", bcrypt]) {
      expect(message).not.toContain(secret);
    }
    expect(() => basicAuth({ htpasswd: "# nobody\n" })).toThrow("names no user");
  });

  test("a function says who it is, in its own type", async () => {
    const app = new App()
      .use(
        basicAuth({
          verify: async (username, password, c) =>
            password === `${username}!` && c.path === "/" ? { id: username.length } : undefined,
        }),
      )
      .get("/", ({ vars }) => vars.user.id + 1);
    const get = (pair: string) => ask(app, "/", { headers: { authorization: basic(pair) } });
    expect(await get("ada:ada!")).toMatchObject({ status: 200, body: "4" });
    expect((await get("ada:ada")).status).toBe(401);
  });

  test("control characters reach no function (RFC 7617 2)", async () => {
    const app = new App().use(basicAuth({ verify: () => ({}) })).get("/", () => "in");
    const get = async (pair: string) =>
      (await ask(app, "/", { headers: { authorization: basic(pair) } })).status;
    expect(await get("a:b")).toBe(200);
    for (const pair of ["a\0:b", "a:b\r\nX: y", "a\t:b", "a:\x7f"])
      expect(await get(pair)).toBe(401);
  });

  test("stands at one route too", async () => {
    const guard = basicAuth({ users: [{ username: "a", password: "b" }] });
    const app = new App()
      .get("/open", () => "open")
      .get("/shut", { use: [guard] }, ({ vars }) => vars.user.username);
    expect((await ask(app, "/open")).status).toBe(200);
    expect((await ask(app, "/shut")).status).toBe(401);
    const headers = { authorization: basic("a:b") };
    expect((await ask(app, "/shut", { headers })).body).toBe("a");
  });

  test("refuses at start what cannot be", () => {
    const user = { username: "a", password: "b" };
    const missing = undefined as unknown as string;
    for (const options of [
      {},
      { users: [] },
      { users: [user], htpasswd: `a:${bcrypt}` },
      { users: [{ username: "a:b", password: "c" }] },
      { users: [{ username: "", password: "c" }] },
      { users: [{ username: "a", password: "" }] },
      { users: [{ username: "a", password: missing }] },
      { users: [{ ...user, validUntil: "soon" }] },
      { users: [user], realm: "Büro" },
      { users: [user], realm: 'a"\r\nSet-Cookie: a=b' },
    ] as BasicUsers[]) {
      expect(() => basicAuth(options)).toThrow(TypeError);
    }
  });
});
