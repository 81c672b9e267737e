import type { Html } from "./html.ts";
import { html } from "./html.ts";

/** A whole page. @param csrf the token that scripts send along, where the page has any */
export function layout(title: string, main: Html, csrf?: string): string {
  const script =
    csrf !== undefined &&
    html`<meta name="csrf" content="${csrf}" />
      <script type="module" src="/assets/app.js"></script>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/style.css" />
        ${script}
      </head>
      <body>
        ${main}
      </body>
    </html>`.text;
}
