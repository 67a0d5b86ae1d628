import { type Attack, type AttackRow, type AttackSearchOptions, judgeAttack } from './attack.ts';
import { pricePropper, washTrader } from './owners.ts';
import { registrationBot } from './registration.ts';
import { heldBackCommitment, heldBackOpening, sealedOptions } from './sealed.ts';
import { batchSandwich, curveSandwich, heldBackOrder } from './trading.ts';
import { openSelfDealer, stakeWhale, weightCopier } from './weights.ts';

export interface AttacksOptions extends AttackSearchOptions {
  /** Only attacks whose name contains this. */
  readonly only?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

// A list of attacks with different strategies has no narrower common type; each is judged by itself.
// biome-ignore lint/suspicious/noExplicitAny: see above
const ATTACKS: readonly Attack<any>[] = [
  weightCopier(0),
  weightCopier(1),
  weightCopier(3),
  batchSandwich,
  curveSandwich(null),
  curveSandwich(0.01),
  heldBackCommitment(null),
  heldBackCommitment(0.01),
  heldBackOpening,
  sealedOptions(true),
  sealedOptions(false),
  heldBackOrder('beside', null),
  heldBackOrder('after', null),
  heldBackOrder('after', 0.01),
  washTrader(2, 'usage first, then price (default)'),
  washTrader(6, 'usage only'),
  washTrader(3, 'price'),
  registrationBot(true),
  registrationBot(false),
  openSelfDealer,
  pricePropper(2, 'usage first, then price (default)'),
  pricePropper(3, 'price'),
  pricePropper(6, 'usage only'),
  stakeWhale,
];

/**
 * Every attack of the list under every rule it is compared under: the adversary searches its strategy on some seeds
 * and is judged on others. Takes some minutes; gives other work a turn between two attacks.
 *
 * @see docs/guide/simulations.md, which says what is modelled and what is not
 */
export async function simulateAttacks(options: AttacksOptions = {}): Promise<AttackRow[]> {
  const { only = '', onProgress } = options;
  const chosen = ATTACKS.filter(({ name }) => name.includes(only));
  const rows: AttackRow[] = [];
  for (const attack of chosen) {
    rows.push(judgeAttack(attack, options));
    onProgress?.(rows.length, chosen.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rows;
}
