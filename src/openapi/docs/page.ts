import { escapeHtml } from "../../internal/escape-html.ts";
import type { OpenApiDocument, OpenApiServer, Operation } from "../document.ts";

/** Where things are, relative to the page. */
export interface PageLocations {
  readonly document: string;
  /** The folder of scripts and styles, with its slash; "" for the page's own. */
  readonly assets: string;
}

/** The page: every operation as plain HTML, which the scripts put Swagger UI in the place of. */
export function docsPage(
  document: OpenApiDocument,
  { document: url, assets }: PageLocations,
): string {
  const { title, version } = document.info;
  const description = document.info.summary ?? document.info.description;
  const about = description === undefined ? "" : `\n<p>${escapeHtml(description)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${escapeHtml(assets)}swagger-ui.css">
<script src="${escapeHtml(assets)}swagger-ui-bundle.js" defer></script>
<script src="${escapeHtml(assets)}start.js" defer></script>
</head>
<body>
<main id="plain" data-document="${escapeHtml(url)}">
<h1>${escapeHtml(title)} ${escapeHtml(version)}</h1>${about}
<p><a href="${escapeHtml(url)}">The OpenAPI document</a></p>
<ul>
${operations(document).map(line).join("")}</ul>
</main>
</body>
</html>
`;
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function operations({ paths }: OpenApiDocument): Entry[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
}

function line({ method, path, operation }: Entry): string {
  const { summary, deprecated } = operation;
  const address = `<code>${method.toUpperCase()} ${escapeHtml(path)}</code>`;
  const says = summary === undefined ? "" : `: ${escapeHtml(summary)}`;
  return `<li>${deprecated === true ? `<s>${address}</s>` : address}${says}</li>\n`;
}

/** What the page may load: itself, and for trying operations out the servers of the document. */
export function contentSecurityPolicy(servers: readonly OpenApiServer[] = []): string {
  const origins = servers.flatMap(
    ({ url }) => /^https?:\/\/[A-Za-z0-9.:[\]-]+/.exec(url)?.[0] ?? [],
  );
  const connect = ["'self'", ...new Set(origins)].join(" ");
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** A target as it is written on a page, both by their paths. */
export function relativeTo(page: string, target: string): string {
  let folder = page.slice(0, page.lastIndexOf("/") + 1);
  let up = "";
  while (!target.startsWith(folder)) {
    folder = folder.slice(0, folder.lastIndexOf("/", folder.length - 2) + 1);
    up += "../";
  }
  return up + target.slice(folder.length);
}
