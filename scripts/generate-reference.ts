/** Writes the references in docs/reference from the tables of the code: `npm run reference`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { REFERENCE_PAGES, renderPage } from './reference/pages.ts';

mkdirSync(new URL('../docs/reference/', import.meta.url), { recursive: true });
for (const path of Object.keys(REFERENCE_PAGES)) {
  writeFileSync(new URL(`../${path}`, import.meta.url), renderPage(path));
}
