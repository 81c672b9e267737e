import { App } from "../core/app.ts";
import { HttpError } from "../core/errors.ts";
import { jsonReply } from "../core/replies.ts";
import { SplitError } from "../gateway/traffic/splits.ts";
import type { SplitControl } from "../gateway/traffic/splits.ts";
import { essenceOf } from "../http/media-type.ts";

/** Where the weights of splits are. */
export const SPLITS_PATH = "/splits";

/** Reads and changes the weights of splits, of all workers. */
export function splitsApp(splits: SplitControl): App {
  const answer = () => jsonReply({ splits: splits.states() });
  return new App()
    .get("/", answer)
    .post("/:name", { maxBody: "64KiB" }, async (c) => {
      if (essenceOf(c.requestHeaders.get("content-type") ?? "") !== "application/json") {
        throw new HttpError(415, "json_wanted", "Send JSON, as application/json.");
      }
      const sent = await c.json();
      const isTable = typeof sent === "object" && sent !== null && !Array.isArray(sent);
      if (!isTable || Object.keys(sent).length === 0) {
        const message = 'Send the weights by choice, such as { "api": 50, "api-next": 50 }.';
        throw new HttpError(422, "bad_weights", message);
      }
      await change(() => splits.change(c.params.name, sent as Record<string, unknown>));
      return answer();
    })
    .delete("/:name", async (c) => {
      await change(() => splits.change(c.params.name, undefined));
      return answer();
    });
}

async function change(attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof SplitError)) throw error;
    const status = error.code === "unknown_split" ? 404 : 422;
    throw new HttpError(status, error.code, `${error.message}.`);
  }
}
