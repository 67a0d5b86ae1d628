import { areBytesEqual, bytesToHex } from '@cairn/core';
import { saltCommitment } from '@cairn/ledger';
import { saveValidatorState, type ValidatorState } from './state.ts';
import type { OwnPlace, SubnetView } from './subnet-view.ts';
import type { ValidatorOptions, ValidatorParts } from './validator-parts.ts';

/** Salts whose transaction may still get into a block; older ones that the ledger does not list are forgotten. */
const MAX_UNLISTED = 32;

/** The salt behind a commitment; undefined when it was lost. */
export function saltBehind(
  parts: ValidatorParts,
  options: ValidatorOptions,
  { salts }: ValidatorState,
  commitment: Uint8Array,
): Uint8Array | undefined {
  return salts.find((salt) => areBytesEqual(commitmentOf(parts, options, salt), commitment));
}

export const commitmentOf = (
  { crypto, client }: ValidatorParts,
  { netuid }: ValidatorOptions,
  salt: Uint8Array,
): Uint8Array => saltCommitment(crypto, netuid, client.account, salt);

/**
 * Salts to be bound to so that weights go out in every epoch: as many as epochs pass before the first reveal adds
 * another, and two that ripen. Weights in the open add one at once.
 */
const saltsWanted = ({ revealEpochs }: SubnetView): number => (revealEpochs === null ? 1 : revealEpochs + 2);

/**
 * Binds the validator to salts it lacks: its first, those of reveals that were missed, or others in place of salts
 * that were lost with its records.
 *
 * @returns false when nothing was missing
 */
export async function bindMissingSalts(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
): Promise<boolean> {
  const { bound, commits } = view.self!;
  const lost = bound.findIndex(
    ({ commitment }) => saltBehind(parts, options, state, commitment) === undefined,
  );
  const wanted = saltsWanted(view);
  const known = lost < 0 ? bound : bound.slice(0, Math.min(lost, wanted));
  const kept = known.map(({ commitment }) => commitment);
  const missing = Math.max(0, wanted - kept.length - commits.length);
  if (lost < 0 && missing === 0) return false;
  const fresh = Array.from({ length: missing }, () => parts.random.bytes(32));
  // On disk before the ledger can know of them.
  await saveValidatorState(parts.records, {
    ...state,
    salts: [...forget(parts, options, view.self!, state), ...fresh],
  });
  const commitments = [...kept, ...fresh.map((salt) => commitmentOf(parts, options, salt))];
  await parts.client.send('yuma.commitSalt', { netuid: options.netuid, commitments });
  return true;
}

/** A salt to commit to with a reveal, on disk: the last drawn one when the ledger does not know it yet. */
export async function spareSalt(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
): Promise<{ readonly salt: Uint8Array; readonly state: ValidatorState }> {
  const last = state.salts.at(-1);
  if (last !== undefined && isUnused(parts, options, view.self!, state, last)) return { salt: last, state };
  const salt = parts.random.bytes(32);
  const next = { ...state, salts: [...forget(parts, options, view.self!, state), salt] };
  await saveValidatorState(parts.records, next);
  return { salt, state: next };
}

function isUnused(
  parts: ValidatorParts,
  options: ValidatorOptions,
  { bound }: OwnPlace,
  { inHand }: ValidatorState,
  salt: Uint8Array,
): boolean {
  const commitment = commitmentOf(parts, options, salt);
  if (bound.some((each) => areBytesEqual(each.commitment, commitment))) return false;
  return !inHand.some(
    (weights) =>
      areBytesEqual(weights.salt, salt) || (weights.next !== null && areBytesEqual(weights.next, salt)),
  );
}

function forget(
  parts: ValidatorParts,
  options: ValidatorOptions,
  self: OwnPlace,
  state: ValidatorState,
): Uint8Array[] {
  const unused = state.salts.filter((salt) => isUnused(parts, options, self, state, salt));
  const old = new Set(unused.slice(0, Math.max(0, unused.length - MAX_UNLISTED)).map(bytesToHex));
  return state.salts.filter((salt) => !old.has(bytesToHex(salt)));
}
