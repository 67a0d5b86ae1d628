import { bytesToHex } from '@cairn/core';
import { accountStateKey } from '@cairn/sdk';
import { expect, it } from 'vitest';
import { describeWithChromium, servePage } from './browser.ts';
import { LIES } from './lies.ts';
import { accountOf, aLyingNode, alice } from './lying-node.ts';
import type { Asked, Found } from './page.ts';

describeWithChromium('the light client in a browser', () => {
  it('verifies a balance, and refuses every lie of a node', async () => {
    await using nodes = new AsyncDisposableStack();
    const asked: Asked['nodes'][number][] = [];
    for (const lie of [null, ...Object.values(LIES).map((each) => each.lie)]) {
      const node = nodes.use(await aLyingNode({ startMs: Date.now() - 60_000 }));
      await node.blocks(12);
      node.lie(lie);
      const { height, hash } = await node.trusted(2);
      asked.push({ url: node.url, height: Number(height), hash: bytesToHex(hash) });
    }
    await using page = await servePage(new URL('page.ts', import.meta.url));
    const key = accountStateKey(accountOf(alice));
    const told = await page.open({ asked: JSON.stringify({ nodes: asked, key } satisfies Asked) });
    const { agent, found } = told as { agent: string; found: Found[] };
    expect(agent).toMatch(/Chrom/);
    expect(found[0]).toEqual({ spendable: '999999800000', height: '11' });
    const codes = found.slice(1).map((each) => ('refused' in each ? each.refused : 'believed'));
    expect(Object.fromEntries(Object.keys(LIES).map((what, at) => [what, codes[at]]))).toEqual(
      Object.fromEntries(Object.entries(LIES).map(([what, { code }]) => [what, code])),
    );
  }, 120_000);
});
