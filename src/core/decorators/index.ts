export { controller, routesOf } from "./controller.ts";
export { del, get, head, options, patch, post, put } from "./verbs.ts";
export type { VerbDecorator } from "./verbs.ts";
