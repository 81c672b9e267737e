import type { Handler } from "../../core/handler.ts";
import type { InstallTarget, Middleware } from "../../core/middleware.ts";
import { callSite } from "../../core/routing/call-site.ts";
import type { OpenApiDocument } from "../document.ts";
import { openapi } from "../openapi.ts";
import type { OpenApiOptions } from "../openapi.ts";
import { rememberOptions } from "./document-options.ts";
import { contentSecurityPolicy, docsPage, relativeTo } from "./page.ts";
import type { Served } from "./served.ts";
import { send, served } from "./served.ts";
import { START_SCRIPT } from "./start-script.ts";
import type { SwaggerFile } from "./swagger-ui.ts";
import { swaggerFile } from "./swagger-ui.ts";

/** The document, and where it and its page are. */
export interface DocsOptions extends OpenApiOptions {
  /** Where the page is. Default `/docs`. */
  readonly path?: string;
  /** Where the document is. Default `/openapi.json`. */
  readonly json?: string;
}

/**
 * Serves the OpenAPI document of an App, and a page of Swagger UI that shows it without any network.
 *
 * It brings routes: middleware declared before it stands around them, sign-in for instance. The document is
 * of the App that uses it, with all that is mounted there, and is made when it is first asked for.
 *
 * @example
 * new App()
 *   .use(docs({ title: "Users", version: "1.0.0" }))
 *   .get("/users/:id", { returns: User }, find);
 */
export function docs(options: DocsOptions): Middleware {
  const brings = (): never => {
    throw new TypeError("docs() brings routes: give it to app.use(), not to a route");
  };
  const place = callSite(OWN_FOLDER);
  const install = (app: InstallTarget): void => new Docs(app, options, place).install();
  return Object.assign(brings, { label: "docs", install });
}

const OWN_FOLDER = new URL("./", import.meta.url).href.replace("file://", "");
const HIDDEN = { documented: false } as const;
const ASSETS: readonly [SwaggerFile, type: string][] = [
  ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
  ["swagger-ui.css", "text/css; charset=utf-8"],
];

/** The document under one prefix, as it is sent. */
interface Edition {
  readonly base: string;
  readonly document: OpenApiDocument;
  readonly json: Served;
}

class Docs {
  readonly #app: InstallTarget;
  readonly #options: DocsOptions;
  readonly #path: string;
  readonly #json: string;
  readonly #place: string | undefined;
  /** Without a prefix. Made once, as the schemas are what takes time. */
  #document: OpenApiDocument | undefined;
  /** Of the prefix asked for last: there is one, but for prefixes with parameters. */
  #edition: Promise<Edition> | undefined;

  constructor(app: InstallTarget, options: DocsOptions, place: string | undefined) {
    this.#app = app;
    this.#place = place;
    this.#options = options;
    this.#path = options.path ?? "/docs";
    this.#json = options.json ?? "/openapi.json";
    for (const path of [this.#path, this.#json]) {
      if (path.startsWith("/") && !/[:*]/.test(path)) continue;
      const hint = 'it must begin with "/" and have no parameters';
      throw new TypeError(`docs: path ${JSON.stringify(path)}: ${hint}`);
    }
  }

  install(): void {
    // What is missing is told now, and not to the first who asks.
    openapi({ routes: () => [] }, this.#options);
    const [path, json] = [this.#path, this.#json];
    const folder = this.#folder();
    this.#add(path, "docs", async (c) => {
      const { base, document } = await this.#at(baseOf(c.path, path));
      const locations = {
        document: relativeTo(c.path, base + json),
        assets: relativeTo(c.path, `${base}${folder}`),
      };
      const html = docsPage(document, locations);
      const policy = contentSecurityPolicy(document.servers);
      const fields = ["Content-Security-Policy", policy];
      return send(c, await served(html, "text/html; charset=utf-8", fields));
    });
    this.#add(json, "openapi", async (c) => send(c, (await this.#at(baseOf(c.path, json))).json));
    this.#addFile("start.js", "text/javascript; charset=utf-8", async () => START_SCRIPT);
    for (const [name, type] of ASSETS) this.#addFile(name, type, () => swaggerFile(name));
    this.#app.onChange(() => {
      this.#document = undefined;
      this.#edition = undefined;
    });
    rememberOptions(this.#app, this.#options);
  }

  #folder(): string {
    return this.#path.endsWith("/") ? this.#path : `${this.#path}/`;
  }

  #add(path: string, name: string, handler: Handler): void {
    const place = this.#place;
    this.#app.add({ path, methods: ["GET"], name, spec: HIDDEN, handler, ...(place && { place }) });
  }

  #addFile(name: string, type: string, content: () => Promise<string | Uint8Array>): void {
    let file: Promise<Served> | undefined;
    this.#add(this.#folder() + name, `docs: ${name}`, async (c) => {
      file ??= content().then((bytes) => served(bytes, type));
      try {
        return send(c, await file);
      } catch (error) {
        file = undefined;
        throw error;
      }
    });
  }

  #at(base: string): Promise<Edition> {
    const edition = this.#edition;
    if (edition === undefined) return (this.#edition = this.#make(base));
    return edition.then((made) => (made.base === base ? made : (this.#edition = this.#make(base))));
  }

  async #make(base: string): Promise<Edition> {
    const made = (this.#document ??= openapi(this.#app, this.#options));
    const { openapi: version, info, ...others } = made;
    const document =
      base === "" || made.servers !== undefined
        ? made
        : { openapi: version, info, servers: [{ url: base }], ...others };
    return { base, document, json: await served(JSON.stringify(document), "application/json") };
  }
}

/** The prefix an address was mounted under. */
function baseOf(at: string, own: string): string {
  const path = at.endsWith("/") ? at.slice(0, -1) : at;
  return own === "/" ? path : path.slice(0, path.length - own.replace(/\/$/, "").length);
}
