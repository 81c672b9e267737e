import type { App } from "sluice";
import { z } from "zod";
import type { SignedIn } from "../accounts/identity.ts";
import type { Services } from "../services.ts";

const ROOM = "everybody";
const Said = z.object({ text: z.string().trim().min(1).max(500) });

/** One room for everybody. Clients send `{text}` and get `{author, text, sentAt}`, first the last 20. */
export const chat = (app: App<undefined, SignedIn, Services>) =>
  app.ws("/api/chat", {
    schema: Said,
    maxMessage: 4096,
    data: ({ vars, deps }) => ({ author: vars.user.name, messages: deps.messages }),
    open(ws) {
      for (const message of ws.data.messages.latest(20)) ws.sendJson(message);
      ws.subscribe(ROOM);
    },
    message(ws, { text }) {
      const message = ws.data.messages.add(ws.data.author, text);
      ws.sendJson(message);
      ws.publish(ROOM, JSON.stringify(message));
    },
    invalid: (ws, [issue]) => void ws.sendJson({ problem: issue?.message ?? "no message" }),
  });
