import {
  accountIdToAddress,
  areBytesEqual,
  authorizationAccount,
  compareBytes,
  formatAmount,
  verifyAuthorization,
} from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { hotkeyUnknown } from '../../staking/problems.ts';
import { hotkeys, rootStakeOf } from '../../staking/state.ts';
import { barOf, conducts } from '../conduct.ts';
import { validatorJoined, validatorLeft } from '../events.ts';
import { type JoinValidators, joinValidatorsShape } from '../messages/join.ts';
import { removeValidators } from '../remove.ts';
import {
  isRosterFull,
  type Roster,
  rosterCell,
  VALIDATOR_BYTES,
  type Validator,
  validatorSignBytes,
} from '../state.ts';
import { leastStake } from '../target-powers.ts';

export const joinValidatorsMessage = defineMessage({
  id: 96,
  name: 'validators.join',
  help: 'Lets a consensus key vote on blocks with the stake of the sending hotkey, from the next updates on. An earlier key of the hotkey leaves.',
  shape: joinValidatorsShape,
  work: () => 44 + 356,
  apply(context, message) {
    const { state, sender } = context;
    const record = hotkeys.get(state, sender);
    if (record === undefined) return hotkeyUnknown(sender);
    const stake = record.totalStake + record.keptStake;
    const least = leastStake(state, context.parameters);
    if (stake < least) {
      return problem(
        'VALIDATOR_STAKE_TOO_LOW',
        `Hotkey ${accountIdToAddress(sender)} has ${formatAmount(stake)} CAIRN of stake; a validator needs ${formatAmount(least)} now. Stake more.`,
      );
    }
    const barred = barFault(context);
    if (barred !== null) return barred;
    const key = checkKey(context, message);
    if ('code' in key) return key;
    const roster = makeRoom(context, rosterCell.get(state), stake);
    if ('code' in roster) return roster;
    const deposit = recordDeposit(context, VALIDATOR_BYTES);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    const entry: Validator = {
      ...key,
      origin: 'stake',
      account: sender,
      granted: 0n,
      power: 0n,
      isLeaving: false,
      deposit,
    };
    const others = roster.validators.map((other) => (isOf(other, sender) ? leave(context, other) : other));
    const validators = [...others, entry].sort((a, b) => compareBytes(a.id, b.id));
    rosterCell.set(state, { ...roster, validators });
    validatorJoined(context, entry);
    return null;
  },
});

const isOf = ({ origin, account, isLeaving }: Validator, hotkey: Uint8Array): boolean =>
  origin === 'stake' && !isLeaving && areBytesEqual(account, hotkey);

function leave(context: MessageContext, validator: Validator): Validator {
  validatorLeft(context, validator);
  return { ...validator, isLeaving: true };
}

/** A hotkey does not leave jail by another key. */
function barFault({ state, sender, slot }: MessageContext): TransactionProblem | null {
  const bar = barOf(state, sender, slot);
  if (bar === null) return null;
  const name = accountIdToAddress(bar.id);
  return bar.conduct.isTombstoned
    ? problem(
        'VALIDATOR_TOMBSTONED',
        `Key ${name} of this hotkey signed twice. Until what is unbonding is free, it takes no other.`,
      )
    : problem(
        'VALIDATOR_JAILED',
        `Key ${name} of this hotkey is jailed. Let it vote again, or take it off, first.`,
      );
}

/** CometBFT votes with ed25519. A key votes for one hotkey, and never again for another while it is known. */
function checkKey(
  { state, crypto, chainId, sender }: MessageContext,
  { consensusKey }: JoinValidators,
): TransactionProblem | Pick<Validator, 'id' | 'publicKey'> {
  if (consensusKey.scheme !== 'ed25519')
    return problem(
      'CONSENSUS_KEY_UNFIT',
      `Validators vote with ed25519 keys, this is ${consensusKey.scheme}.`,
    );
  const id = authorizationAccount(crypto, consensusKey);
  if (rosterCell.get(state).validators.some((other) => areBytesEqual(other.id, id))) {
    return problem(
      'CONSENSUS_KEY_TAKEN',
      `Consensus key ${accountIdToAddress(id)} is on the roster. Join with another.`,
    );
  }
  if (conducts.get(state, id).isTombstoned) {
    return problem(
      'CONSENSUS_KEY_TOMBSTONED',
      `Consensus key ${accountIdToAddress(id)} signed twice and never votes again. Join with another.`,
    );
  }
  if (!verifyAuthorization(crypto, consensusKey, validatorSignBytes(chainId, sender))) {
    return problem(
      'CONSENSUS_KEY_SIGNATURE_INVALID',
      `Consensus key ${accountIdToAddress(id)} did not sign for hotkey ${accountIdToAddress(sender)} on this chain.`,
    );
  }
  return { id, publicKey: consensusKey.publicKey };
}

/** On a full roster the candidate with least stake and no power makes room for one with more. */
function makeRoom(context: MessageContext, roster: Roster, stake: bigint): Roster | TransactionProblem {
  if (!isRosterFull(roster)) return roster;
  const { state } = context;
  const stakeOf = ({ account }: Validator) => rootStakeOf(state, account);
  const weakest = roster.validators
    .filter(({ origin, power }) => origin === 'stake' && power === 0n)
    .sort((a, b) => {
      const [one, other] = [stakeOf(a), stakeOf(b)];
      return one === other ? compareBytes(a.id, b.id) : one < other ? -1 : 1;
    })[0];
  if (weakest === undefined || stakeOf(weakest) >= stake) {
    return problem(
      'VALIDATORS_FULL',
      `All ${roster.validators.length} places are held by validators with no less than ${formatAmount(stake)} CAIRN of stake. Stake more.`,
    );
  }
  removeValidators(context, [weakest]);
  return { ...roster, validators: roster.validators.filter((other) => other !== weakest) };
}
