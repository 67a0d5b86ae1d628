import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './repository.ts';
import { aFolder, startMember, startNetwork, startProxy } from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];
const MODEL = join(root, 'models/cairn-crontab/crontab-f16.gguf');

interface Reach {
  readonly relays: readonly string[];
  readonly relay: { readonly held: number; readonly places: number } | null;
}

it('pays a provider that nobody can dial, through a node that relays', async () => {
  await using seed = await startNetwork(await aFolder(), [...FAST, '--network-relay', 'on']);
  const address = seed.addresses.find((each) => each.includes('/tcp/'))!;
  await using provider = await startMember(await aFolder(), 'miner', address, [
    ...['--p2p-listen', '', '--network-via', address],
    ...['--model', MODEL, '--input-price', '1', '--output-price', '1'],
  ]);
  expect(provider.addresses.length).toBeGreaterThan(0);
  for (const each of provider.addresses) expect(each).toContain('/p2p-circuit/p2p/');
  await using user = await startProxy(await aFolder(), address);
  const { roles } = await provider.control<{ roles: { address: string }[] }>('node_status', {});
  const response = await fetch(`${user.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'cairn/crontab',
      messages: [{ role: 'user', content: 'every weekday at 9:30 am' }],
      provider: { only: [roles[0]!.address] },
    }),
  });
  const body = (await response.json()) as {
    choices: { message: { content: string } }[];
    cairn: { provider: string; privacy: { level: string } };
  };
  expect(response.status, JSON.stringify(body)).toBe(200);
  expect(body.choices[0]!.message.content).toBe('30 9 * * 1-5');
  expect(body.cairn).toMatchObject({ provider: roles[0]!.address, privacy: { level: 'L1' } });
  const { node } = await seed.json<{ node: { reach: Reach } }>('status');
  expect(node.reach.relay).toMatchObject({ held: 1, places: 32 });
  const { node: hidden } = await provider.json<{ node: { reach: Reach } }>('status');
  expect(hidden.reach.relays).toEqual([address.slice(address.lastIndexOf('/') + 1)]);
  expect(hidden.reach.relay).toBe(null);
}, 240_000);
