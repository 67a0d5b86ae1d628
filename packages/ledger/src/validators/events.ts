import { type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { Fault } from './conduct.ts';
import { NEVER } from './conduct.ts';
import type { Validator } from './state.ts';

const describe = ({ id, publicKey, origin, account }: Validator) => ({
  validator: accountIdToAddress(id),
  publicKey: bytesToHex(publicKey),
  origin,
  account: accountIdToAddress(account),
});

export function validatorJoined(context: BlockContext, validator: Validator): void {
  context.emit('validators.joined', describe(validator));
}

/** It asked to leave; it votes until its power is zero. */
export function validatorLeft(context: BlockContext, validator: Validator): void {
  context.emit('validators.left', describe(validator));
}

export function validatorRemoved(context: BlockContext, validator: Validator): void {
  context.emit('validators.removed', describe(validator));
}

export function powerChanged(context: BlockContext, validator: Validator, power: bigint): void {
  context.emit('validators.powerChanged', {
    ...describe(validator),
    before: validator.power.toString(),
    power: power.toString(),
  });
}

export function proposerRewarded(context: BlockContext, validator: Validator, amount: Amount): void {
  context.emit('validators.rewarded', { ...describe(validator), amount: amount.toString() });
}

/** Its votes are taken from it. `until` is null when it signed twice: for good. */
export function validatorJailed(
  context: BlockContext,
  { id, publicKey, account }: Pick<Validator, 'id' | 'publicKey' | 'account'>,
  fault: Pick<Fault, 'kind' | 'height' | 'slashed'> & { readonly jailedUntil: bigint },
): void {
  context.emit('validators.jailed', {
    validator: accountIdToAddress(id),
    publicKey: bytesToHex(publicKey),
    account: accountIdToAddress(account),
    reason: fault.kind,
    offenceHeight: fault.height.toString(),
    slashed: fault.slashed.toString(),
    until: fault.jailedUntil === NEVER ? null : fault.jailedUntil.toString(),
  });
}

export function validatorUnjailed(context: BlockContext, validator: Validator): void {
  context.emit('validators.unjailed', describe(validator));
}
