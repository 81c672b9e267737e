export { defaultForwarding } from "./forwarding.ts";
export type { ForwardingPolicy } from "./forwarding.ts";
export type { CookieRules } from "./cookie-rewriting.ts";
export type { LocationRule } from "./location-rewriting.ts";
export type { ReplyRewriting } from "./reply-rewriting.ts";
export { proxy } from "./proxy.ts";
export type { ProxyOptions } from "./proxy.ts";
