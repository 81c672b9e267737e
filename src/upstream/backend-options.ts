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
  /**
   * What the server is called, when `url` has only its address: sent as Host where that is the backend's own, and
   * asked for and verified over TLS where the upstream says no name. Default: the host of `url`.
   */
  readonly serverName?: string;
}
