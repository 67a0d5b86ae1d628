import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles, readText, root } from './repository.ts';

const pages = listFiles('*.md').filter((file) => !file.startsWith('.changeset/'));

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '`code`');
}

function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target = '']) => target);
}

/** The anchor a page gives to a heading, as code hosts make it. */
function anchorsOf(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

describe('the pages for people', () => {
  it.each(['LICENSE', 'SECURITY.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'])('include %s', (file) => {
    expect(existsSync(join(root, file))).toBe(true);
  });

  it.each(pages)('%s links only to what exists', (page) => {
    for (const link of linksOf(readText(page))) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
      expect(existsSync(join(root, target)), `${page} links to ${link}`).toBe(true);
      if (anchor && target.endsWith('.md')) {
        expect(anchorsOf(readText(target)), `${page} links to ${link}`).toContain(anchor);
      }
    }
  });

  it('number their decisions without a gap, each with its three parts', () => {
    const decisions = listFiles('docs/decisions/*.md').filter((file) => !file.endsWith('README.md'));
    const numbers = decisions.map((file) => Number(/\/(\d{4})-/.exec(file)?.[1]));
    expect(numbers).toEqual(decisions.map((_, i) => i + 1));
    for (const file of decisions) {
      for (const part of ['## Context', '## Choice', '## What we gave up']) {
        expect(readText(file), file).toContain(part);
      }
    }
  });
});
