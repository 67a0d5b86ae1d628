import { type Amount, mulDiv } from '@cairn/core';
import type { ForfeitReason } from './events.ts';
import type { JudgedEvidence } from './judged-evidence.ts';
import type { EpochOutput } from './math/epoch-input.ts';

/** What an epoch found in one mechanism of a subnet. */
export interface MechanismEpoch {
  /** Its part of the emission. */
  readonly emission: Amount;
  readonly output: EpochOutput;
  /** Uids that did not do what they were bound to. */
  readonly missed: ReadonlyMap<number, ForfeitReason>;
  /** What the judges said of the evidence. */
  readonly judged: JudgedEvidence;
}

/** What a validator loses of one mechanism. */
export interface Forfeit {
  readonly mechanism: number;
  readonly reason: ForfeitReason;
  readonly amount: Amount;
}

/** What an epoch found of each uid in all mechanisms together, without what is forfeited. */
export interface CombinedEpoch
  extends Pick<
    EpochOutput,
    | 'newPermits'
    | 'consensus'
    | 'incentive'
    | 'dividends'
    | 'validatorTrust'
    | 'serverEmission'
    | 'validatorEmission'
    | 'emission'
  > {
  /** Of each uid. */
  readonly forfeits: readonly (readonly Forfeit[])[];
}

const hasMined = ({ output }: MechanismEpoch) => output.serverEmission.some((earned) => earned > 0n);

/**
 * That validators are paid by stake as long as nobody earns anything is for a young subnet. Once one of its
 * mechanisms pays miners, one that does not pays nobody, or it would pay not to score it.
 */
export function withoutIdlePay(mechanisms: readonly MechanismEpoch[]): readonly MechanismEpoch[] {
  if (mechanisms.length === 1 || !mechanisms.some(hasMined)) return mechanisms;
  return mechanisms.map((each) => {
    if (hasMined(each)) return each;
    const none = new BigInt64Array(each.output.emission.length);
    return { ...each, output: { ...each.output, validatorEmission: none, emission: none } };
  });
}

/** What one mechanism gives a uid, mining and validating together, after what it forfeits there. */
export function earnedIn(each: MechanismEpoch, uid: number): Amount {
  return each.output.emission[uid]! - (forfeitIn(each, uid)?.amount ?? 0n);
}

/** One reason is enough: missed work comes first, then evidence that is not there, then what is there of it. */
function forfeitIn(
  { missed, judged, output }: MechanismEpoch,
  uid: number,
): Pick<Forfeit, 'reason' | 'amount'> | null {
  const dividend = output.validatorEmission[uid]!;
  const reason = missed.get(uid) ?? (judged.withheld.has(uid) ? 'evidenceWithheld' : null);
  if (reason !== null) return { reason, amount: dividend };
  const answered = judged.answered.get(uid);
  if (answered === undefined || answered >= judged.median) return null;
  const amount = dividend - mulDiv(dividend, BigInt(answered), BigInt(judged.median));
  return amount === 0n ? null : { reason: 'lessEvidence', amount };
}

/** @param mechanisms at least one */
export function combineMechanisms(mechanisms: readonly MechanismEpoch[]): CombinedEpoch {
  const { newPermits } = mechanisms[0]!.output;
  const sum = (amountOf: (each: MechanismEpoch, uid: number) => Amount) =>
    BigInt64Array.from(newPermits, (_, uid) =>
      mechanisms.reduce((total, each) => total + amountOf(each, uid), 0n),
    );
  return {
    // Permits go by stake alone, which is the same in all mechanisms.
    newPermits,
    consensus: combineShares(mechanisms, ({ consensus }) => consensus),
    incentive: combineShares(mechanisms, ({ incentive }) => incentive),
    dividends: combineShares(mechanisms, ({ dividends }) => dividends),
    validatorTrust: combineShares(mechanisms, ({ validatorTrust }) => validatorTrust),
    serverEmission: sum(({ output }, uid) => output.serverEmission[uid]!),
    validatorEmission: sum(
      (each, uid) => each.output.validatorEmission[uid]! - (forfeitIn(each, uid)?.amount ?? 0n),
    ),
    emission: sum(earnedIn),
    forfeits: Array.from(newPermits, (_, uid) =>
      mechanisms.flatMap((each, mechanism) => {
        const forfeit = forfeitIn(each, uid);
        return forfeit === null ? [] : [{ mechanism, ...forfeit }];
      }),
    ),
  };
}

/**
 * Each mechanism counts as much as its part of the emission, the first alone where there is none. Proportions of
 * 65,535, rounded down.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `epoch_with_mechanisms`.
 */
function combineShares(
  mechanisms: readonly MechanismEpoch[],
  sharesOf: (output: EpochOutput) => Uint16Array,
): Uint16Array {
  const first = sharesOf(mechanisms[0]!.output);
  const total = mechanisms.reduce((sum, { emission }) => sum + emission, 0n);
  if (mechanisms.length === 1 || total === 0n) return first;
  const weighted = mechanisms.map(({ output, emission }) => ({ shares: sharesOf(output), emission }));
  return first.map((_, uid) =>
    Number(weighted.reduce((sum, { shares, emission }) => sum + BigInt(shares[uid]!) * emission, 0n) / total),
  );
}
