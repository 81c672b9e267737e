import { VERSION } from "./version.ts";
import type { NewFile } from "./write-new.ts";

const PACKAGE = "sluice";

/** What `sluice new` writes. Names are relative to the project. */
export function projectFiles(name: string): NewFile[] {
  return [
    { name: "package.json", text: `${JSON.stringify(manifest(name), null, 2)}\n` },
    { name: "tsconfig.json", text: `${JSON.stringify(compilerSettings, null, 2)}\n` },
    { name: ".gitignore", text: "node_modules\n.env\n/server\n" },
    { name: "README.md", text: readme(name) },
    { name: "src/notes.ts", text: notes },
    { name: "src/app.ts", text: app },
    { name: "src/app.test.ts", text: appTest },
  ];
}

/** Versions that this one of Sluice was tried with. */
const manifest = (name: string) => ({
  name,
  version: "0.1.0",
  private: true,
  type: "module",
  scripts: {
    start: "sluice run src/app.ts",
    dev: "sluice run src/app.ts --watch",
    routes: "sluice routes src/app.ts",
    test: "tsc && bun test",
    build: "sluice build src/app.ts -o server",
  },
  dependencies: { sluice: `^${VERSION}`, zod: "4.6.7" },
  devDependencies: { bun: "1.4.5", "bun-types": "1.4.5", typescript: "7.0.2" },
});

const compilerSettings = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    types: ["bun-types"],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ["src"],
};

const readme = (name: string) => `# ${name}

    npm install
    npm run dev      # http://127.0.0.1:8080, starts again when a file changes
    npm test         # types and tests
    npm run build    # one executable: ./server --port 8080

- \`src/app.ts\`: the routes
- \`src/notes.ts\`: what they are about
- \`src/app.test.ts\`: the tests, without a network

    curl -X POST localhost:8080/notes -H 'content-type: application/json' -d '{"text":"buy milk"}'
    curl localhost:8080/notes
`;

const notes = `import { z } from "zod";

export const NewNote = z.object({ text: z.string().min(1).max(1000) });
export const Note = NewNote.extend({ id: z.number().int() });
export type Note = z.infer<typeof Note>;

/** Notes in memory: a database's place. */
export class Notes {
  readonly #notes = new Map<number, Note>();
  #last = 0;

  all(): Note[] {
    return [...this.#notes.values()];
  }

  find(id: number): Note | undefined {
    return this.#notes.get(id);
  }

  add(text: string): Note {
    const note = { id: ++this.#last, text };
    this.#notes.set(note.id, note);
    return note;
  }

  remove(id: number): boolean {
    return this.#notes.delete(id);
  }
}
`;

const app = `import { App, error } from "${PACKAGE}";
import { z } from "zod";
import { NewNote, Note, Notes } from "./notes.ts";

const NotFound = error(404, "note_not_found");
const params = z.object({ id: z.coerce.number().int().positive() });

export const app = new App()
  .provide("notes", () => new Notes())
  .get("/", () => "Notes: see /notes\\n")
  .get("/notes", { summary: "Every note", returns: z.array(Note) }, ({ deps }) => deps.notes.all())
  .get(
    "/notes/:id",
    { summary: "One note", params, returns: Note, errors: [NotFound] },
    ({ params: { id }, deps }) => {
      const note = deps.notes.find(id);
      if (note === undefined) throw new NotFound(\`There is no note \${id}.\`);
      return note;
    },
  )
  .post(
    "/notes",
    { summary: "Write a note", body: NewNote, returns: { 201: Note } },
    (c) => c.json(c.deps.notes.add(c.body.text), 201),
  )
  .delete(
    "/notes/:id",
    { summary: "Throw a note away", params, errors: [NotFound] },
    ({ params: { id }, deps }) => {
      if (!deps.notes.remove(id)) throw new NotFound(\`There is no note \${id}.\`);
    },
  );
`;

const appTest = `import { afterEach, expect, test } from "bun:test";
import { app } from "./app.ts";

/** Asks the application without a network. */
async function ask(method: string, path: string, body?: unknown): Promise<[number, unknown]> {
  const request = new Request(\`http://localhost\${path}\`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
  const response = await app.fetch(request);
  const text = await response.text();
  return [response.status, text === "" ? undefined : JSON.parse(text)];
}

// Services are made anew for the next test.
afterEach(() => app.stop());

test("a note is written, read and thrown away", async () => {
  expect(await ask("POST", "/notes", { text: "buy milk" })).toEqual([201, { id: 1, text: "buy milk" }]);
  expect(await ask("GET", "/notes/1")).toEqual([200, { id: 1, text: "buy milk" }]);
  expect(await ask("DELETE", "/notes/1")).toEqual([204, undefined]);
  expect(await ask("GET", "/notes/1")).toMatchObject([404, { code: "note_not_found" }]);
});

test("what is no note is refused, with all that is wrong", async () => {
  const [status, problem] = await ask("POST", "/notes", { text: "" });
  expect(status).toBe(422);
  expect(problem).toMatchObject({ errors: [{ in: "body", path: ["text"] }] });
});
`;
