/** Why a copy was not sent. */
export type DropReason = "busy" | "too_large" | "incomplete";

/** What became of copies. */
export class MirrorCounts {
  readonly name: string;
  /** Under way: begun, and not answered in full yet. */
  inFlight = 0;
  /** By class of status of the answer that was thrown away: 2xx is at 2. */
  readonly answered = new Float64Array(6);
  /** Sent, or tried to, and not answered in full. */
  failed = 0;
  readonly dropped: Record<DropReason, number> = { busy: 0, too_large: 0, incomplete: 0 };

  constructor(name: string) {
    this.name = name;
  }
}
