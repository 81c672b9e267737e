/** One server of an upstream. */
export interface BackendOptions {
  /** `10.0.0.1:8080`, `https://host`, `unix:/run/app.sock` … */
  readonly url: string;
  /** Its share beside the others'. Default 1. */
  readonly weight?: number;
  /** Asked only when no other can be. */
  readonly backup?: boolean;
  /** Connections to it at a time; 0 = no limit. */
  readonly maxConnections?: number;
  /** Asked for and verified over TLS where the upstream says no name; default: the host of `url`. */
  readonly serverName?: string;
}
