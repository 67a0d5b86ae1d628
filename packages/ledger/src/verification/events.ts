import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { VerdictCase } from './state.ts';

const describe = (receipt: Uint8Array, { provider, accuser, evidence, untilSlot }: VerdictCase) => ({
  receipt: bytesToHex(receipt),
  provider: accountIdToAddress(provider),
  accuser: accountIdToAddress(accuser),
  evidence: bytesToHex(evidence),
  untilSlot: untilSlot.toString(),
});

export function caseOpened(context: BlockContext, receipt: Uint8Array, opened: VerdictCase): void {
  context.emit('verification.caseOpened', describe(receipt, opened));
}

export function caseSupported(
  context: BlockContext,
  receipt: Uint8Array,
  { provider }: VerdictCase,
  validator: AccountId,
): void {
  context.emit('verification.caseSupported', {
    receipt: bytesToHex(receipt),
    provider: accountIdToAddress(provider),
    validator: accountIdToAddress(validator),
  });
}

/** The provider has shown what it has; whoever stood behind the case has to look again. */
export function caseAnswered(context: BlockContext, receipt: Uint8Array, answered: VerdictCase): void {
  const reveal = bytesToHex(answered.reveal);
  context.emit('verification.caseAnswered', { ...describe(receipt, answered), reveal });
}

/** More than the share of stake that a verdict needs found the fault. */
export function providerConvicted(
  context: BlockContext,
  receipt: Uint8Array,
  decided: VerdictCase,
  { power, total, slashed }: { readonly power: bigint; readonly total: bigint; readonly slashed: Amount },
): void {
  context.emit('verification.providerConvicted', {
    ...describe(receipt, decided),
    power: power.toString(),
    totalPower: total.toString(),
    slashed: slashed.toString(),
  });
}

/** Too few found it: nothing is taken, and what it says of the provider is for readers to weigh. */
export function caseDropped(
  context: BlockContext,
  receipt: Uint8Array,
  decided: VerdictCase,
  { power, total }: { readonly power: bigint; readonly total: bigint },
): void {
  context.emit('verification.caseDropped', {
    ...describe(receipt, decided),
    power: power.toString(),
    totalPower: total.toString(),
  });
}

export function calibrationPublished(
  context: BlockContext,
  {
    model,
    artifact,
    engine,
    calibration,
  }: {
    readonly model: Uint8Array;
    readonly artifact: Uint8Array;
    readonly engine: string;
    readonly calibration: Uint8Array;
  },
): void {
  context.emit('verification.calibrationPublished', {
    model: bytesToHex(model),
    artifact: bytesToHex(artifact),
    engine,
    calibration: bytesToHex(calibration),
  });
}
