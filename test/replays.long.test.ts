import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  describeWithChromium,
  firefox,
  inChromium,
  inFirefox,
  servePage,
} from '../packages/node/test/light/browser.ts';
import { ortBinary } from '../packages/training/test/support/ort-binary.ts';
import type { ReplayedRoots } from './support/replay-roots-page.ts';

const TRAINERS = 1_000;
/** Of one page: a browser that says nothing for 100 s is given up. */
const AT_A_TIME = 100;
const CHILD = fileURLToPath(
  new URL('../packages/training/test/support/exact-replays-child.ts', import.meta.url),
);

/** Rounds of these seeds in a Node process of its own. */
async function inNode(first: number, count: number): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=source', CHILD, String(first), String(count)],
    { maxBuffer: 2 ** 24 },
  );
  return JSON.parse(stdout) as string[];
}

async function inBrowser(browser: ReturnType<typeof inChromium>, agent: RegExp): Promise<string[]> {
  await using page = await servePage(new URL('support/replay-roots-page.ts', import.meta.url));
  const roots: string[] = [];
  for (let first = 1; first <= TRAINERS; first += AT_A_TIME) {
    const told = (await page.open(
      { wasm: `/@fs${ortBinary}`, first: String(first), count: String(AT_A_TIME) },
      browser,
    )) as ReplayedRoots;
    expect(told).toMatchObject({ agent: expect.stringMatching(agent), roots: expect.any(Array) });
    if ('roots' in told) roots.push(...told.roots);
  }
  return roots;
}

/** Without one that differs in so many, a wrong conviction is rarer than three in as many, at 95 %. */
const acquitted = (roots: readonly string[], committed: readonly string[]) =>
  roots.filter((root, index) => root === committed[index]).length;

let committed: string[];
beforeAll(async () => {
  committed = await inNode(1, TRAINERS);
});

describe('a validator that replays 1,000 honest trainers, each of which trained in Node', () => {
  it('acquits all in Node', { timeout: 900_000 }, async () => {
    expect(new Set(committed).size).toBe(TRAINERS);
    expect(acquitted(await inNode(1, TRAINERS), committed)).toBe(TRAINERS);
  });
});

describeWithChromium('a validator in Chromium that replays 1,000 honest trainers', () => {
  it('acquits all', { timeout: 1_800_000 }, async () => {
    expect(acquitted(await inBrowser(inChromium(), /Chrom/), committed)).toBe(TRAINERS);
  });
});

if (firefox !== null)
  describe('a validator in Firefox that replays 1,000 honest trainers', () => {
    it('acquits all', { timeout: 1_800_000 }, async () => {
      expect(acquitted(await inBrowser(inFirefox(), /Firefox/), committed)).toBe(TRAINERS);
    });
  });
