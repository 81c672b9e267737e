/**
 * What a client may send before what it sent was used (RFC 9113 5.2). Opened again in halves, so that most
 * frames need no WINDOW_UPDATE.
 */
export class ReceiveWindow {
  readonly #size: number;
  #left: number;
  #used = 0;

  constructor(size: number) {
    this.#size = size;
    this.#left = size;
  }

  /** Bytes have come. @returns false when they are more than were allowed */
  take(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** Bytes were used. @returns by how much to open the window now, or 0 */
  use(bytes: number): number {
    this.#used += bytes;
    if (this.#used < this.#size / 2) return 0;
    const more = this.#used;
    this.#left += more;
    this.#used = 0;
    return more;
  }
}
