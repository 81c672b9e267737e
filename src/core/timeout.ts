import type { Runner } from "./compose.ts";
import { HttpError } from "./errors.ts";
import type { Reply } from "./reply.ts";

/**
 * Bounds the time until a reply begins. At its end `c.signal` is aborted and the client gets 504; a reply
 * that comes later is dropped.
 */
export function withTimeout(ms: number, run: Runner): Runner {
  return (c) => {
    const result = run(c);
    if (!(result instanceof Promise)) return result;
    return new Promise<Reply>((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        const error = new HttpError(504, "timeout", `The answer took longer than ${ms} ms.`);
        reject(error);
        c.abort(error);
      }, ms);
      result.then(
        (reply) => {
          clearTimeout(timer);
          if (late) reply.discard();
          else resolve(reply);
        },
        (error) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  };
}
