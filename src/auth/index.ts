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
export { csrf } from "./csrf/csrf.ts";
export type { CsrfOptions } from "./csrf/csrf.ts";
export type { CsrfToken, CsrfTokenOptions } from "./csrf/csrf-token.ts";
export type { JwtAlgorithm } from "./jwt/algorithm.ts";
export { issueJwt } from "./jwt/issue-jwt.ts";
export type { JwtIssueOptions } from "./jwt/issue-jwt.ts";
export { jwt } from "./jwt/jwt.ts";
export type { JwtOptions, TokenPlace } from "./jwt/jwt.ts";
export type { JwtPrivateKey, JwtPublicKey, JwtSecret } from "./jwt/jwt-key.ts";
export { KeysUnavailable } from "./jwt/key-set.ts";
export type { JwksOptions } from "./jwt/remote-keys.ts";
export { JwtRefused, jwtVerifier } from "./jwt/verify-jwt.ts";
export type { ClaimsOf, ClaimsSchema, JwtClaims, JwtVerifyOptions } from "./jwt/verify-jwt.ts";
export { roles } from "./roles/roles.ts";
export { forwardAuth } from "./forward-auth/forward-auth.ts";
export type { ForwardAuthOptions, ForwardAuthUser } from "./forward-auth/forward-auth.ts";
export type { ForwardAuthCache } from "./forward-auth/decision-cache.ts";
