const csrf = document.querySelector('meta[name="csrf"]').content;
const todos = document.getElementById("todos");
const messages = document.getElementById("messages");

/** Shows what went wrong, or nothing. */
function notice(text) {
  document.getElementById("notice").textContent = text;
}

async function call(method, path, value) {
  const headers = { "X-CSRF-Token": csrf };
  const isForm = value instanceof FormData;
  if (value !== undefined && !isForm) headers["Content-Type"] = "application/json";
  const init = { method, headers, body: isForm ? value : JSON.stringify(value) };
  try {
    const answer = await fetch(`/api${path}`, init);
    if (answer.status === 401) return location.reload();
    if (answer.ok) return notice("");
    const problem = await answer.json();
    notice(problem.errors?.map((one) => one.message).join(", ") ?? problem.detail);
  } catch {
    notice("The server cannot be reached.");
  }
  await refresh();
}

/** The list as the server renders it. */
async function refresh() {
  const answer = await fetch("/list", { redirect: "manual" });
  if (answer.ok) todos.innerHTML = await answer.text();
}

document.getElementById("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const title = form.elements.title.value;
  form.reset();
  await call("POST", "/todos", { title });
});

todos.addEventListener("change", async ({ target }) => {
  const { id } = target.closest("li").dataset;
  if (target.name === "done") await call("PATCH", `/todos/${id}`, { done: target.checked });
  else if (target.files.length > 0) {
    const form = new FormData();
    form.append("file", target.files[0]);
    await call("PUT", `/todos/${id}/attachment`, form);
  }
});

todos.addEventListener("click", async ({ target }) => {
  if (target.name === "delete") await call("DELETE", `/todos/${target.closest("li").dataset.id}`);
});

const changes = new EventSource("/api/changes");
for (const kind of ["created", "changed", "deleted"]) changes.addEventListener(kind, refresh);
// Also after a break, in which something may have happened.
changes.addEventListener("open", refresh);

let socket;
let pause = 500;

function connect() {
  socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/chat`);
  socket.addEventListener("open", () => {
    pause = 500;
    messages.replaceChildren();
  });
  socket.addEventListener("message", ({ data }) => {
    const { author, text, problem } = JSON.parse(data);
    if (problem !== undefined) return notice(problem);
    const item = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = author;
    item.append(name, " ", text);
    messages.append(item);
    messages.scrollTop = messages.scrollHeight;
  });
  socket.addEventListener("close", () => {
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, 30_000);
  });
}
connect();

document.getElementById("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return notice("The chat is not connected.");
  socket.send(JSON.stringify({ text: event.target.elements.text.value }));
  event.target.reset();
});
