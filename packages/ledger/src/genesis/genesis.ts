import {
  account,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  encode,
  list,
  struct,
  text,
  u8,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { credit } from '../accounts/money.ts';
import { clock } from '../emission/clock.ts';
import { LedgerError } from '../errors.ts';
import { readParameters, writeParameters } from '../parameters/state.ts';
import { createOverlay, type StateChange } from '../state/view.ts';
import { genesisCell } from './state.ts';

/** Where a chain starts. Its hash is the chain id. */
export const genesisShape = struct('Genesis', {
  /** Name for people, such as `cairn-local`. */
  name: text(64),
  /** A real network starts without premine; only a local one may fund accounts. */
  kind: choice('kind', ['real', 'local'], u8),
  /** Block time at which slots begin to accrue. Milliseconds since 1970. */
  timeMs: u64,
  /** Distinguishes two networks that are otherwise the same. */
  salt: bytes32,
  parameters: list(struct('GenesisParameter', { name: text(64), value: u64 }), 256),
  /** Local networks only. */
  funds: list(struct('GenesisFund', { account, amount: u64 }), 65_536),
});
export type Genesis = ValueOf<typeof genesisShape>;

export function chainIdOf(crypto: Crypto, genesis: Genesis): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/genesis/v1'), encode(genesisShape, genesis)));
}

const NOWHERE: { get(key: string): undefined } = { get: () => undefined };

/**
 * The state before the first block.
 *
 * @throws LedgerError `GENESIS_INVALID`
 */
export function genesisState(crypto: Crypto, genesis: Genesis): StateChange[] {
  if (genesis.kind === 'real' && genesis.funds.length > 0) {
    throw new LedgerError(
      { code: 'GENESIS_INVALID', reason: 'premine' },
      `A real network starts with no premine, this genesis funds ${genesis.funds.length} accounts. Remove them or make it local.`,
    );
  }
  const state = createOverlay(NOWHERE);
  genesisCell.set(state, { chainId: chainIdOf(crypto, genesis) });
  writeParameters(state, Object.fromEntries(genesis.parameters.map(({ name, value }) => [name, value])));
  clock.start(state, Number(genesis.timeMs));
  const money = {
    state,
    parameters: readParameters(state),
    block: {
      height: 0,
      timeMs: Number(genesis.timeMs),
      hash: new Uint8Array(32),
      proposer: new Uint8Array(32),
    },
  };
  for (const fund of genesis.funds) {
    const refused = credit(money, fund.account, fund.amount, 'genesis.fund');
    if (refused !== null)
      throw new LedgerError({ code: 'GENESIS_INVALID', reason: refused.code }, refused.message);
  }
  return state.changes();
}
