import { describe, expect, test } from "bun:test";
import { App, sourceFrom, token } from "../../src/index.ts";
import { ask } from "./ask.ts";

interface Mailer {
  send(to: string): string;
}

describe("services", () => {
  test("are made once, in order, awaited, from each other, and ended in reverse", async () => {
    const log: string[] = [];
    const mailer = token<Mailer>()("mailer");
    const app = new App()
      .provide("db", async () => (log.push("+db"), { rows: [1, 2] }), {
        dispose: () => log.push("-db"),
      })
      .provide("count", ({ db }) => (log.push("+count"), db.rows.length), {
        dispose: () => log.push("-count"),
      })
      .provide(mailer, () => (log.push("+mailer"), { send: (to) => `mail to ${to}` }))
      .get("/", ({ deps: { db, count } }) => ({ db, count }))
      .get("/mail", ({ deps }) => deps.mailer.send("Ada"));
    expect((await ask(app, "/")).json).toEqual({ db: { rows: [1, 2] }, count: 2 });
    expect((await ask(app, "/mail")).text).toBe("mail to Ada");
    expect(log).toEqual(["+db", "+count", "+mailer"]);
    await app.stop();
    expect(log.slice(3)).toEqual(["-count", "-db"]);
    // Asked again, they are made again.
    await ask(app, "/");
    expect(log.slice(5)).toEqual(["+db", "+count", "+mailer"]);
  });

  test("of a request are made when asked for, once for each, and ended when its answer has left", async () => {
    const log: string[] = [];
    let made = 0;
    const app = new App()
      .provide("tx", (_deps, c) => `${c.path} ${++made}`, {
        scope: "request",
        dispose: (tx) => log.push(`-${tx}`),
      })
      .provide("unused", () => log.push("never"), { scope: "request" })
      .get("/a", ({ deps }) => deps.tx + deps.tx)
      .get("/none", () => "none")
      .get("/throws", ({ deps }) => {
        throw new Error(deps.tx);
      })
      .get("/stream", ({ deps }) => sourceFrom([deps.tx, log.length === 2 ? " open" : " ended"]));
    expect((await ask(app, "/a")).text).toBe("/a 1/a 1");
    await ask(app, "/none");
    await ask(app, "/throws");
    expect((await ask(app, "/stream")).text).toBe("/stream 3 open");
    expect(log).toEqual(["-/a 1", "-/throws 2", "-/stream 3"]);
  });

  test("that ask for each other say so", async () => {
    const loose = new App() as App<undefined, unknown, { a: string; b: string }>;
    const app = loose
      .provide("a", ({ b }) => `a${b}`, { scope: "request" })
      .provide("b", ({ a }) => `b${a}`, { scope: "request" })
      .onError((error) => new Response(String(error), { status: 500 }))
      .get("/", ({ deps }) => deps.a);
    expect((await ask(app, "/")).text).toContain("a → b → a");
  });

  test("cannot be had too early, too late, or twice", async () => {
    const failing = async (app: { start(): Promise<void> }) =>
      app.start().then(
        () => "started",
        (error: unknown) => String(error),
      );
    const loose = new App() as App<undefined, unknown, { later: string; perRequest: string }>;
    const early = loose.provide("first", ({ later }) => later).provide("later", async () => "x");
    expect(await failing(early)).toContain('provide it before "first"');
    const long = loose.provide("perRequest", () => "x", { scope: "request" });
    expect(() => long.provide("first", () => "")).toThrow(/provided twice/);
    const lasting = (new App() as typeof loose)
      .provide("perRequest", () => "x", { scope: "request" })
      .provide("app", ({ perRequest }) => perRequest);
    expect(await failing(lasting)).toContain("which a request has");
    const started = new App().provide("a", () => 1);
    await started.start();
    expect(() => started.provide("b", () => 2)).toThrow(/too late/);
  });

  test("a start that fails ends what was made, and can be tried again", async () => {
    const log: string[] = [];
    let broken = true;
    const app = new App()
      .provide("a", () => log.push("+a"), { dispose: () => log.push("-a") })
      .provide("b", () => {
        if (broken) throw new Error("no b");
        return 1;
      })
      .get("/", ({ deps }) => deps.b);
    expect((await ask(app, "/")).status).toBe(500);
    expect(log).toEqual(["+a", "-a"]);
    broken = false;
    expect((await ask(app, "/")).text).toBe("1");
  });

  test("of an App that is mounted start and stop with the one around it; two servers share one", async () => {
    const log: string[] = [];
    const inner = new App()
      .provide("x", () => "inner", { dispose: () => log.push("-x") })
      .get("/", ({ deps }) => deps.x);
    const app = new App().provide("x", () => "outer").route("/in", inner);
    expect((await ask(app, "/in")).text).toBe("inner");
    await app.start();
    await app.start();
    await app.stop();
    expect(log).toEqual([]);
    await app.stop();
    expect(log).toEqual(["-x"]);
  });
});
