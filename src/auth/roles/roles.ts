import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";

const NotSignedIn = error(401, "sign_in_required", "Sign in first.");
const Forbidden = error(403, "role_missing", "You may not do this.");

/**
 * Lets in who has one of the roles. Who is not signed in at all gets 401, who lacks the roles 403. Several of
 * these, one after the other, require all of theirs.
 *
 * @param read the roles of whoever came, from what the authentication put into `c.vars`; undefined when
 * nobody signed in
 * @param oneOf roles; one of them is enough
 * @throws TypeError at start without a role
 * @example
 * const admins = roles(({ claims }: { claims: { roles: string[] } }) => claims.roles, "admin");
 * new App()
 *   .use(jwt({ keys: key, claims }))
 *   .delete("/users/:id", { use: [admins] }, ({ params }) => `deleted ${params.id}`);
 */
export function roles<Vars, const Role extends string>(
  read: (vars: Vars) => Iterable<string> | undefined | Promise<Iterable<string> | undefined>,
  ...oneOf: [Role, ...Role[]]
): Middleware<Context> {
  // Not every caller has types: without a role everybody would be kept out, and nobody would know why.
  if (oneOf.length === 0 || oneOf.some((role) => typeof role !== "string" || role === "")) {
    throw new TypeError("roles: name at least one role, as text that is not empty");
  }
  const wanted = new Set<string>(oneOf);
  const enter = async (c: Context): Promise<void> => {
    const had = await read(c.vars as Vars);
    // Nothing says here how to sign in; RFC 9110 15.5.2 wants a challenge all the same.
    if (had === undefined || had === null) {
      throw new NotSignedIn(undefined, { headers: { "WWW-Authenticate": "Bearer" } });
    }
    // One text would be taken for a list of its letters.
    const list = typeof had === "string" ? [had] : had;
    for (const role of list) if (wanted.has(role)) return;
    throw new Forbidden();
  };
  return steps("roles", { enter }, { errors: [NotSignedIn, Forbidden] });
}
