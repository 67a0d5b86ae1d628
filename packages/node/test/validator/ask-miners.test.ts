import { createManualTime } from '@cairn/chain';
import type { Offer } from '@cairn/ledger';
import type { ServiceTask } from '@cairn/mechanisms';
import { createMemoryNetwork } from '@cairn/network';
import type { Payer } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { askMiners } from '../../src/validator/ask-miners.ts';
import { createKeptAnswers } from '../../src/validator/kept-answers.ts';
import { aRecordStore } from '../data/parts.ts';
import { accountOf, aLog, aSigner, crypto } from '../rpc/parts.ts';

const miner = accountOf(aSigner('a dear miner'));

function anOffer(price: Partial<Offer['terms']['price']>): Offer {
  const free = {
    inputPerMillion: 0n,
    cachedInputPerMillion: 0n,
    outputPerMillion: 0n,
    perRequest: 0n,
    perImage: 0n,
    perAudioSecond: 0n,
  };
  return {
    provider: miner,
    recordDeposit: 0n,
    terms: {
      netuid: 1,
      model: new Uint8Array(32),
      artifact: new Uint8Array(32),
      price: { ...free, ...price },
      maxConcurrency: 4,
      contextTokens: 4096,
      capabilities: [],
      tier: 1,
      retainsData: false,
      trainsOnData: false,
      expirySlot: 1n,
      regions: [],
      peer: 'nobody',
    },
  };
}

/** How many channels a validator opens when a miner asks this price. */
async function channelsOpenedAt(price: Partial<Offer['terms']['price']>): Promise<number> {
  let opened = 0;
  const payer = {
    async channelTo() {
      opened += 1;
      const payment = { open: async () => ({}), abandon: async () => undefined };
      return { record: { channel: new Uint8Array(32) }, pay: () => payment };
    },
  } as unknown as Payer;
  const { timer } = createManualTime(0);
  const transport = createMemoryNetwork({}).join('validator');
  const request = { messages: [{ role: 'user', content: 'every weekday at nine' }], maxTokens: 32 };
  const task = { index: 0, request } as unknown as ServiceTask;
  const plan = {
    netuid: 1,
    epoch: 1n,
    validator: accountOf(aSigner('validator')),
    salt: new Uint8Array(32),
    tasks: [task],
    attempt: 'one',
  };
  const kept = createKeptAnswers(aRecordStore());
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const parts = { kept, crypto, chainId: new Uint8Array(32), log: aLog(), payer, random, timer, transport };
  expect(await askMiners(parts, plan, [{ uid: 0, miner, offer: anOffer(price) }])).toEqual([]);
  return opened;
}

describe('asking miners', () => {
  it('never pays one that asks too much, per request or per token', async () => {
    expect(await channelsOpenedAt({ outputPerMillion: 60_000_000_000n })).toBe(1);
    expect(await channelsOpenedAt({ perRequest: 1_000_000_000_000n, perImage: 0n, perAudioSecond: 0n })).toBe(
      0,
    );
    expect(await channelsOpenedAt({ outputPerMillion: 10_000_000_000_000n })).toBe(0);
    expect(await channelsOpenedAt({ inputPerMillion: 10_000_000_000_000n })).toBe(0);
  });
});
