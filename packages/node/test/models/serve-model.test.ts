import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import type { InferenceEngine } from '@cairn/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkQuote } from '../../src/attestation/check-quote.ts';
import { fetchQuote } from '../../src/attestation/quote-exchange.ts';
import { readQuote } from '../../src/attestation/read-quote.ts';
import { VENDOR_ROOTS } from '../../src/attestation/vendor-roots.ts';
import { serveModel } from '../../src/models/serve-model.ts';
import { openSealingKeys } from '../../src/sealing/sealing-keys.ts';
import { RECORDED_MS, recorded } from '../attestation/quotes.ts';
import { aFolder, aRecordStore } from '../data/parts.ts';
import { aSigner } from '../rpc/parts.ts';
import { aModel, roleKey } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

/** A model that a miner with this setting serves, as the ledger and its peers see it. */
async function served(quotePath: string) {
  const town = await aSubnetTown([]);
  const { parts, network, accounts } = town;
  const key = roleKey(aSigner('served'));
  const quote = await readQuote(quotePath);
  const llama: InferenceEngine = {
    name: 'stub',
    estimateMemoryBytes: async () => 0,
    load: async () => aModel(() => '0 0 * * *'),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const result = await town.during(
    serveModel(
      { ...parts, llama, owner: accounts.owner },
      {
        ...{ role: 'miner', key, records: aRecordStore(), threads: 1, maxContextTokens: 4096 },
        peers: { join: (name) => network.join(name), nameOf: (name) => name, device: null },
        sealing: await openSealingKeys(aFolder(), createNativeSealCrypto()),
        resolved: {
          file: { format: 'gguf', location: '/none.gguf' },
          engine: null,
          artifact: {
            ...{ path: 'served.gguf', format: 'gguf', quantisation: 'F16', sizeBytes: 1n },
            ...{ sha256: new Uint8Array(32).fill(8), merkleRoot: new Uint8Array(32) },
          },
          ...{ shortName: 'served', parameters: 1n, licence: 'MIT' },
        },
        price: {
          ...{ inputPerMillion: 1n, cachedInputPerMillion: 1n, outputPerMillion: 1n },
          ...{ perRequest: 0n, perImage: 0n, perAudioSecond: 0n },
        },
        ...(quote !== null && { quote }),
      },
    ),
  );
  onTestFinished(() => town.during(Promise.resolve(result.role[Symbol.asyncDispose]())));
  const offers = await parts.ledger.query<{ provider: string; tier: number; peer: string }[]>(
    'registry_offers',
    { after: null, limit: 0 },
  );
  const offer = offers.find(({ provider }) => provider === key.address)!;
  const shown = fetchQuote({ ...parts, transport: network.join('who asks') }, offer.peer);
  return { offer, shown: await town.during(shown) };
}

/** A file with these bytes. */
function aFile(bytes: Uint8Array): string {
  const path = join(aFolder(), 'quote.bin');
  writeFileSync(path, bytes);
  return path;
}

describe('a model that is served', () => {
  it.each(['tdx-v4.bin', 'sev-snp-v2.bin'])(
    'with a quote is offered at tier 3, and shows it to whoever asks as the hardware gave it: %s',
    async (name) => {
      const { offer, shown } = await served(aFile(recorded(name)));
      expect(offer.tier).toBe(3);
      expect(shown).toEqual(recorded(name));
      expect(checkQuote(shown!, VENDOR_ROOTS, RECORDED_MS)).toEqual(
        checkQuote(recorded(name), VENDOR_ROOTS, RECORDED_MS),
      );
    },
  );

  it('without one is offered by what its engine can show, and shows no quote', async () => {
    const { offer, shown } = await served('');
    expect(offer.tier).toBe(1);
    expect(shown).toBe(null);
  });
});

describe('the setting of a quote', () => {
  it('names none when it is empty', async () => {
    expect(await readQuote('')).toBe(null);
  });

  it.each([
    ['that is not there', () => join(aFolder(), 'none.bin'), 'cannot be read (ENOENT)'],
    ['that is a folder', () => join(aFolder(), 'a'), 'cannot be read (EISDIR)'],
    ['that is empty', () => aFile(new Uint8Array(0)), 'is empty'],
    ['that nobody would take', () => aFile(new Uint8Array(65_537)), 'has more than 65536 bytes'],
  ])('refuses a file %s', async (_, make, reason) => {
    const path = make();
    if (reason.includes('EISDIR')) mkdirSync(path);
    await expect(readQuote(path)).rejects.toMatchObject({
      problem: { code: 'CONFIG_INVALID', key: 'quote', value: path },
      message: expect.stringContaining(reason),
    });
  });
});
