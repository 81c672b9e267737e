export { defaultForwarding } from "./forwarding.ts";
export type { ForwardingPolicy } from "./forwarding.ts";
export { proxy } from "./proxy.ts";
export type { ProxyOptions } from "./proxy.ts";
