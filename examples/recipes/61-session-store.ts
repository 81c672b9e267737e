// 61. Sessions that outlive the process, in SQLite or in files.
import type { Check } from "./check.ts";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "sluice";
import { sessions, SqliteSessions } from "sluice/session";

const store = new SqliteSessions(join(mkdtempSync(join(tmpdir(), "recipe-")), "sessions.db"));

const make = () =>
  new App().use(sessions<{ count: number }>({ store })).post("/count", ({ vars }) => {
    const { data } = vars.session;
    data.count = (data.count ?? 0) + 1;
    return data.count;
  });

export const app = make();

export async function check({ ask, equal }: Check) {
  const first = await ask("POST /count");
  const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  equal((await ask("POST /count", { headers: { cookie } })).json, 2);
  // Another process, or the same after a restart.
  const request = new Request("http://localhost/count", { method: "POST", headers: { cookie } });
  equal(await (await make().fetch(request)).json(), 3);
}
