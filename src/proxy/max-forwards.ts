import type { HeaderList } from "../http/header-list.ts";

/** How many more may pass a request on (RFC 9110 7.6.2); undefined where it says nothing, or nothing that can be read. */
export function maxForwards(headers: HeaderList): number | undefined {
  const value = headers.joined("max-forwards");
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
