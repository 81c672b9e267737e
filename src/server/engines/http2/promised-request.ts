import { HeaderList } from "../../../http/header-list.ts";
import { encodeFields } from "../../../wire/hpack/encoder.ts";
import type { EngineHost } from "../../engine.ts";
import { fieldPairs } from "../../../wire/field-pairs.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import { readRequest } from "../multiplexed/request-fields.ts";
import type { Http2Exchange } from "./exchange.ts";

/** What a pushed stream answers (RFC 9113 8.4): a request made up by us, and its field section. */
export interface Promised {
  readonly request: MultiplexedRequest;
  readonly block: Uint8Array;
}

/** @returns undefined when there is no such request */
export function promise(
  parent: Http2Exchange,
  path: string,
  headers: HeaderList | undefined,
  host: EngineHost,
): Promised | undefined {
  const flat = [
    ":method",
    "GET",
    ":scheme",
    parent.scheme,
    ":path",
    path,
    ":authority",
    parent.authority,
    ...fieldPairs(headers ?? new HeaderList()),
  ];
  const request = readRequest(flat, host, parent.scheme === "https");
  return "method" in request ? { request, block: encodeFields(flat) } : undefined;
}
