import { escapeText } from './svg.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1d22; --soft: #667; --line: #d9dce3; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9ed; --soft: #9aa0ad; --line: #363a44; --paper: #15171c; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 1360px; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
p, li { max-width: 75ch; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(520px, 100%), 1fr)); gap: 1.5rem; }
figure { margin: 0; } figcaption { font-weight: 600; } small { color: var(--soft); font-weight: 400; }
svg { width: 100%; height: auto; display: block; } polyline { stroke-width: 1.6; stroke-linejoin: round; }
.grid { stroke: var(--line); } .tick { fill: var(--soft); font-size: 11px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; margin: 0.2rem 0; padding: 0; font-size: 13px; }
.legend span { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; border-radius: 2px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.3rem 0.8rem; border-bottom: 1px solid var(--line); } th:first-child, td:first-child { text-align: left; }
`;

export function tableHtml(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table><thead>${cells('th', headers)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table></div>`;
}

/** A page that needs nothing from anywhere. `body` is markup. */
export function pageHtml(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeText(title)}</h1>
${body}
</body></html>
`;
}
