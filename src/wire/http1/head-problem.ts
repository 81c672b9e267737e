/** Why a head, a chunk or a trailer was refused: the status to answer and a stable code for logs and bodies. */
export interface HeadProblem {
  readonly status: 400 | 408 | 411 | 413 | 414 | 417 | 421 | 431 | 501 | 502 | 505;
  readonly code: string;
  readonly detail: string;
}

function define(status: HeadProblem["status"], code: string, detail: string): HeadProblem {
  return { status, code, detail };
}

/** Every refusal of the HTTP/1.1 parser, by code. */
// oxfmt-ignore
export const problems = {
  request_line: define(400, "request_line", "The request line is not `METHOD SP target SP HTTP/1.1` (RFC 9112 3)."),
  method: define(400, "method", "The method is not a token of at most 64 characters (RFC 9110 9.1)."),
  target: define(400, "target", "The request target holds a space, a fragment or a control character (RFC 9112 3.2)."),
  target_too_long: define(414, "target_too_long", "The request target is longer than this server allows."),
  version: define(505, "version", "This port speaks HTTP/1.0 and HTTP/1.1; send `HTTP/1.1` in the request line."),
  line_end: define(400, "line_end", "Lines must end in CRLF; a bare CR or LF is refused (RFC 9112 2.2)."),
  field_name: define(400, "field_name", "A header name is empty, holds a character that is not a token, or is followed by a space (RFC 9112 5.1)."),
  field_value: define(400, "field_value", "A header value holds a control character (RFC 9110 5.5)."),
  obs_fold: define(400, "obs_fold", "A header is folded over several lines, which RFC 9112 5.2 forbids."),
  header_too_large: define(431, "header_too_large", "The header section is larger than this server allows."),
  too_many_headers: define(431, "too_many_headers", "There are more header fields than this server allows."),
  host_missing: define(400, "host_missing", "An HTTP/1.1 request needs a Host header (RFC 9112 3.2)."),
  host_repeated: define(400, "host_repeated", "There is more than one Host header (RFC 9112 3.2)."),
  host_invalid: define(400, "host_invalid", "The Host header is not a host name with an optional port (RFC 9110 7.2)."),
  host_mismatch: define(400, "host_mismatch", "The target's authority and the Host header name different hosts."),
  scheme_mismatch: define(421, "scheme_mismatch", "The target's scheme is not the one of this connection (RFC 9110 7.4)."),
  content_length: define(400, "content_length", "Content-Length is not one decimal number (RFC 9110 8.6)."),
  content_length_repeated: define(400, "content_length_repeated", "There is more than one Content-Length (RFC 9112 6.3)."),
  length_and_encoding: define(400, "length_and_encoding", "Content-Length and Transfer-Encoding must not come together (RFC 9112 6.1)."),
  encoding_in_http10: define(400, "encoding_in_http10", "HTTP/1.0 has no Transfer-Encoding (RFC 9112 6.1)."),
  transfer_encoding: define(400, "transfer_encoding", "Transfer-Encoding must be `chunked`, once and last (RFC 9112 6.1)."),
  transfer_coding_unknown: define(501, "transfer_coding_unknown", "The only transfer coding understood is `chunked`."),
  length_required: define(411, "length_required", "An HTTP/1.0 request with content needs a Content-Length."),
  expectation: define(417, "expectation", "The only expectation understood is `100-continue` (RFC 9110 10.1.1)."),
  chunk_size: define(400, "chunk_size", "A chunk size is not a hexadecimal number below 2^53 (RFC 9112 7.1)."),
  chunk_extension: define(400, "chunk_extension", "A chunk extension is malformed or too long (RFC 9112 7.1.1)."),
  chunk_end: define(400, "chunk_end", "A chunk does not end in CRLF where its size says (RFC 9112 7.1)."),
  trailer_field: define(400, "trailer_field", "A trailer is malformed, or is one that may not be sent as a trailer (RFC 9110 6.5.1)."),
  trailer_too_large: define(431, "trailer_too_large", "The trailer section is larger than this server allows."),
  body_too_large: define(413, "body_too_large", "The body is larger than this server allows."),
  header_timeout: define(408, "header_timeout", "The request head did not arrive in time."),
  body_timeout: define(408, "body_timeout", "The request body did not arrive in time."),
} as const;

export type ProblemCode = keyof typeof problems;

/** What only a response can do wrong. No client sees the statuses: a proxy answers 502. */
export const responseProblems = {
  status_line: define(
    502,
    "status_line",
    "The response does not begin with an HTTP/1.x status line (RFC 9112 4).",
  ),
} as const;
