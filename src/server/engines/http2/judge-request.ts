import { problems } from "../../../wire/http1/head-problem.ts";
import type { EngineHost } from "../../engine.ts";
import type { ReadRequest } from "../multiplexed/request-fields.ts";
import { readRequest } from "../multiplexed/request-fields.ts";
import type { HeaderBlock } from "../../../wire/http2/header-blocks.ts";

/** What the fields of a request come to. */
export function judgeRequest(block: HeaderBlock, host: EngineHost, secure: boolean): ReadRequest {
  const { section, endStream } = block;
  if (section.tooLarge) return problems.header_too_large;
  if (section.malformed) return { malformed: "a field holds what it may not" };
  const request = readRequest(section.flat, host, secure);
  // RFC 9113 8.1.1: content that is not as long as it says.
  const missing = "contentLength" in request && endStream && (request.contentLength ?? 0) > 0;
  return missing ? { malformed: "there is no content, but a length" } : request;
}
