import { createNativeSealCrypto } from '@cairn/chain';
import { bytesToHex, PEBBLES_PER_CAIRN } from '@cairn/core';
import { type InferEvent, infer, type SealMode } from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGatewayRole } from '../../src/roles/gateway-role.ts';
import { openPayer } from '../../src/roles/open-payer.ts';
import { createLedgerKeys, ensureProvider } from '../../src/sealing/ledger-keys.ts';
import { createMinerSealing } from '../../src/sealing/miner-sealing.ts';
import { createSealParts, levelOf } from '../../src/sealing/seal-parts.ts';
import { openSealingKeys } from '../../src/sealing/sealing-keys.ts';
import { aFolder, aRecordStore } from '../data/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

type Town = Awaited<ReturnType<typeof aSubnetTown>>;

async function ask(town: Town, mode: SealMode, seal = createSealParts(town.parts, mode)) {
  const { parts } = town;
  const client = town.accounts.gateway;
  const payer = await town.during(openPayer(parts, { log: parts.log, client, records: aRecordStore() }));
  const transport = town.network.join(`payer ${mode}`);
  const miner = town.miners[0]!;
  const offer = {
    provider: town.accounts.workers.get(miner.name)!.hotkey.account,
    terms: miner.terms,
    recordDeposit: 0n,
  };
  const events = infer(
    { ...parts, transport, payer, seal },
    {
      offer,
      body: {
        endpoint: 'chat',
        prompt: { kind: 'chat', messages: [{ role: 'user', content: 'hello' }] },
        params: { maxTokens: 8, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
      },
      idempotencyKey: 'one',
    },
  );
  const last = async () => {
    let end: InferEvent | null = null;
    for await (const event of events) end = event;
    return end;
  };
  return town.during(last());
}

describe('roles that seal', () => {
  it('seal to the key that a miner has put on the ledger, by X-Wing', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    expect(await ask(town, 'required')).toMatchObject({ type: 'end', sealed: 'x-wing' });
    const told = town.frames.filter(({ protocol }) => protocol === '/cairn/infer/1');
    expect(told.some(({ bytes }) => Buffer.from(bytes).includes('0 0 *'))).toBe(false);
  });

  it('ask a miner without a key only when that is allowed', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')], { sealed: false });
    await expect(ask(town, 'required')).rejects.toMatchObject({ code: 'SEAL_REQUIRED' });
    const end = await ask(town, 'prefer');
    expect(end).toMatchObject({ type: 'end' });
    expect(end).not.toHaveProperty('sealed');
  });

  it('name their machine again when it is reached elsewhere, as through a relay found later', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const client = town.accounts.workers.get(town.miners[0]!.name)!.hotkey;
    const keys = await openSealingKeys(aFolder(), createNativeSealCrypto());
    const device = { peerKey: new Uint8Array(32).fill(7), addresses: ['/ip4/10.0.0.7/tcp/8471'] };
    const sealing = createMinerSealing(town.parts, client, keys, () => 0n, device);
    const named = async () => {
      const { devices } = await town.parts.ledger.query<{ devices: { addresses: string[] }[] }>(
        'registry_provider',
        { account: client.address },
      );
      return devices[0]!.addresses;
    };
    await town.during(sealing.register());
    device.addresses = ['/ip4/203.0.113.7/tcp/8471/p2p/12D3KooWrelay/p2p-circuit'];
    await town.during(sealing.onBlock(99));
    expect(await named()).toEqual(['/ip4/10.0.0.7/tcp/8471']);
    await town.during(sealing.onBlock(100));
    expect(await named()).toEqual(device.addresses);
  });

  it('put a rotated key on the ledger and leave machines and region as they are', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const client = town.accounts.workers.get(town.miners[0]!.name)!.hotkey;
    const keys = await openSealingKeys(aFolder(), createNativeSealCrypto());
    const before = await town.parts.ledger.query<{ sealing: object }>('registry_provider', {
      account: client.address,
    });
    const device = { peerKey: new Uint8Array(32).fill(7), addresses: [], expirySlot: 100_000n };
    const sealing = keys.current.public;
    await town.during(
      client.send('registry.setProvider', { terms: { sealing, devices: [device], region: 'de' } }),
    );
    await keys.rotate(10n);
    await town.during(ensureProvider(town.parts.ledger, client, keys.current.public));
    const after = await town.parts.ledger.query('registry_provider', { account: client.address });
    expect(after).toMatchObject({
      sealing: { x25519: bytesToHex(keys.current.public.x25519) },
      devices: [{ expirySlot: '100000' }],
      region: 'de',
    });
    expect(after).not.toMatchObject(before);
    const read = await createLedgerKeys(town.parts)(client.account);
    expect(read?.xWing).toEqual(keys.current.public.xWing);
    // What stands already is not sent again.
    await ensureProvider(town.parts.ledger, client, keys.current.public);
  });

  it('say of each offer who could read what is asked of it', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const [miner] = town.miners;
    const provider = town.accounts.workers.get(miner!.name)!.hotkey.account;
    const offer = { provider, terms: miner!.terms, recordDeposit: 0n };
    expect(await levelOf(createSealParts(town.parts), offer, false)).toBe('L1');
    expect(await levelOf(createSealParts(town.parts, 'off'), offer, false)).toBe('L0');
    const gateway = await town.during(
      startGatewayRole(town.parts, {
        client: town.accounts.gateway,
        transport: town.network.join('gateway'),
        records: aRecordStore(),
        storage: aRecordStore(),
        keys: [],
        mostPerAnswer: PEBBLES_PER_CAIRN,
        firstModel: 'cairn/stub',
        knownQuestion: () => null,
      }),
    );
    onTestFinished(() => town.during(Promise.resolve(gateway[Symbol.asyncDispose]())));
    expect((await gateway.gateway.models()).length).toBeGreaterThan(0);
  });

  it('open what was sealed to a key that a miner has rotated since, and to the new one', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const [miner] = town.miners;
    const provider = town.accounts.workers.get(miner!.name)!.hotkey.account;
    const before = createSealParts(town.parts, 'required');
    const old = await before.keysOf(provider);
    const id = await town.during(miner!.rotateSealing!());
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(await ask(town, 'required', { ...before, keysOf: async () => old })).toMatchObject({
      sealed: 'x-wing',
    });
    const fresh = await createLedgerKeys(town.parts)(provider);
    expect(fresh?.x25519).not.toEqual(old?.x25519);
  });

  it('without offers keep an old key as long as callers may still have read it, and no longer', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const client = town.accounts.workers.get(town.miners[0]!.name)!.hotkey;
    const keys = await openSealingKeys(aFolder(), createNativeSealCrypto());
    let slot = 1_000n;
    const query = async <T>(method: string, params: unknown) =>
      (method === 'governance_status'
        ? { slot: slot.toString() }
        : await town.parts.ledger.query(method, params)) as T;
    const ledger = { ...town.parts.ledger, query };
    const sealing = createMinerSealing({ ...town.parts, ledger }, client, keys, null);
    await town.during(sealing.rotate());
    slot = 1_599n;
    await sealing.onBlock(100);
    expect(keys.keys()).toHaveLength(2);
    slot = 1_600n;
    await sealing.onBlock(200);
    expect(keys.keys()).toEqual([keys.current]);
  });

  it('do not send in clear when the ledger cannot be read', async () => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
    const ledger = { ...town.parts.ledger, query: () => Promise.reject(new Error('the ledger is away')) };
    const keysOf = createLedgerKeys({ ...town.parts, ledger });
    await expect(keysOf(new Uint8Array(32))).rejects.toThrow('away');
  });
});
