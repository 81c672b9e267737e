import * as z from "zod";
import { IpNetworks } from "../../../http/ip-networks.ts";

/** Addresses, CIDR networks, and the words loopback, private and linklocal. */
export const networks = z.array(
  z.string().superRefine((entry, context) => {
    try {
      new IpNetworks([entry]);
    } catch {
      const message =
        'must be an address, a network such as "10.0.0.0/8", "loopback", "private" or "linklocal"';
      context.addIssue({ code: "custom", message });
    }
  }),
);
