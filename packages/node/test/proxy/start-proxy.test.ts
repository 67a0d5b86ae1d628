import { addressToAccountId, PEBBLES_PER_CAIRN } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { createConfig } from '../../src/config/config.ts';
import { startProxy } from '../../src/proxy/start-proxy.ts';
import { createProviderCheck } from '../../src/relay/provider-check.ts';
import { serveRelay } from '../../src/relay/relay-server.ts';
import { aFolder } from '../data/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

interface Answer {
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
  readonly cairn?: { readonly privacy: { readonly level: string; readonly sealed: string | null } };
  readonly error?: { readonly message: string; readonly code: string };
  readonly data?: readonly { readonly cairn: { readonly privacy: { readonly best: string } } }[];
}

/** A proxy of its own folder and wallet on a town's network, and somebody with a stock client. */
async function aProxy(sealed: boolean, relay?: string) {
  const town = await aSubnetTown([aModel(() => '0 0 * * *')], { sealed });
  const given = { data: aFolder(), port: 0, seal: 'required' };
  const { settings } = createConfig({ flags: given });
  const { log, ledger } = town.parts;
  const proxy = await town.during(
    startProxy({
      settings,
      log,
      ledger,
      openTransport: async () => town.network.join('proxy'),
      ...(relay === undefined ? {} : { relay }),
    }),
  );
  const owner = town.accounts.owner;
  const to = addressToAccountId(proxy.address);
  await town.during(owner.send('accounts.transfer', { to, amount: 5n * PEBBLES_PER_CAIRN }));
  const fetchJson = async (path: string, body?: object): Promise<Answer> => {
    const response = await fetch(new URL(path, proxy.url), {
      ...(body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return (await response.json()) as Answer;
  };
  /** Makes blocks only for transactions that wait: the proxy writes to a real disk, which takes real time. */
  async function whileNeeded<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      if ((await ledger.status()).waiting > 0) await town.block();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    return done;
  }
  const messages = [{ role: 'user', content: 'a secret question' }];
  return {
    ...town,
    proxy,
    models: () => fetchJson('/v1/models'),
    ask: () =>
      whileNeeded(fetchJson('/v1/chat/completions', { model: 'cairn/stub', messages, max_tokens: 8 })),
    end: () => town.during(Promise.resolve(proxy[Symbol.asyncDispose]())),
  };
}

describe('the proxy on a device', () => {
  it('pays and seals for a stock client, from a wallet of its own', async () => {
    const town = await aProxy(true);
    const before = await town.proxy.spendable();
    expect(before).toBeGreaterThan(4n * PEBBLES_PER_CAIRN);
    const answer = await town.ask();
    expect(answer.choices?.[0]?.message.content).toBe('0 0 * * *');
    expect(answer.cairn?.privacy).toMatchObject({ level: 'L1', sealed: 'x-wing' });
    expect((await town.models()).data?.[0]?.cairn.privacy.best).toBe('L1');
    const wire = Buffer.concat(town.frames.map(({ bytes }) => Buffer.from(bytes)));
    expect(wire.includes('a secret question')).toBe(false);
    expect(await town.proxy.spendable()).toBeLessThan(before);
    await town.end();
  });

  it('asks no provider without a sealing key, and says why', async () => {
    const town = await aProxy(false);
    const { error } = await town.ask();
    expect(error?.message).toContain('no sealing key');
    expect(town.frames.length).toBe(0);
    await town.end();
  });

  it('goes through a relay, which alone the provider sees', async () => {
    const town = await aProxy(true, 'relay');
    const transport = town.network.join('relay');
    using _ = serveRelay({ ...town.parts, transport, isProvider: createProviderCheck(town.parts) });
    expect((await town.ask()).cairn?.privacy.level).toBe('L1');
    const links = new Set(town.frames.map(({ from, to }) => [from, to].sort().join(' ')));
    expect([...links].some((link) => link.includes('proxy') && !link.includes('relay'))).toBe(false);
    await town.end();
  });
});
