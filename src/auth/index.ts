export { basicAuth } from "./basic-auth/basic-auth.ts";
export type {
  BasicCredential,
  BasicUser,
  BasicUsers,
  BasicVerifier,
} from "./basic-auth/basic-auth.ts";
export { bearerAuth } from "./bearer-auth/bearer-auth.ts";
export type {
  BearerToken,
  BearerTokens,
  BearerUser,
  BearerVerifier,
} from "./bearer-auth/bearer-auth.ts";
export { password } from "./password/password.ts";
export type { PasswordOptions } from "./password/password.ts";
export { randomToken } from "./random-token/random-token.ts";
export { timingSafeEqual } from "./timing-safe-equal/timing-safe-equal.ts";
