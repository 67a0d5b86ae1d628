import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFERENCE_PAGES, renderPage } from '../scripts/reference/pages.ts';
import { listFiles, readText, root } from './repository.ts';

describe('the generated references', () => {
  it.each(Object.keys(REFERENCE_PAGES))('%s says what the code says', (path) => {
    const stale = `${path} is stale. Run: npm run reference`;
    expect(existsSync(join(root, path)), stale).toBe(true);
    expect(readText(path) === renderPage(path), stale).toBe(true);
  });

  it('are all there is in their folder', () => {
    expect(listFiles('docs/reference/*')).toEqual(Object.keys(REFERENCE_PAGES).sort());
  });
});
