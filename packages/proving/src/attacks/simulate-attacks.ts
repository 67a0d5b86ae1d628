import { type Attack, type AttackRow, type AttackSearchOptions, judgeAttack } from './attack.ts';
import { silentCopier, weightCopier } from './copiers.ts';
import { pricePropper, washTrader } from './owners.ts';
import { registrationBot } from './registration.ts';
import { heldBackCommitment, heldBackOpening, sealedOptions } from './sealed.ts';
import { batchSandwich, curveSandwich, heldBackOrder } from './trading.ts';
import { openSelfDealer, stakeWhale } from './weights.ts';

export interface AttacksOptions extends AttackSearchOptions {
  /** Only attacks whose name contains this. */
  readonly only?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

const EVIDENCE = 'commit–reveal with evidence (default)';
const SILENT = 'weight copier that measures and claims silence';
const UNASKED = 'weight copier that stops asking';
const DEFAULT_SHARES = 'usage first, then price up to the median (default)';

// A list of attacks with different strategies has no narrower common type; each is judged by itself.
// biome-ignore lint/suspicious/noExplicitAny: see above
const ATTACKS: readonly Attack<any>[] = [
  weightCopier({ rule: 'open weights, no evidence', of: 'bittensor', delay: 0, isJudged: false }),
  weightCopier({ rule: 'commit–reveal, no evidence', of: 'bittensor', delay: 1, isJudged: false }),
  weightCopier({ rule: EVIDENCE, of: 'cairn', delay: 1, isJudged: true }),
  silentCopier({ name: SILENT, rule: EVIDENCE, of: 'cairn', isRefuted: true, isByEvidence: true }),
  silentCopier({
    name: SILENT,
    rule: 'evidence without countersigned receipts',
    of: 'comparison',
    isRefuted: false,
    isByEvidence: false,
  }),
  silentCopier({ name: UNASKED, rule: EVIDENCE, of: 'cairn', isRefuted: false, isByEvidence: true }),
  silentCopier({
    name: UNASKED,
    rule: 'evidence, whole dividends for however little of it',
    of: 'comparison',
    isRefuted: false,
    isByEvidence: false,
  }),
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
  washTrader(7, DEFAULT_SHARES),
  washTrader(6, 'usage only'),
  washTrader(3, 'price'),
  registrationBot(true),
  registrationBot(false),
  openSelfDealer,
  pricePropper(7, DEFAULT_SHARES),
  pricePropper(3, 'price'),
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
