import type { App, Context } from "sluice";
import { form, HttpError, InvalidInput } from "sluice";
import type { CsrfToken } from "sluice/auth";
import { rateLimit } from "sluice/middleware";
import type { Session } from "sluice/session";
import type { Identity, SessionData } from "../accounts/identity.ts";
import type { User } from "../accounts/user.ts";
import { Credentials, NewAccount } from "../accounts/user.ts";
import type { Services } from "../services.ts";
import { signInPage } from "./sign-in-page.ts";
import { todoList, todoPage } from "./todo-page.ts";

type Vars = Identity & { csrf: CsrfToken; session: Session<SessionData> };

/** The pages for people; signing in and out works without scripts. */
export const pageRoutes = (app: App<undefined, Vars, Services>, attempts: number) => {
  const use = [rateLimit({ limit: attempts, window: "1m", name: "sign-in" })];
  const begin = (session: Session<SessionData>, user: User): void => {
    session.data.userId = user.id;
    // Another id, so that nobody who knew the old one is signed in too (session fixation).
    session.regenerate();
  };
  return app
    .onError(showProblem)
    .get("/", { documented: false }, async (c) => {
      const { user, csrf } = c.vars;
      const token = await csrf.token();
      c.headers.set("Cache-Control", "no-store");
      if (user === undefined) return c.html(signInPage(token));
      return c.html(todoPage(user, c.deps.todos.list(user), token));
    })
    .get("/list", { documented: false }, (c) => {
      const { user } = c.vars;
      if (user === undefined) return c.redirect("/");
      c.headers.set("Cache-Control", "no-store");
      return c.html(todoList(user, c.deps.todos.list(user)).text);
    })
    .post("/sign-up", { body: form(NewAccount), documented: false, use }, async (c) => {
      begin(c.vars.session, await c.deps.users.signUp(c.body));
      return c.redirect("/", 303);
    })
    .post("/sign-in", { body: form(Credentials), documented: false, use }, async (c) => {
      begin(c.vars.session, await c.deps.users.signIn(c.body));
      return c.redirect("/", 303);
    })
    .post("/sign-out", { documented: false }, (c) => {
      c.vars.session.destroy();
      return c.redirect("/", 303);
    });
};

/** What people can mend is shown on the page they came from; the rest is answered as it is everywhere. */
async function showProblem(error: unknown, c: Context): Promise<unknown> {
  const { csrf }: Partial<Vars> = c.vars;
  if (!(error instanceof HttpError) || error.status >= 500 || csrf === undefined) return undefined;
  const problems = error instanceof InvalidInput ? error.problems : [];
  const named = problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const text = named.length > 0 ? named.join("; ") : error.message;
  return c.html(signInPage(await csrf.token(), text), error.status);
}
