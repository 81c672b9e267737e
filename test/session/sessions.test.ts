import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { HttpError } from "../../src/core/errors.ts";
import { FileSessions } from "../../src/session/file-sessions.ts";
import { MemorySessions } from "../../src/session/memory-sessions.ts";
import type { SessionStore } from "../../src/session/session-store.ts";
import type { SessionOptions } from "../../src/session/sessions.ts";
import { sessions } from "../../src/session/sessions.ts";
import { SqliteSessions } from "../../src/session/sqlite-sessions.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-sessions-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Data {
  user: string;
  cart: string[];
  count: number;
}

let clock = 1_700_000_000_000;
const now = () => clock;
const HOUR = 3_600_000;

/** Lets a request wait inside its handler until the test says so. */
class Gate {
  readonly #waiting = new Map<string, { arrived: () => void; go: Promise<void> }>();
  readonly #open = new Map<string, () => void>();

  /** @returns when the request has arrived, and lets it go on */
  hold(name: string): { arrived: Promise<void>; release: () => void } {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const { promise: go, resolve: release } = Promise.withResolvers<void>();
    this.#waiting.set(name, { arrived: resolve, go });
    this.#open.set(name, release);
    return { arrived, release };
  }

  async pass(name: string): Promise<void> {
    const found = this.#waiting.get(name);
    found?.arrived();
    await found?.go;
  }
}

function appOf(options: SessionOptions = {}) {
  const store: SessionStore = options.store ?? new MemorySessions({ now });
  const gate = new Gate();
  const app = new App()
    .use(sessions<Data>({ idle: "1h", absolute: "10h", ...options, store, now }))
    .get("/read", ({ vars }) => ({ ...vars.session.data }))
    .get("/set/:key/:value", async ({ vars, params }) => {
      (vars.session.data as Record<string, unknown>)[params.key] = params.value;
      await gate.pass(params.key);
      return "ok";
    })
    .get("/remove/:key", ({ vars, params }) => {
      delete (vars.session.data as Record<string, unknown>)[params.key];
      return "ok";
    })
    .get("/push/:item", ({ vars, params }) => {
      (vars.session.data.cart ??= []).push(params.item);
      return "ok";
    })
    .get("/sign-in/:user", ({ vars, params }) => {
      vars.session.data.user = params.user;
      vars.session.regenerate();
      return String(vars.session.isNew);
    })
    .get("/renew/:name", async ({ vars, params }) => {
      await gate.pass(params.name);
      if (params.name === "counted") vars.session.data.count = 1;
      vars.session.regenerate();
      await vars.session.save();
      return { ...vars.session.data };
    })
    .get("/sign-out", ({ vars }) => {
      vars.session.destroy();
      return "bye";
    })
    .get("/notice", ({ vars }) => {
      vars.session.destroy();
      vars.session.flash("notice", "signed out");
      return "bye";
    })
    .get("/take", ({ vars }) => String(vars.session.takeFlash("notice")))
    .get("/fail", ({ vars }) => {
      vars.session.data.count = (vars.session.data.count ?? 0) + 1;
      throw new HttpError(401, "wrong_password", "Try again.");
    })
    .get("/function", ({ vars }) => {
      vars.session.data.user = (() => {}) as unknown as string;
      return "never";
    })
    .get("/late", async ({ vars }) => {
      vars.session.data.count = 1;
      await vars.session.save();
      vars.session.data.count = 2;
      return "ok";
    });
  return { app, store, gate };
}

type Parts = ReturnType<typeof appOf>;

/** A browser with one cookie. */
class Browser {
  cookie: string | undefined;
  setCookie: string | null = null;
  readonly #app: Parts["app"];
  readonly #origin: string;

  constructor({ app }: Parts, origin = "http://localhost") {
    this.#app = app;
    this.#origin = origin;
  }

  async get(path: string, cookie = this.cookie): Promise<string> {
    const headers = cookie === undefined ? {} : { Cookie: cookie };
    const response = await this.#app.fetch(new Request(this.#origin + path, { headers }));
    this.setCookie = response.headers.get("set-cookie");
    if (this.setCookie !== null) {
      const pair = this.setCookie.split(";")[0] as string;
      this.cookie = this.setCookie.includes("Max-Age=0;") ? undefined : pair;
    }
    return response.text();
  }

  async read(cookie = this.cookie): Promise<unknown> {
    return JSON.parse(await this.get("/read", cookie));
  }
}

let count = 0;
const stores: [string, () => SessionStore][] = [
  ["memory", () => new MemorySessions({ now })],
  ["file", () => new FileSessions(join(root, `f${count++}`), { now })],
  ["sqlite", () => new SqliteSessions(join(root, `${count++}.db`), { now })],
];

describe.each(stores)("with sessions in %s", (_, store) => {
  const start = () => {
    const parts = appOf({ store: store() });
    return { ...parts, browser: new Browser(parts) };
  };

  test("values come back, changes inside them too", async () => {
    const { browser } = start();
    expect(await browser.read()).toEqual({});
    expect(browser.setCookie).toBeNull();
    await browser.get("/set/user/ann");
    await browser.get("/push/apple");
    await browser.get("/push/pear");
    expect(await browser.read()).toEqual({ user: "ann", cart: ["apple", "pear"] });
    await browser.get("/remove/cart");
    expect(await browser.read()).toEqual({ user: "ann" });
  });

  test("requests at the same time keep each other's keys", async () => {
    const { browser, gate } = start();
    await browser.get("/set/base/1");
    const keys = ["a", "b", "c"];
    const gates = keys.map((key) => gate.hold(key));
    const answers = keys.map((key) => browser.get(`/set/${key}/1`));
    await Promise.all(gates.map(({ arrived }) => arrived));
    // One removes what the others know, while they are under way.
    await browser.get("/remove/base");
    for (const { release } of gates) release();
    await Promise.all(answers);
    expect(await browser.read()).toEqual({ a: "1", b: "1", c: "1" });
  });

  test("signing in changes the id, keeps the data and ends the old session", async () => {
    const { browser } = start();
    await browser.get("/set/cart/x");
    const before = browser.cookie as string;
    expect(await browser.get("/sign-in/ann")).toBe("false");
    expect(browser.cookie).not.toBe(before);
    expect(await browser.read()).toEqual({ cart: "x", user: "ann" });
    expect(await browser.read(before)).toEqual({});
  });

  test("signing out ends it, whatever runs at the same time", async () => {
    const { browser, gate } = start();
    await browser.get("/sign-in/ann");
    const old = browser.cookie as string;
    const { arrived, release } = gate.hold("a");
    const slow = browser.get("/set/a/1");
    await arrived;
    await browser.get("/sign-out");
    expect(browser.cookie).toBeUndefined();
    release();
    await slow;
    // Neither did it come back, nor was another cookie touched.
    expect(browser.setCookie).toBeNull();
    expect(await browser.read(old)).toEqual({});
  });

  test("signing out ends it, though a request that began before takes another id", async () => {
    for (const name of ["plain", "counted"]) {
      const { browser, gate } = start();
      await browser.get("/sign-in/ann");
      const { arrived, release } = gate.hold(name);
      const thief = browser.get(`/renew/${name}`);
      await arrived;
      await browser.get("/sign-out");
      release();
      // Nothing of the old one came back; what was put into it after is kept, and only then there is a cookie.
      const kept = name === "counted" ? { count: 1 } : {};
      expect(JSON.parse(await thief)).toEqual(kept);
      expect(browser.setCookie === null).toBe(name === "plain");
      expect(await browser.read()).toEqual(kept);
    }
  });

  test("it ends when it is idle, and lives on while it is used", async () => {
    const { browser } = start();
    await browser.get("/set/user/ann");
    for (let i = 0; i < 5; i++) {
      clock += 0.9 * HOUR;
      expect(await browser.read()).toEqual({ user: "ann" });
      expect(browser.setCookie).toContain("Max-Age=3600;");
    }
    clock += HOUR;
    expect(await browser.read()).toEqual({});
  });

  test("it ends after its absolute time however much it is used", async () => {
    const { browser } = start();
    await browser.get("/set/user/ann");
    for (let i = 0; i < 19; i++) {
      clock += HOUR / 2;
      expect(await browser.read()).toEqual({ user: "ann" });
      await browser.get(`/set/count/${i}`);
      await browser.get("/remove/count");
    }
    expect(browser.setCookie).toContain("Max-Age=1800;");
    clock += HOUR / 2;
    expect(await browser.read()).toEqual({});
  });
});

describe("a session", () => {
  test("is not begun for whoever brings an id of his own (fixation)", async () => {
    const parts = appOf();
    const chosen = `session=${"A".repeat(43)}`;
    const browser = new Browser(parts);
    expect(await browser.read(chosen)).toEqual({});
    // A request that was sent before another was answered must not undo the new cookie.
    expect(browser.setCookie).toBeNull();
    await browser.get("/sign-in/ann", chosen);
    expect(browser.cookie).not.toBe(chosen);
    expect(await browser.read(chosen)).toEqual({});
    for (const junk of ["session=", "session=../../x", `session=${"x".repeat(4000)}`, "session"]) {
      expect(await browser.read(junk)).toEqual({});
    }
  });

  test("is found behind cookies that were tossed in", async () => {
    const parts = appOf();
    const browser = new Browser(parts);
    await browser.get("/sign-in/ann");
    const tossed = `session=${"A".repeat(43)}; session=junk; ${browser.cookie}`;
    expect(await browser.read(tossed)).toEqual({ user: "ann" });
  });

  test("keeps a flash value until it is taken, once", async () => {
    const browser = new Browser(appOf());
    await browser.get("/sign-in/ann");
    const old = browser.cookie;
    await browser.get("/notice");
    expect(browser.cookie).not.toBe(old);
    expect(await browser.get("/take")).toBe("signed out");
    expect(await browser.get("/take")).toBe("undefined");
  });

  test("is saved when the handler throws", async () => {
    const browser = new Browser(appOf());
    expect(await browser.get("/fail")).toContain("wrong_password");
    await browser.get("/fail");
    expect(await browser.read()).toEqual({ count: 2 });
  });

  test("can be saved before the answer", async () => {
    const browser = new Browser(appOf());
    await browser.get("/late");
    expect(await browser.read()).toEqual({ count: 2 });
  });

  test("holds names of the prototype as names", async () => {
    const browser = new Browser(appOf());
    await browser.get("/set/__proto__/x");
    await browser.get("/set/constructor/y");
    const data = JSON.parse(await browser.get("/read")) as object;
    expect(Object.entries(data)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  test("holds JSON, and says so", async () => {
    const { app } = appOf();
    const response = await app.fetch(new Request("http://localhost/function"));
    expect(response.status).toBe(500);
  });

  test("a store that fails is a 500, and not a sign-out", async () => {
    const store = new MemorySessions({ now });
    const browser = new Browser(appOf({ store }));
    await browser.get("/sign-in/ann");
    const good = browser.cookie as string;
    const get = store.get.bind(store);
    store.get = async () => {
      throw new Error("disk failure");
    };
    expect(await browser.get("/read")).toContain("internal");
    expect(browser.setCookie).toBeNull();
    store.get = get;
    expect(await browser.read(good)).toEqual({ user: "ann" });
  });

  test("is removed from the store in time, without being asked for", async () => {
    const store = new MemorySessions({ now });
    let purges = 0;
    const purge = store.purge.bind(store);
    store.purge = async () => {
      purges++;
      return purge();
    };
    const browser = new Browser(appOf({ store, purgeEvery: "10m" }));
    await browser.get("/read");
    expect(purges).toBe(0);
    clock += 11 * 60_000;
    await browser.get("/read");
    await browser.get("/read");
    expect(purges).toBe(1);
  });
});

describe("the cookie", () => {
  const cookieOf = async (origin: string, options: SessionOptions = {}) => {
    const browser = new Browser(appOf(options), origin);
    await browser.get("/set/a/1");
    return (browser.setCookie as string).replace(/=[A-Za-z0-9_-]{43};/, "=ID;");
  };

  test("is as careful as the connection allows", async () => {
    expect(await cookieOf("https://localhost")).toBe(
      "__Host-session=ID; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax",
    );
    expect(await cookieOf("http://localhost")).toBe(
      "session=ID; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax",
    );
  });

  test("is what the options say", async () => {
    const cookie = { domain: "example.com", sameSite: "strict", persistent: false } as const;
    expect(await cookieOf("https://localhost", { cookie })).toBe(
      "__Secure-session=ID; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Strict",
    );
    expect(await cookieOf("http://localhost", { cookie: { name: "sid", path: "/app" } })).toBe(
      "sid=ID; Max-Age=3600; Path=/app; HttpOnly; SameSite=Lax",
    );
    expect(await cookieOf("http://localhost", { cookie: { secure: true } })).toStartWith(
      "__Host-session=ID; Max-Age=3600; Path=/; Secure",
    );
  });

  test("holds no id that the store could be searched with", async () => {
    const keys: string[] = [];
    const store = new MemorySessions({ now });
    const set = store.set.bind(store);
    store.set = async (key, record) => {
      keys.push(key);
      return set(key, record);
    };
    const browser = new Browser(appOf({ store }));
    await browser.get("/sign-in/ann");
    const id = (browser.cookie as string).slice("session=".length);
    expect(keys).toEqual([new Bun.CryptoHasher("sha256").update(id).digest("hex")]);
  });
});

test("durations that are none are refused at the start", () => {
  expect(() => sessions({ idle: "soon" })).toThrow("not a duration");
});
