import type { HeaderList } from "../http/header-list.ts";
import type { Duplex } from "../wire/duplex.ts";
import type { Source } from "../wire/source.ts";

/** A request to a backend, ready to be framed by whatever protocol it is sent over. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query, or `*`. */
  readonly target: string;
  /** For Host or `:authority`; the backend's own when undefined. */
  readonly authority: string | undefined;
  /** End to end: no Host, no hop-by-hop fields, nothing that frames. */
  readonly headers: HeaderList;
  readonly body: Source | null;
  /** Trailer fields of the content are sent if there are any; their names cannot be told ahead. */
  readonly trailers?: boolean;
  /** Sends its content only once the backend asks for it (`Expect: 100-continue`), or after a second. */
  readonly expectContinue?: boolean;
  /** Its client takes trailer fields behind the answer (`TE: trailers`, RFC 9110 10.1.4). */
  readonly acceptsTrailers?: boolean;
  /** Asks to change the protocol, such as `websocket`. */
  readonly upgrade?: string;
}

/** An answer of a backend. Whoever has it pulls its body to the end or cancels it. */
export interface UpstreamReply {
  readonly status: number;
  /** As sent, hop-by-hop fields and framing too. */
  readonly headers: HeaderList;
  /** Bytes when all of it came at once, else a source, else nothing. */
  readonly body: null | Uint8Array | Source;
  /** The connection, when the protocol was changed. */
  readonly duplex?: Duplex;
}

/** How long a backend may take, in milliseconds; 0 = no limit. */
export interface UpstreamTimeouts {
  readonly connectMs: number;
  /** From the request sent to the head of the answer. */
  readonly firstByteMs: number;
  /** Without progress while content is waited for, in either direction. */
  readonly idleMs: number;
}

/** One request under way. */
export interface Call {
  readonly request: UpstreamRequest;
  readonly timeouts: UpstreamTimeouts;
  /** Wants a connection of its own: a kept one was closed under it, and the others may be as old. */
  readonly fresh?: boolean;
  /** Told of informational replies (1xx but 101). */
  inform(status: number, headers: HeaderList): void;
  /** Settled exactly once. */
  resolve(reply: UpstreamReply): void;
  reject(fault: unknown): void;
  /** Called when the connection is done with the call: for whoever counts what is under way. */
  finished(error: unknown): void;
  /** Set by whoever carries the call: gives it up. */
  abort: ((reason: unknown) => void) | undefined;
}

/** Carries calls to one backend, over connections of its own. */
export interface Transport {
  /** Begins a call. Never throws: what goes wrong rejects the call. */
  start(call: Call): void;
  /** Closes connections once what is under way on them has ended. */
  close(): void;
  /** For status and metrics. */
  readonly connections: { readonly open: number; readonly idle: number };
}
