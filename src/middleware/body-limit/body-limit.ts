import type { Context } from "../../core/context.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import { error } from "../../core/error.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { PassedSource } from "../../wire/passed-source.ts";
import type { Source } from "../../wire/source.ts";
import { parseSize } from "../../internal/parse-size.ts";

const TooLarge = error(413, "body_too_large");

/**
 * Bounds the bodies of requests, streamed ones too. One that says its length is refused with 413 before
 * anything of it is read or asked for (`100-continue`); one that does not is cut at the limit, and whoever
 * reads it gets the 413 as an error.
 *
 * A route's `maxBody` bounds what `c.json()`, `c.text()` and the like hold in memory, and still does: this
 * does not raise it.
 *
 * @param limit bytes, or a text such as `"10MiB"`
 * @throws RangeError at start when it is no size
 * @example
 * new App()
 *   .use(bodyLimit("64KiB"))
 *   .post("/echo", async (c) => c.text(await c.text()));
 */
export function bodyLimit(limit: number | string): Middleware {
  const most = parseSize(limit);
  const enter = (c: Context): void => {
    const { body } = c.exchange;
    if (body === null) return;
    if (body.size === undefined) {
      c.exchange = new DerivedExchange(c.exchange, { body: new LimitedSource(body, most) });
    } else if (body.size > most) {
      throw tooLarge(most);
    }
  };
  return steps("body-limit", { enter }, { errors: [TooLarge] });
}

function tooLarge(limit: number): Error {
  return new TooLarge(`The body may have at most ${limit} bytes.`);
}

class LimitedSource extends PassedSource {
  readonly #limit: number;
  #seen = 0;

  constructor(source: Source, limit: number) {
    super(source);
    this.#limit = limit;
  }

  override pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const chunk = this.source.pull();
    return chunk instanceof Promise ? chunk.then((next) => this.#count(next)) : this.#count(chunk);
  }

  #count(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) return null;
    this.#seen += chunk.byteLength;
    if (this.#seen <= this.#limit) return chunk;
    const reason = tooLarge(this.#limit);
    this.source.cancel(reason);
    throw reason;
  }
}
