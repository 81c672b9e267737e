import type { User } from "../accounts/user.ts";
import { attachmentTypes } from "../todos/attachments.ts";
import type { Todo } from "../todos/todo.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { layout } from "./layout.ts";

/** The page of whoever is signed in. */
export function todoPage(user: User, todos: readonly Todo[], csrf: string): string {
  const main = html`
    <header>
      <h1>Todo</h1>
      <span class="quiet">${user.name}${user.role === "admin" && ", admin"}</span>
      <a href="/docs">API</a>
      <form method="post" action="/sign-out">
        <input type="hidden" name="_csrf" value="${csrf}" />
        <button class="plain">Sign out</button>
      </form>
    </header>
    <main>
      <section>
        <form id="add" class="row">
          <input name="title" placeholder="What is to be done?" aria-label="New todo" required />
          <button>Add</button>
        </form>
        <p id="notice" role="alert" class="problem"></p>
        <ul id="todos">
          ${todoList(user, todos)}
        </ul>
      </section>
      <section class="card">
        <h2>Chat</h2>
        <ol id="messages" aria-live="polite"></ol>
        <form id="say" class="row">
          <input
            name="text"
            placeholder="Say something"
            aria-label="Message"
            required
            maxlength="500"
          />
          <button>Send</button>
        </form>
      </section>
    </main>
  `;
  return layout("Todo", main, csrf);
}

/** The items alone, which the page fetches anew when something changes. */
export function todoList(user: User, todos: readonly Todo[]): Html {
  if (todos.length === 0) return html`<li class="quiet">Nothing to do.</li>`;
  return html`${todos.map((todo) => item(user, todo))}`;
}

function item(user: User, { id, title, done, ownerId, owner, attachment }: Todo): Html {
  const attached =
    attachment &&
    html`<a class="attachment" href="/api/todos/${id}/attachment">${attachment.name}</a>`;
  return html`
    <li data-id="${id}">
      <label class="title">
        <input type="checkbox" name="done" ${done && html`checked`} />
        <span>${title}</span>
      </label>
      ${ownerId !== user.id && html`<span class="quiet">${owner}</span>`} ${attached}
      <label class="plain button" title="Attach a file">
        Attach
        <input type="file" name="file" accept="${attachmentTypes.join()}" />
      </label>
      <button class="plain" name="delete" aria-label="Delete ${title}">✕</button>
    </li>
  `;
}
