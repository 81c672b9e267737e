import type { App } from "sluice";
import type { SignedIn } from "../accounts/identity.ts";
import type { Services } from "../services.ts";
import type { Change } from "./changes.ts";

/** Server-sent events: one for each change of a todo that the user may see. */
export const feed = (app: App<undefined, SignedIn, Services>) =>
  app.get(
    "/api/changes",
    { summary: "What changes, as server-sent events", tags: ["todos"] },
    (c) => {
      const { user } = c.vars;
      const { changes } = c.deps;
      const isSeen = ({ ownerId }: Change) => user.role === "admin" || ownerId === user.id;
      return c.sse(async (stream) => {
        const send = (change: Change) => {
          const { id, kind, todoId } = change;
          // Not awaited: a client that does not read is cut off by the stream itself.
          if (isSeen(change)) void stream.send({ id: String(id), event: kind, data: { todoId } });
        };
        // A client that comes back is told what it has missed.
        if (stream.lastEventId !== undefined) {
          for (const change of changes.since(Number(stream.lastEventId))) send(change);
        }
        const left = Promise.withResolvers<unknown>();
        const stop = changes.listen(send);
        void stream.comment("listening");
        stream.signal.addEventListener("abort", left.resolve);
        if (!stream.signal.aborted) await left.promise;
        stop();
      });
    },
  );
