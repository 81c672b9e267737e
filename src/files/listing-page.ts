import { escapeHtml } from "../internal/escape-html.ts";
import type { ListedFile, Listing, SortKey } from "./listing.ts";
import { kindOf, listingIcons } from "./listing-icons.ts";
import { listingStyle } from "./listing-style.ts";

/** The page of a listing. It needs no script, and every name in it is only text. */
export function listingPage(listing: Listing): string {
  const title = escapeHtml(visible(`/${listing.trail.map((name) => `${name}/`).join("")}`));
  const state = stateQuery(listing);
  const parent =
    listing.trail.length === 0
      ? ""
      : `<tr class="up"><td><a href="../${state}">${icon("up")}<span>Parent directory</span></a></td><td></td><td></td></tr>\n`;
  const rows = listing.files.map((file) => row(file, state)).join("");
  const empty =
    listing.files.length === 0
      ? `<tr class="empty"><td colspan="3">This directory is empty</td></tr>\n`
      : "";
  const more =
    listing.more > 0
      ? `<p class="more">and ${count(listing.more, "entry", "entries")} more</p>\n`
      : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Index of ${title}</title>
<style>${listingStyle}</style>
</head>
<body>
${listingIcons}
<main>
<header>
<h1><nav aria-label="Path">${breadcrumb(listing, state)}</nav></h1>
<p>${summary(listing.files)}</p>
</header>
<table>
<thead><tr>${heading(listing, "name", "Name")}${heading(listing, "size", "Size")}${heading(listing, "modified", "Modified")}</tr></thead>
<tbody>
${parent}${rows}${empty}</tbody>
</table>
${more}</main>
</body>
</html>
`;
}

/** Links inside the site are relative, so that they are right behind any prefix. */
function breadcrumb(listing: Listing, state: string): string {
  const trail = listing.trail;
  const last = trail.length;
  const root = last === 0 ? "./" : "../".repeat(last);
  const home = `<a class="home" href="${root}${state}">${icon("home")}${escapeHtml(listing.host)}</a>`;
  const parts = trail.map((name, i) => {
    const text = `<bdi>${escapeHtml(visible(name))}</bdi>`;
    if (i === last - 1) return `<span aria-current="page">${text}</span>`;
    return `<a href="${"../".repeat(last - 1 - i)}${state}">${text}</a>`;
  });
  return [home, ...parts].join(`<i aria-hidden="true">/</i>`);
}

function heading(listing: Listing, key: SortKey, label: string): string {
  const sorted = listing.sort === key;
  const next = sorted && listing.order === "asc" ? "desc" : "asc";
  const aria = sorted ? ` aria-sort="${listing.order === "asc" ? "ascending" : "descending"}"` : "";
  return `<th scope="col"${aria}><a href="?sort=${key}&amp;order=${next}">${label}</a></th>`;
}

function row(file: ListedFile, state: string): string {
  const directory = file.type === "directory";
  const kind = directory ? "folder" : kindOf(file.name);
  const name = `${icon(kind)}<span><bdi>${escapeHtml(visible(file.name))}</bdi>${directory ? "<i>/</i>" : ""}</span>`;
  // No address can spell these names: see http/path.ts.
  const reachable = !file.name.includes("\\") && !file.name.includes("\uFFFD");
  const target = encodeURIComponent(file.name) + (directory ? `/${state}` : "");
  const cell = reachable ? `<a href="${target}">${name}</a>` : `<span class="name">${name}</span>`;
  const size =
    file.size === undefined
      ? `<td class="none">–</td>`
      : `<td title="${file.size.toLocaleString("en")} bytes">${humanSize(file.size)}</td>`;
  return `<tr><td>${cell}</td>${size}<td>${time(file.modified)}</td></tr>\n`;
}

/** The sorting, to keep it while walking through directories; nothing while it is the usual one. */
function stateQuery({ sort, order }: Listing): string {
  return sort === "name" && order === "asc" ? "" : `?sort=${sort}&amp;order=${order}`;
}

function icon(name: string): string {
  return `<svg class="${name}" aria-hidden="true"><use href="#${name}"/></svg>`;
}

/** Control characters as their pictures (U+2400 …), so that a name with a line break is still one line. */
function visible(name: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return name.replace(/[\0-\x1f\x7f]/g, (character) => {
    const code = character.charCodeAt(0);
    return String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
  });
}

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** `1.4 MB`: powers of 1000, as disks and browsers count. */
export function humanSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

function time(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `<time datetime="${iso}" title="${iso.slice(0, 19).replace("T", " ")} UTC">${iso.slice(0, 10)}<b> ${iso.slice(11, 16)}</b></time>`;
}

function summary(files: readonly ListedFile[]): string {
  const directories = files.filter((file) => file.type === "directory").length;
  let bytes = 0;
  for (const file of files) bytes += file.size ?? 0;
  const parts: string[] = [];
  if (directories > 0) parts.push(count(directories, "folder", "folders"));
  const plain = files.length - directories;
  if (plain > 0) parts.push(count(plain, "file", "files"), humanSize(bytes));
  return parts.join("<i>·</i>");
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
