/** How content is framed on HTTP/1.x (RFC 9112 6): by nothing, its length, chunks, or the end of the connection. */
export type Framing = "none" | "length" | "chunked" | "close";

/** Statuses that never have content: 1xx, 204 and 304 (RFC 9110 6.4.1). */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}

/** Statuses whose answers are sent without content: those above, and 205, which must not have any (RFC 9110 15.3.6). */
export function sendsNoContent(status: number): boolean {
  return isBodyless(status) || status === 205;
}
