// Adds numbers to one session, as a worker would beside others: KIND PLACE FIRST COUNT
import { FileSessions } from "../../src/session/file-sessions.ts";
import { Session } from "../../src/session/session.ts";
import { sessionKey } from "../../src/session/session-id.ts";
import { SqliteSessions } from "../../src/session/sqlite-sessions.ts";

const [kind, place = "", id = "", first, count] = process.argv.slice(2);
const store = kind === "file" ? new FileSessions(place) : new SqliteSessions(place);
const home = { store, idleMs: 60_000, absoluteMs: 60_000, now: Date.now, onId() {} };
for (let i = 0; i < Number(count); i++) {
  const record = await store.get(await sessionKey(id));
  if (record === undefined) throw new Error("the session is gone");
  const session = new Session(home, { id, record }, true);
  session.data[`key${Number(first) + i}`] = i;
  await session.save();
}
await store.close();
