import { SignJWT } from "jose";

export const SECRET = "a secret of at least thirty-two bytes";

/** A token as an issuer makes it. */
export function token(
  claims: Record<string, unknown>,
  { secret = SECRET, alg = "HS256", expires = "1h" as string | false } = {},
): Promise<string> {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT" });
  if (expires !== false) jwt.setExpirationTime(expires);
  return jwt.sign(new TextEncoder().encode(secret));
}
