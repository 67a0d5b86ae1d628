import { type Chain, createMemoryStore, openChain } from '@cairn/chain';
import { hexToBytes, type Logger, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import { type AccountClient, createAccountClient } from '@cairn/sdk';
import { type RoleKey, roleKeyOf } from '../../data/role-keys.ts';
import { realParts } from '../../real/real-parts.ts';
import type { NodeParts } from '../../roles/parts.ts';
import { bootstrapSubnet, createLocalAccounts } from '../../up/bootstrap.ts';
import type { LocalKeys } from '../../up/local-keys.ts';
import { LOCAL_FUNDS, LOCAL_VALIDATORS } from '../../up/plan.ts';

/** A ledger for one training run: a subnet, its owner, one validator, and trainers that have money. */
export interface LoopbackChain extends AsyncDisposable {
  readonly parts: NodeParts;
  readonly netuid: number;
  readonly owner: AccountClient;
  readonly validator: { readonly name: string; readonly hotkey: AccountClient };
  readonly trainers: readonly AccountClient[];
}

/** Often enough that a round does not wait for blocks, seldom enough that they take nothing from training. */
const BLOCK_MS = 200;
const TRAINER_FUNDS = 100n * PEBBLES_PER_CAIRN;

/** The next block keeps the process alive: nothing else does while trainers compute. */
const blockTimer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(() => void action(), delayMs);
    return () => clearTimeout(handle);
  },
};

/**
 * Starts a chain of one operator in memory, with keys that nobody keeps. Each block is a slot, so that no phase of a
 * round waits for one.
 */
export async function startLoopbackChain(log: Logger, trainerCount: number): Promise<LoopbackChain> {
  const base = realParts(log);
  const newKey = (): RoleKey => roleKeyOf(base.crypto, base.random.bytes(32));
  const validator = { name: LOCAL_VALIDATORS[0]!.name, coldkey: newKey(), hotkey: newKey() };
  const keys: LocalKeys = {
    ...{ owner: newKey(), consensus: newKey(), gateway: newKey() },
    miners: [],
    validators: [validator],
  };
  const trainerKeys = Array.from({ length: trainerCount }, newKey);
  const fund = ({ account }: RoleKey, amount: bigint) => ({ account, amount });
  await using stack = new AsyncDisposableStack();
  const chain: Chain = stack.use(
    await openChain(
      {
        ...base,
        timer: blockTimer,
        logger: log.child('chain'),
        signer: keys.owner.signer,
        store: createMemoryStore(),
      },
      {
        folder: 'memory',
        blockIntervalMs: BLOCK_MS,
        genesis: {
          ...{ name: 'cairn-loopback', kind: 'local', salt: base.random.bytes(32) },
          timeMs: BigInt(base.clock.nowMs()),
          parameters: Object.entries({ slotMs: BigInt(BLOCK_MS), minTempo: 5n, defaultTempo: 1_000n }).map(
            ([name, value]) => ({ name, value }),
          ),
          validators: [],
          beacon: null,
          funds: [
            fund(keys.owner, LOCAL_FUNDS.owner),
            fund(validator.coldkey, LOCAL_FUNDS.validatorColdkey),
            fund(validator.hotkey, LOCAL_FUNDS.validatorHotkey),
            ...trainerKeys.map((key) => fund(key, TRAINER_FUNDS)),
          ],
        },
      },
    ),
  );
  await chain.engine.start();
  const parts: NodeParts = { ...base, chainId: hexToBytes(chain.ledger.chainId), ledger: chain.ledger };
  const accounts = createLocalAccounts(parts, keys);
  const netuid = await bootstrapSubnet(parts, keys, accounts);
  const running = stack.move();
  return {
    ...{ parts, netuid, owner: accounts.owner },
    validator: { name: validator.name, hotkey: accounts.workers.get(validator.name)!.hotkey },
    trainers: trainerKeys.map(({ signer }) => createAccountClient({ ...parts, signer })),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
