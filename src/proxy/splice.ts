import type { Duplex } from "../wire/duplex.ts";
import { CloseCode } from "../wire/websocket/close-code.ts";
import { encodeClosePayload } from "../wire/websocket/close-payload.ts";
import { FrameBoundaries } from "../wire/websocket/frame-boundaries.ts";
import { encodeFrame } from "../wire/websocket/frame-writer.ts";
import { Opcode } from "../wire/websocket/opcode.ts";

/**
 * Passes a WebSocket's bytes on both ways, at the pace of whoever is slower, until both sides have ended, one broke, or
 * nothing was sent for `idleMs`; 0 = no limit. A peer that is gone without a word is not seen otherwise. When the server
 * goes down both sides are told so between two frames.
 */
export function splice(client: Duplex, backend: Duplex, idleMs: number): void {
  let movedAt = performance.now();
  let open = 2;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const broken = (reason: unknown): void => {
    clearTimeout(timer);
    client.destroy(reason);
    backend.destroy(reason);
  };
  const moved = (): void => {
    movedAt = performance.now();
  };
  const ended = (): void => {
    if (--open === 0) clearTimeout(timer);
  };
  const watch = (): void => {
    const left = movedAt + idleMs - performance.now();
    if (left <= 0) broken(new Error(`nothing was sent for ${idleMs} ms`));
    else {
      timer = setTimeout(watch, left);
      timer.unref();
    }
  };
  if (idleMs > 0) watch();
  const ways = [new Way(client, backend, true, moved), new Way(backend, client, false, moved)];
  for (const way of ways) way.pass().then(ended, broken);
  client.onDrain?.(() => {
    for (const way of ways) way.sayGoodbye();
  });
}

/** One direction. */
class Way {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #masked: boolean;
  readonly #moved: () => void;
  readonly #frames = new FrameBoundaries();
  #isLeaving = false;
  /** A Close was sent in place of what comes. */
  #isOver = false;

  /** @param masked whether its frames are those of a client (RFC 6455 5.3) */
  constructor(from: Duplex, to: Duplex, masked: boolean, moved: () => void) {
    this.#from = from;
    this.#to = to;
    this.#masked = masked;
    this.#moved = moved;
  }

  async pass(): Promise<void> {
    const from = this.#from;
    const to = this.#to;
    for (;;) {
      const next = from.pull();
      const chunk = next instanceof Promise ? await next : next;
      if (chunk === null) break;
      this.#moved();
      if (this.#isOver) continue;
      const end = this.#frames.follow(chunk);
      const isLast = this.#isLeaving && end >= 0 && !this.#frames.closing;
      if (!to.write(isLast ? chunk.subarray(0, end) : chunk)) await to.drained();
      if (isLast) this.#close();
    }
    to.end();
  }

  /** Ends with a Close as soon as a frame does. */
  sayGoodbye(): void {
    this.#isLeaving = true;
    if (this.#frames.between && !this.#frames.closing) this.#close();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const payload = encodeClosePayload(CloseCode.goingAway);
    this.#to.write(encodeFrame(Opcode.close, payload, { masked: this.#masked }));
  }
}
