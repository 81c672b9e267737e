export { gateway, GatewayConfigError } from "./gateway.ts";
export type { Gateway, GatewayOptions, RunningGateway } from "./gateway.ts";
