export { password } from "./password/password.ts";
export type { PasswordOptions } from "./password/password.ts";
export { randomToken } from "./random-token/random-token.ts";
export { timingSafeEqual } from "./timing-safe-equal/timing-safe-equal.ts";
