import type { HeaderList } from "../http/header-list.ts";
import type { Backend } from "./backend.ts";
import type { UpstreamReply } from "./call.ts";

/** Who has sent a request, as its delivery sees it. */
export interface Receiver<T> {
  /** Makes of the answer what the outcome resolves to, as soon as its head is there. What it throws is the outcome. */
  convert(reply: UpstreamReply, backend?: Backend): T;
  /** Told of informational replies (1xx but 101). */
  inform?(status: number, headers: HeaderList): void;
  /** What the outcome rejects with instead of what went wrong. */
  refuse?(error: unknown): unknown;
}

/** Takes the answer as it is. */
export const plainReceiver: Receiver<UpstreamReply> = { convert: (reply) => reply };
