import type { HostResponse } from "../abi.ts";

const NONE: HostResponse["headers"] = [];

/** What `http_status_code` and `http_headers` tell of the last `http_request`. */
export class HttpState {
  status = 0;
  headers: HostResponse["headers"] = NONE;

  keep({ status, headers }: HostResponse): void {
    this.status = status;
    this.headers = headers;
  }

  reset(): void {
    this.status = 0;
    this.headers = NONE;
  }

  /** Names in lower case; of several fields of a name, their values joined by commas. */
  asObject(): Record<string, string> {
    const fields = new Map<string, string>();
    for (const [name, value] of this.headers) {
      const known = fields.get(name.toLowerCase());
      fields.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`);
    }
    return Object.fromEntries(fields);
  }
}
