/** The style of a listing: the reader's own fonts, light or dark as the system is. */
export const listingStyle = `
:root{--page:#f6f7f9;--card:#fff;--text:#1b1f24;--soft:#5f6874;--faint:#6d7683;--line:#e6e9ed;--hover:#f3f7fd;--link:#1257c4;--folder:#d99a1c;--fill:#fcf1d6}
@media(prefers-color-scheme:dark){:root{--page:#0f1216;--card:#171b21;--text:#e5e9ee;--soft:#98a2af;--faint:#828d9b;--line:#262c35;--hover:#1e252e;--link:#85b7ff;--folder:#e3b04b;--fill:#3a3120}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
header{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.25rem 1.5rem;margin:0 .25rem 1rem}
h1{margin:0;font-size:1.3rem;font-weight:600;line-height:1.4;min-width:0;overflow-wrap:anywhere}
h1 a{color:var(--link);text-decoration:none}
h1 a:hover{text-decoration:underline}
h1 i{font-style:normal;font-weight:400;color:var(--faint);margin:0 .4rem}
h1 .home svg{vertical-align:-.16em;margin:0 .45rem 0 0;width:1.2rem;height:1.2rem}
header p{margin:0;color:var(--soft);font-size:.875rem}
header p i{font-style:normal;color:var(--faint);margin:0 .5rem}
table{width:100%;border-collapse:separate;border-spacing:0;background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:clip;box-shadow:0 1px 2px rgb(0 0 0/.04)}
th{position:sticky;top:0;z-index:1;background:var(--card);border-bottom:1px solid var(--line);padding:0;font-size:.8125rem;font-weight:500;text-align:right}
th a{display:block;padding:.65rem 1rem;color:var(--soft);text-decoration:none;white-space:nowrap}
th a:hover{color:var(--text)}
th:first-child{text-align:left}
th[aria-sort] a{color:var(--text);font-weight:600}
th[aria-sort] a::after{content:"";display:inline-block;margin-left:.45em;border:.26em solid transparent;border-bottom:.36em solid currentColor;border-top:0;vertical-align:.12em}
th[aria-sort=descending] a::after{transform:rotate(180deg)}
td{padding:0 1rem;height:2.6rem;color:var(--soft);text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;font-size:.875rem;border-top:1px solid var(--line)}
tbody tr:first-child td{border-top:0}
td:first-child{padding:0;width:100%;text-align:left;white-space:normal;font-size:inherit}
td a,td .name{display:flex;align-items:center;gap:.7rem;padding:.6rem 1rem;color:var(--text);text-decoration:none;overflow-wrap:anywhere}
td .name{color:var(--faint)}
td a span i{font-style:normal;color:var(--faint)}
tbody tr:hover{background:var(--hover)}
td a:hover span{color:var(--link)}
a:focus-visible{outline:2px solid var(--link);outline-offset:-2px;border-radius:8px}
svg{flex:none;width:1.25rem;height:1.25rem;fill:none;stroke:var(--soft);stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}
svg[hidden]{display:none}
svg.folder{stroke:var(--folder);fill:var(--fill)}
svg.home{stroke:currentColor}
.up span{color:var(--soft)}
.none{color:var(--faint)}
.empty td{text-align:center;height:6rem;color:var(--soft)}
time b{font-weight:400;color:var(--faint)}
.more{margin:1rem .25rem;color:var(--soft);font-size:.875rem}
@media(max-width:38rem){main{padding:1.25rem .75rem 3rem}time b{display:none}td{padding:0 .75rem 0 0}th a{padding:.65rem .75rem .65rem 0}th:first-child a,td a,td .name{padding-left:.75rem}}
@media(max-width:26rem){th:last-child,td:last-child{display:none}}
@media print{:root{--page:#fff;--card:#fff}table{border:0;box-shadow:none}th{position:static}}
`;
