import { expect, it } from 'vitest';
import { openBrowserNetwork } from '../src/browser.ts';
import { aNetwork, chainId, crypto, realTimer, seedOf, silentLog } from './support/networks.ts';

it('reaches a peer over WebSocket without listening, and can be called back', async () => {
  await using node = await aNetwork({ listen: ['/ip4/127.0.0.1/tcp/0/ws'], relayServer: true });
  node.listen('/test/1', async (stream) => {
    await stream.write((await stream.read()) ?? new Uint8Array(0));
  });
  await using page = await openBrowserNetwork(
    { clock: { nowMs: () => 0 }, timer: realTimer, crypto, log: silentLog, identity: seedOf(500) },
    { chainId, bootstrap: node.addresses() },
  );
  expect(page.addresses()).toEqual([]);
  expect((await page.join()).reached).toEqual([node.peer]);
  const stream = await page.dial(node.peer, '/test/1');
  await stream.write(Uint8Array.of(1, 2));
  expect(await stream.read()).toEqual(Uint8Array.of(1, 2));

  page.listen('/page/1', async (asked) => {
    await asked.write(Uint8Array.of(3));
  });
  const back = await node.dial(page.peer, '/page/1');
  expect(await back.read()).toEqual(Uint8Array.of(3));
});
