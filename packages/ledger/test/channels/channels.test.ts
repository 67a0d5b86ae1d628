import { accountIdToAddress, bytesToHex, SUPPLY_CAP } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, channels } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN, type TestChain } from '../support/chain.ts';
import { aClaim, artifact, openChannel } from '../support/channels.ts';
import { brokenInvariants } from '../support/invariants.ts';

const payer = aKey(1);
const payee = aKey(2);
const stranger = aKey(3);
const WINDOW = 10n;

let chain: TestChain;
let id: Uint8Array;
const held = () => channels.get(chain.view, bytesToHex(id));

beforeEach(() => {
  chain = aChain({ funded: [payer, payee, stranger], parameters: { channelDisputeBlocks: WINDOW } });
  id = openChannel(chain, payer, payee);
});

/** What a call does to the spendable money of an account. */
async function gain(of: typeof payer, act: () => Promise<void> | void): Promise<bigint> {
  const before = chain.spendable(of);
  await act();
  return chain.spendable(of) - before;
}

describe('channels.open', () => {
  it('keeps the deposit and a bond for the record', () => {
    expect(held()).toMatchObject({ deposited: 10n * CAIRN, claimed: 0n, finalAt: 0n, totals: [] });
    expect(accounts.get(chain.view, payer.account)!.records).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is listed for both sides', () => {
    for (const party of [payer, payee]) {
      const params = { party: accountIdToAddress(party.account), after: null, limit: 0 };
      const listed = chain.query('channels_list', params);
      expect(listed.map((channel: { id: string }) => channel.id)).toEqual([bytesToHex(id)]);
    }
  });

  it.each([
    ['nothing', () => ({ payee: payee.account, netuid: 1, deposit: 0n }), 'AMOUNT_ZERO'],
    ['oneself', () => ({ payee: payer.account, netuid: 1, deposit: 1n }), 'PAYEE_IS_PAYER'],
    [
      'an account that is none',
      () => ({ payee: aKey(9).account, netuid: 1, deposit: 1n }),
      'ACCOUNT_UNKNOWN',
    ],
    ['too much', () => ({ payee: payee.account, netuid: 1, deposit: 200_000n * CAIRN }), 'BALANCE_TOO_LOW'],
  ])('refuses %s', (_, message, code) => {
    const records = accounts.get(chain.view, payer.account)!.records;
    expect(chain.send(payer, 'channels.open', message())).toBe(code);
    expect(accounts.get(chain.view, payer.account)!.records).toBe(records);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('channels.topUp', () => {
  it('adds to what can be claimed', async () => {
    expect(chain.send(payer, 'channels.topUp', { channel: id, amount: 5n * CAIRN })).toBe(null);
    expect(held()!.deposited).toBe(15n * CAIRN);
    const claim = await aClaim(chain, id, payer, 15n * CAIRN);
    expect(chain.send(payee, 'channels.claim', claim)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses nothing, strangers, unknown and closing channels, and more than there is', () => {
    expect(chain.send(payer, 'channels.topUp', { channel: id, amount: 0n })).toBe('AMOUNT_ZERO');
    expect(chain.send(payee, 'channels.topUp', { channel: id, amount: 1n })).toBe('NOT_PAYER');
    expect(chain.send(payer, 'channels.topUp', { channel: artifact(9), amount: 1n })).toBe('CHANNEL_UNKNOWN');
    expect(chain.send(payer, 'channels.topUp', { channel: id, amount: 200_000n * CAIRN })).toBe(
      'BALANCE_TOO_LOW',
    );
    chain.send(payer, 'channels.startClose', { channel: id });
    expect(chain.send(payer, 'channels.topUp', { channel: id, amount: 1n })).toBe('CHANNEL_CLOSING');
  });

  it('stops at the supply, so that money sent round and round never overflows the record', () => {
    chain.edit((state) => {
      const full = { ...held()!, deposited: SUPPLY_CAP - 5n, claimed: SUPPLY_CAP - 5n };
      channels.set(state, bytesToHex(id), full);
    });
    expect(chain.send(payer, 'channels.topUp', { channel: id, amount: 6n })).toBe('CHANNEL_FULL');
    expect(chain.send(payer, 'channels.topUp', { channel: id, amount: 5n })).toBe(null);
  });
});

describe('channels.claim', () => {
  it('pays what the voucher adds, and burns the share of it', async () => {
    const claim = await aClaim(chain, id, payer, 3n * CAIRN);
    let fee = 0n;
    const got = await gain(payee, () => {
      const { results } = chain.block([{ from: payee, name: 'channels.claim', message: claim }]);
      fee = results[0]!.fee;
      expect(results[0]!.events[0]!.data).toMatchObject({
        gross: `${3n * CAIRN}`,
        burned: '150000000',
        net: '2850000000',
      });
    });
    expect(got + fee).toBe((3n * CAIRN * 95n) / 100n);
    expect(chain.supply().burned).toBe((3n * CAIRN * 5n) / 100n);
    expect(brokenInvariants(chain)).toEqual([]);
    await expectClaim(5n * CAIRN, null);
    expect(held()).toMatchObject({ claimed: 5n * CAIRN });
    expect(chain.supply().burned).toBe((5n * CAIRN * 5n) / 100n);
  });

  it('burns a whole pebble of a claim of one, so that small claims never burn less', async () => {
    for (const cumulative of [1n, 2n, 102n, 203n]) {
      const claim = await aClaim(chain, id, payer, cumulative);
      const { results } = chain.block([{ from: payee, name: 'channels.claim', message: claim }]);
      const { gross, burned, net } = results[0]!.events[0]!.data as Record<string, string>;
      expect(BigInt(burned!) + BigInt(net!), `${cumulative}`).toBe(BigInt(gross!));
      expect(BigInt(burned!) * 20n >= BigInt(gross!), `${cumulative}`).toBe(true);
      expect(brokenInvariants(chain), `${cumulative}`).toEqual([]);
    }
    expect(chain.supply().burned).toBe(1n + 1n + 5n + 6n);
  });

  it('refuses the same voucher again, an earlier one, and one of nothing', async () => {
    await expectClaim(3n * CAIRN, null);
    await expectClaim(3n * CAIRN, 'VOUCHER_REPLAYED');
    await expectClaim(2n * CAIRN, 'VOUCHER_REPLAYED');
    await expectClaim(0n, 'VOUCHER_REPLAYED');
  });

  it('refuses more than the channel holds, up to the largest number', async () => {
    await expectClaim(10n * CAIRN + 1n, 'VOUCHER_OVERDRAWN');
    await expectClaim(2n ** 64n - 1n, 'VOUCHER_OVERDRAWN');
    await expectClaim(10n * CAIRN, null);
  });

  it('refuses a voucher of another key, of another chain, and one changed after signing', async () => {
    const claims = [
      await aClaim(chain, id, payee, CAIRN),
      await aClaim(chain, id, payer, CAIRN, { chainId: artifact(1) }),
      await aClaim(chain, id, payer, CAIRN, {
        tamper: (voucher) => ({
          ...voucher,
          cumulative: 2n,
          totals: [{ artifact: artifact(1), amount: 2n }],
        }),
      }),
      await aClaim(chain, id, payer, CAIRN, {
        tamper: (voucher) => ({ ...voucher, lastReceipt: artifact(3) }),
      }),
    ];
    for (const [index, claim] of claims.entries()) {
      expect(chain.send(payee, 'channels.claim', claim), `claim ${index}`).toBe('VOUCHER_FORGED');
    }
  });

  it('refuses a voucher of another channel of the same two', async () => {
    const other = openChannel(chain, payer, payee);
    const claim = await aClaim(chain, other, payer, CAIRN, {
      tamper: (voucher) => ({ ...voucher, channel: id }),
    });
    expect(chain.send(payee, 'channels.claim', claim)).toBe('VOUCHER_FORGED');
  });

  it('pays only the payee', async () => {
    const claim = await aClaim(chain, id, payer, CAIRN);
    expect(chain.send(stranger, 'channels.claim', claim)).toBe('NOT_PAYEE');
    expect(chain.send(payer, 'channels.claim', claim)).toBe('NOT_PAYEE');
    const nowhere = await aClaim(chain, artifact(8), payer, CAIRN);
    expect(chain.send(payee, 'channels.claim', nowhere)).toBe('CHANNEL_UNKNOWN');
  });

  it.each([
    ['do not add up', [[1, 1n]]],
    [
      'pass the largest number when added',
      [
        [1, 2n ** 64n - 1n],
        [2, 101n],
      ],
    ],
    [
      'repeat an artifact',
      [
        [1, 50n],
        [1, 50n],
      ],
    ],
    [
      'are out of order',
      [
        [2, 50n],
        [1, 50n],
      ],
    ],
    ['are missing', []],
  ] as const)('refuses totals that %s', async (_, entries) => {
    const totals = entries.map(([n, amount]) => ({ artifact: artifact(n), amount }));
    const claim = await aClaim(chain, id, payer, 100n, { totals });
    expect(chain.send(payee, 'channels.claim', claim)).toBe('VOUCHER_TOTALS_WRONG');
  });

  it('refuses totals in which an artifact has less than before or is gone', async () => {
    const of = (...amounts: bigint[]) => ({
      totals: amounts.map((amount, index) => ({ artifact: artifact(index + 1), amount })),
    });
    expect(chain.send(payee, 'channels.claim', await aClaim(chain, id, payer, 90n, of(60n, 30n)))).toBe(null);
    const shrunk = [of(59n, 41n), of(100n), of(61n, 29n, 10n)];
    for (const [index, totals] of shrunk.entries()) {
      const claim = await aClaim(chain, id, payer, 100n, totals);
      expect(chain.send(payee, 'channels.claim', claim), `totals ${index}`).toBe('VOUCHER_TOTALS_WRONG');
    }
    expect(chain.send(payee, 'channels.claim', await aClaim(chain, id, payer, 100n, of(60n, 30n, 10n)))).toBe(
      null,
    );
  });

  it('pays the coldkey when the payee is a hotkey', async () => {
    const coldkey = stranger;
    const hotkey = await agreement(chain.chainId, payee, coldkey.account);
    expect(chain.send(coldkey, 'staking.associateHotkey', { hotkey })).toBe(null);
    const got = await gain(coldkey, () => expectClaim(CAIRN, null));
    expect(got).toBe((CAIRN * 95n) / 100n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('closes at once when the payee wants no more, and the payer has the rest and the bond', async () => {
    const bond = held()!.recordDeposit;
    const claim = await aClaim(chain, id, payer, 4n * CAIRN, { close: true });
    const got = await gain(payer, () => {
      expect(chain.send(payee, 'channels.claim', claim)).toBe(null);
    });
    expect(got).toBe(6n * CAIRN + bond);
    expect(held()).toBe(undefined);
    expect([...chain.store.keys()].filter((key) => key.startsWith('channels/party/'))).toEqual([]);
    expect(accounts.get(chain.view, payer.account)!.records).toBe(0);
    expect(chain.send(payee, 'channels.claim', await aClaim(chain, id, payer, 5n * CAIRN))).toBe(
      'CHANNEL_UNKNOWN',
    );
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses a payee that closed its account, until somebody opens it again', async () => {
    const claim = await aClaim(chain, id, payer, CAIRN);
    expect(chain.send(payee, 'accounts.close', { beneficiary: stranger.account })).toBe(null);
    expect(chain.send(payee, 'channels.claim', claim)).toBe('ACCOUNT_UNKNOWN');
    expect(chain.send(stranger, 'accounts.transfer', { to: payee.account, amount: CAIRN })).toBe(null);
    expect(chain.send(payee, 'channels.claim', claim)).toBe(null);
  });
});

async function expectClaim(cumulative: bigint, code: string | null): Promise<void> {
  const claim = await aClaim(chain, id, payer, cumulative);
  expect(chain.send(payee, 'channels.claim', claim)).toBe(code);
}
