import {
  account,
  accountIdToAddress,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  encode,
  formatAmount,
  list,
  optional,
  SUPPLY_CAP,
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
import { findContradiction } from '../parameters/change.ts';
import { readParameters, writeParameters } from '../parameters/state.ts';
import { createOverlay, type StateChange } from '../state/view.ts';
import { seatGenesisValidators } from '../validators/genesis.ts';
import { MAX_GENESIS_VALIDATORS } from '../validators/state.ts';
import { beaconShape, findBeaconFault } from './beacon.ts';
import { beaconCell, genesisCell } from './state.ts';

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
  /** Who votes on blocks until stake takes their place; a real network names at least one. */
  validators: list(
    struct('GenesisValidator', {
      /** The ed25519 consensus key. */
      publicKey: bytes32,
      /** Paid for its blocks. */
      account,
      /** In thousandths of a CAIRN: the stake that this power stands in for. */
      power: u64,
    }),
    MAX_GENESIS_VALIDATORS,
  ),
  /** Local networks only. */
  funds: list(struct('GenesisFund', { account, amount: u64 }), 65_536),
  /** Lets subnets lock weights to its rounds (`commitReveal` 2); null, as by default: none can. */
  beacon: optional(beaconShape),
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
  checkGenesis(genesis);
  const state = createOverlay(NOWHERE);
  genesisCell.set(state, { chainId: chainIdOf(crypto, genesis) });
  if (genesis.beacon !== null) beaconCell.set(state, genesis.beacon);
  writeParameters(state, Object.fromEntries(genesis.parameters.map(({ name, value }) => [name, value])));
  clock.start(state, Number(genesis.timeMs));
  const contradiction = findContradiction(readParameters(state));
  if (contradiction !== null) {
    const { name, reason } = contradiction;
    throw invalid('transaction larger than a block', `Parameter ${name} = ${reason}. Lower it.`);
  }
  const money = {
    state,
    parameters: readParameters(state),
    block: {
      height: 0,
      timeMs: Number(genesis.timeMs),
      hash: new Uint8Array(32),
      proposer: new Uint8Array(32),
      votes: [],
      misbehavior: [],
    },
  };
  for (const fund of genesis.funds) {
    const refused = credit(money, fund.account, fund.amount, 'genesis.fund');
    if (refused !== null) throw invalid(refused.code, refused.message);
  }
  seatGenesisValidators(state, crypto, genesis.validators);
  return state.changes();
}

const invalid = (reason: string, message: string) =>
  new LedgerError({ code: 'GENESIS_INVALID', reason }, message);

function checkGenesis({ kind, timeMs, parameters, validators, funds, beacon }: Genesis): void {
  if (kind === 'real' && funds.length > 0) {
    throw invalid(
      'premine',
      `A real network starts with no premine, this genesis funds ${funds.length} accounts. Remove them or make it local.`,
    );
  }
  if (kind === 'real' && validators.length === 0) {
    throw invalid(
      'no validators',
      'A real network needs validators to begin with, this genesis names none. Add one, or make it local.',
    );
  }
  if (timeMs > BigInt(Number.MAX_SAFE_INTEGER))
    throw invalid('time', `The time ${timeMs} is no date. It counts milliseconds since 1970.`);
  const beaconFault = beacon === null ? null : findBeaconFault(beacon);
  if (beaconFault !== null)
    throw invalid(
      'beacon',
      `The randomness beacon cannot be used: ${beaconFault}. Correct it, or leave it out.`,
    );
  const repeated = parameters.find(({ name }, index) =>
    parameters.slice(0, index).some((other) => other.name === name),
  );
  if (repeated !== undefined)
    throw invalid('parameter repeated', `Parameter ${repeated.name} is set twice. Keep one.`);
  let total = 0n;
  for (const { account: funded, amount } of funds) {
    if (amount === 0n)
      throw invalid('empty fund', `The fund of ${accountIdToAddress(funded)} is zero. Remove it.`);
    total += amount;
  }
  if (total > SUPPLY_CAP) {
    throw invalid(
      'above the cap',
      `This genesis funds ${formatAmount(total)} CAIRN, more than the ${formatAmount(SUPPLY_CAP)} that can ever be. Lower them.`,
    );
  }
}
