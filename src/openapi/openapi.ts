import type { RouteInfo } from "../core/route.ts";
import { Components } from "./components.ts";
import type {
  ExternalDocs,
  Info,
  OpenApiDocument,
  OpenApiServer,
  Operation,
  Tag,
} from "./document.ts";
import { OperationIds } from "./operation-id.ts";
import { parametersOf } from "./parameters.ts";
import { pathTemplates } from "./path-template.ts";
import type { PathTemplate } from "./path-template.ts";
import { requestBodyOf } from "./request-body.ts";
import { responsesOf } from "./responses.ts";
import { securityOf } from "./security.ts";
import { pascalCase } from "./words.ts";

/** What a document says beside the routes. */
export interface OpenApiOptions extends Info {
  /** Where the API is; left out: where the document is served. */
  readonly servers?: readonly OpenApiServer[];
  /** Tags in the order to show them, with descriptions. Those that only routes name come after. */
  readonly tags?: readonly Tag[];
  readonly externalDocs?: ExternalDocs;
}

/** An App, or whatever else knows its routes. */
export interface Documented {
  routes(): readonly RouteInfo[];
}

/** A route the document has no place for. */
export interface Omission {
  readonly route: RouteInfo;
  readonly method: string;
  readonly why: string;
}

/** A document with what is not in it. */
export interface Description {
  readonly document: OpenApiDocument;
  readonly omissions: readonly Omission[];
}

const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
const OF_ANY = ["GET", "PUT", "POST", "DELETE", "PATCH"];

/**
 * The OpenAPI 3.1 document of an App, from what its routes declare.
 *
 * Routes with `documented: false` are left out, and those that answer any method and declare nothing, as
 * mounted sites and proxies do.
 *
 * @throws TypeError when title or version is missing, or the App's routes are in conflict
 * @example
 * const app = new App().get("/users/:id", { returns: User }, find);
 * openapi(app, { title: "Users", version: "1.0.0" }).paths["/users/{id}"]?.["get"]?.operationId; // "getUsersById"
 */
export function openapi(app: Documented, options: OpenApiOptions): OpenApiDocument {
  return describeRoutes(app.routes(), options).document;
}

/** The document of some routes, with what it has no place for. @throws TypeError as {@link openapi} */
export function describeRoutes(routes: readonly RouteInfo[], options: OpenApiOptions): Description {
  const { servers, tags = [], externalDocs, ...info } = options;
  for (const key of ["title", "version"] as const) {
    if (typeof info[key] === "string") continue;
    throw new TypeError(`openapi: give a ${key}, as in { title: "Users", version: "1.0.0" }`);
  }
  const components = new Components();
  const paths = new Paths(components);
  for (const route of routes) if (isDocumented(route)) paths.add(route);
  const shared = components.toObject();
  const allTags = withTags(tags, paths.tags);
  const document: OpenApiDocument = {
    openapi: "3.1.1",
    info: pick(info, INFO),
    ...(servers !== undefined && servers.length > 0 && { servers }),
    ...(allTags.length > 0 && { tags: allTags }),
    ...(externalDocs && { externalDocs }),
    paths: Object.fromEntries(paths.items),
    ...(shared && { components: shared }),
  };
  return { document, omissions: paths.omissions };
}

/** Options of others, such as those of the docs page, stay out of the document. */
const INFO = ["title", "version", "summary", "description", "termsOfService", "contact", "license"];

function pick(info: Info, keys: readonly string[]): Info {
  return Object.fromEntries(
    Object.entries(info).filter(([key, value]) => keys.includes(key) && value !== undefined),
  ) as unknown as Info;
}

function isDocumented({ spec, methods }: RouteInfo): boolean {
  if (spec.documented !== undefined) return spec.documented;
  return methods !== undefined || Object.keys(spec).length > 0;
}

/** The paths of a document as they come together. */
class Paths {
  readonly items = new Map<string, Record<string, Operation>>();
  readonly tags = new Set<string>();
  readonly omissions: Omission[] = [];
  readonly #components: Components;
  readonly #ids = new OperationIds();
  readonly #byShape = new Map<string, PathTemplate>();

  constructor(components: Components) {
    this.#components = components;
  }

  add(route: RouteInfo): void {
    for (const template of pathTemplates(route.path)) {
      for (const method of route.methods ?? OF_ANY) this.#addOperation(route, method, template);
    }
    for (const tag of route.spec.tags ?? []) this.tags.add(tag);
  }

  #addOperation(route: RouteInfo, method: string, declared: PathTemplate): void {
    if (!METHODS.includes(method)) {
      this.omissions.push({ route, method, why: "OpenAPI 3.1 does not have this method" });
      return;
    }
    const template = this.#byShape.get(declared.shape) ?? declared;
    this.#byShape.set(template.shape, template);
    let item = this.items.get(template.path);
    if (item === undefined) this.items.set(template.path, (item = {}));
    const key = method.toLowerCase();
    if (item[key] === undefined) item[key] = this.#operation(route, method, template, declared);
    else {
      const why = `OpenAPI cannot tell it from ${method} ${template.path}, which is in the document`;
      this.omissions.push({ route, method, why });
    }
  }

  #operation(
    route: RouteInfo,
    method: string,
    template: PathTemplate,
    declared: PathTemplate,
  ): Operation {
    const { spec, host } = route;
    const components = this.#components;
    const operationId = this.#ids.next(route.name, method, template);
    const name = pascalCase(operationId);
    const parameters = parametersOf(spec, template, declared.params, components);
    const requestBody = requestBodyOf(spec, components, `${name}Body`);
    const security = securityOf(route, components);
    return {
      operationId,
      ...(spec.summary !== undefined && { summary: spec.summary }),
      ...(spec.description !== undefined && { description: spec.description }),
      ...(spec.tags && spec.tags.length > 0 && { tags: spec.tags }),
      ...(spec.deprecated === true && { deprecated: true }),
      ...(host !== undefined && { servers: [serverOf(host)] }),
      ...(parameters.length > 0 && { parameters }),
      ...(requestBody && { requestBody }),
      responses: responsesOf(route, method, components, `${name}Result`),
      ...(security && { security }),
    };
  }
}

/** A route of one host is there whatever the document says of the others. */
function serverOf(host: string): OpenApiServer {
  if (!host.startsWith("*.")) return { url: `//${host}` };
  return { url: `//{subdomain}${host.slice(1)}`, variables: { subdomain: { default: "www" } } };
}

function withTags(described: readonly Tag[], used: ReadonlySet<string>): Tag[] {
  const names = new Set(described.map(({ name }) => name));
  const others = [...used].filter((name) => !names.has(name));
  return [...described, ...others.map((name) => ({ name }))];
}
