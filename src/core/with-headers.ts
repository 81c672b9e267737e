import type { FieldNames } from "../http/field-names.ts";
import { HeaderList } from "../http/header-list.ts";
import { PassedSource } from "../wire/passed-source.ts";
import type { Source } from "../wire/source.ts";
import { DerivedExchange } from "./derived-exchange.ts";
import type { Exchange } from "./exchange.ts";

/**
 * An exchange with other header fields, of which some are ours to say: the client says them in its trailers neither,
 * which there are servers that take for fields of the head (RFC 9110 6.5.1).
 * @param ours names that were set or taken away
 */
export function withHeaders(exchange: Exchange, headers: HeaderList, ours: FieldNames): Exchange {
  const { body } = exchange;
  return new DerivedExchange(
    exchange,
    body === null ? { headers } : { headers, body: new BodyWithout(body, ours) },
  );
}

/** A body as it is, but for trailers of some names. */
class BodyWithout extends PassedSource {
  readonly #names: FieldNames;

  constructor(source: Source, names: FieldNames) {
    super(source);
    this.#names = names;
  }

  override get trailers(): HeaderList | undefined {
    const { trailers } = this.source;
    if (trailers === undefined) return undefined;
    const { flat } = trailers;
    const kept: string[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string;
      if (!this.#names.has(name)) kept.push(name, flat[i + 1] as string);
    }
    return new HeaderList(kept);
  }
}
