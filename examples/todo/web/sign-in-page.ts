import { html } from "./html.ts";
import { layout } from "./layout.ts";

/** The page of whoever is not signed in. @param problem why the last attempt failed */
export function signInPage(csrf: string, problem?: string): string {
  const form = (action: string, label: string, autocomplete: string) => html`
    <form class="card" method="post" action="${action}">
      <h2>${label}</h2>
      <input type="hidden" name="_csrf" value="${csrf}" />
      <label>Name <input name="name" autocomplete="username" required maxlength="32" /></label>
      <label>
        Password
        <input name="password" type="password" autocomplete="${autocomplete}" required />
      </label>
      <button>${label}</button>
    </form>
  `;
  const main = html`
    <main class="narrow">
      <h1>Todo</h1>
      <p role="alert" class="problem">${problem}</p>
      ${form("/sign-in", "Sign in", "current-password")}
      ${form("/sign-up", "Sign up", "new-password")}
      <p class="quiet">Programs use the <a href="/docs">API</a> with a token.</p>
    </main>
  `;
  return layout("Todo: sign in", main);
}
