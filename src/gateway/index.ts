export { gateway, GatewayConfigError } from "./gateway.ts";
export type { Gateway, GatewayOptions, RunningGateway } from "./gateway.ts";
export { SplitError } from "./traffic/splits.ts";
export type { SplitControl, SplitState } from "./traffic/splits.ts";
export type { Choice } from "./traffic/split.ts";
