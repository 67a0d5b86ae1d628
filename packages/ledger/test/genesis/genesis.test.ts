import { bytesToHex, decode, encode, SUPPLY_CAP } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  beaconCell,
  chainIdOf,
  createOverlay,
  type Genesis,
  genesisCell,
  genesisShape,
  genesisState,
  issuance,
  LedgerError,
  readParameters,
  rosterCell,
  type StateChange,
  supplyCell,
} from '../../src/index.ts';
import { aKey, CAIRN, testCrypto } from '../support/chain.ts';
import { BEACON } from '../support/timelock.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];

const aGenesis = (change: Partial<Genesis> = {}): Genesis => ({
  name: 'test',
  kind: 'local',
  timeMs: 1_700_000_000_000n,
  salt: new Uint8Array(32),
  parameters: [],
  validators: [],
  beacon: null,
  funds: [alice, bob, carol].map(({ account }, index) => ({ account, amount: BigInt(index + 1) * CAIRN })),
  ...change,
});

const aValidator = (change: Partial<Genesis['validators'][number]> = {}) => ({
  publicKey: carol.publicKey,
  account: alice.account,
  power: 5n,
  ...change,
});

const stateOf = (genesis: Genesis) => genesisState(testCrypto, genesis);
const asText = (changes: readonly StateChange[]) =>
  changes.map(({ key, value }) => `${key} ${value === null ? '-' : bytesToHex(value)}`);

function viewOf(changes: readonly StateChange[]) {
  const values = new Map(changes.map(({ key, value }) => [key, value ?? undefined]));
  return createOverlay({ get: (key) => values.get(key) });
}

function refusalOf(genesis: Genesis): unknown {
  try {
    stateOf(genesis);
  } catch (error) {
    if (error instanceof LedgerError) return error.problem;
    throw error;
  }
  return null;
}

describe('genesis', () => {
  it('funds accounts of a local network, deposits kept back', () => {
    const view = viewOf(stateOf(aGenesis()));
    expect(accounts.get(view, bob.account)).toEqual({
      nonce: 0n,
      spendable: 2n * CAIRN - 200_000n,
      deposit: 200_000n,
      records: 0,
      isKeyChanged: false,
      isFrozen: false,
    });
    expect(issuance(supplyCell.get(view))).toBe(6n * CAIRN);
  });

  it('starts a real network with nothing issued and votes that are backed by no stake', () => {
    const view = viewOf(stateOf(aGenesis({ kind: 'real', funds: [], validators: [aValidator()] })));
    expect(issuance(supplyCell.get(view))).toBe(0n);
    expect(rosterCell.get(view)).toMatchObject({
      validators: [{ id: carol.account, account: alice.account, granted: 5n, power: 5n, origin: 'genesis' }],
      bootstrapLeft: 5n,
    });
    expect(accounts.get(view, alice.account)).toBeUndefined();
  });

  it('names the chain by its hash: any change of it is another chain', () => {
    const ids = [
      aGenesis(),
      aGenesis({ salt: new Uint8Array(32).fill(1) }),
      aGenesis({ kind: 'real', funds: [] }),
      aGenesis({ timeMs: 1n }),
      aGenesis({ validators: [aValidator()] }),
      aGenesis({ parameters: [{ name: 'slotMs', value: 1_000n }] }),
    ].map((genesis) => bytesToHex(chainIdOf(testCrypto, genesis)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(bytesToHex(genesisCell.get(viewOf(stateOf(aGenesis()))).chainId)).toBe(ids[0]);
  });

  it('gives the same state each time, and in whatever order accounts and parameters are named', () => {
    const parameters = [
      { name: 'slotMs', value: 1_000n },
      { name: 'feeBase', value: 5n },
      { name: 'channelBurnBps', value: 7n },
    ];
    const withoutChainId = (genesis: Genesis) =>
      asText(stateOf(genesis)).filter((line) => !line.startsWith('genesis/'));
    const genesis = aGenesis({ parameters });
    expect(asText(stateOf(genesis))).toEqual(asText(stateOf(aGenesis({ parameters }))));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(genesis.funds, { minLength: 3 }),
        fc.shuffledSubarray(parameters, { minLength: 3 }),
        (funds, shuffled) => {
          expect(withoutChainId({ ...genesis, funds, parameters: shuffled })).toEqual(
            withoutChainId(genesis),
          );
        },
      ),
    );
  });

  it('remembers the beacon it names, which makes another chain', () => {
    const [without, withOne] = [aGenesis(), aGenesis({ beacon: BEACON })];
    expect(chainIdOf(testCrypto, withOne)).not.toEqual(chainIdOf(testCrypto, without));
    expect(beaconCell.get(viewOf(stateOf(without)))).toBe(null);
    expect(beaconCell.get(viewOf(stateOf(withOne)))).toEqual(BEACON);
    expect(decode(genesisShape, encode(genesisShape, withOne)).beacon).toEqual(BEACON);
  });

  it('adds the funds of an account that is named twice', () => {
    const fund = { account: alice.account, amount: CAIRN };
    const view = viewOf(stateOf(aGenesis({ funds: [fund, fund] })));
    expect(accounts.get(view, alice.account)!.spendable).toBe(2n * CAIRN - 200_000n);
  });

  it('sets parameters, the others at their initial values', () => {
    const view = viewOf(stateOf(aGenesis({ parameters: [{ name: 'slotMs', value: 1_000n }] })));
    expect(readParameters(view)).toMatchObject({ slotMs: 1_000n, feeBase: 10_000n });
  });

  const fund = (amount: bigint) => ({ account: alice.account, amount });
  it.each<[string, Partial<Genesis>, string]>([
    ['a premine on a real network', { kind: 'real' }, 'premine'],
    ['a real network that nobody votes on', { kind: 'real', funds: [] }, 'no validators'],
    [
      'a validator named twice',
      { validators: [aValidator(), aValidator({ power: 7n })] },
      'validator repeated',
    ],
    ['a validator without power', { validators: [aValidator({ power: 0n })] }, 'empty power'],
    [
      'more power than could ever be staked',
      { validators: [aValidator({ power: 21_000_000_001n })] },
      'power',
    ],
    ['a beacon without a key', { beacon: { ...BEACON, publicKey: new Uint8Array(96) } }, 'beacon'],
    ['a beacon that is never out', { beacon: { ...BEACON, periodMs: 0n } }, 'beacon'],
    ['a beacon of no date', { beacon: { ...BEACON, genesisMs: 1n << 60n } }, 'beacon'],
    ['a parameter that is none', { parameters: [{ name: 'nothing', value: 1n }] }, 'unknown parameter'],
    ['a parameter of every object', { parameters: [{ name: '__proto__', value: 1n }] }, 'unknown parameter'],
    ['a method of every object', { parameters: [{ name: 'toString', value: 1n }] }, 'unknown parameter'],
    ['a parameter below its bounds', { parameters: [{ name: 'slotMs', value: 99n }] }, 'outside 100…60000'],
    [
      'a parameter above its bounds',
      { parameters: [{ name: 'slotMs', value: 60_001n }] },
      'outside 100…60000',
    ],
    [
      'a parameter set twice',
      {
        parameters: [
          { name: 'slotMs', value: 1_000n },
          { name: 'slotMs', value: 2_000n },
        ],
      },
      'parameter repeated',
    ],
    [
      'transactions larger than blocks',
      {
        parameters: [
          { name: 'maxTransactionBytes', value: 70_000n },
          { name: 'maxBlockBytes', value: 65_536n },
        ],
      },
      'transaction larger than a block',
    ],
    ['a time that is none', { timeMs: 2n ** 64n - 1n }, 'time'],
    ['an empty fund', { funds: [fund(0n)] }, 'empty fund'],
    ['a fund below the deposit of an account', { funds: [fund(199_999n)] }, 'BELOW_ACCOUNT_DEPOSIT'],
    ['more than can ever be', { funds: [fund(SUPPLY_CAP), fund(1n)] }, 'above the cap'],
    ['sums beyond 64 bits', { funds: [fund(2n ** 64n - 1n), fund(2n ** 64n - 1n)] }, 'above the cap'],
  ])('refuses %s', (_, change, reason) => {
    expect(refusalOf(aGenesis(change))).toEqual({ code: 'GENESIS_INVALID', reason });
  });

  it('accepts the whole supply', () => {
    expect(refusalOf(aGenesis({ funds: [fund(SUPPLY_CAP)] }))).toBe(null);
  });
});
