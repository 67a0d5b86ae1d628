import { pageHtml, tableHtml } from '../report/page.ts';
import type { AttackRow } from './attack.ts';

export const ATTACK_HEADERS: readonly string[] = [
  'attack',
  'rule',
  'gain',
  'at most (95 %)',
  'of',
  'share',
  'pays from',
  'verdict',
  'best found',
  'victim loses',
];

function percentText(value: number): string {
  const text = (100 * value).toFixed(Math.abs(value) < 0.1 ? 2 : 0);
  return `${text === '-0.00' ? '0.00' : text} %`;
}

/** An attack as a row of the table under `ATTACK_HEADERS`. */
export function attackCells(row: AttackRow): string[] {
  const { attack, rule, of, gain, upper, unit, share, breakEvenShare, verdict, strategy, victimLoss } = row;
  const hasShares = share > 0;
  const paysFrom = breakEvenShare === null ? 'none tried' : hasShares ? String(breakEvenShare) : 'any';
  return [
    attack,
    of === 'bittensor' ? `Bittensor: ${rule}` : rule,
    percentText(gain),
    percentText(upper),
    unit,
    hasShares ? String(share) : 'any',
    paysFrom,
    verdict,
    strategy,
    victimLoss === null ? '' : percentText(victimLoss),
  ];
}

/** The page of `simulate attacks`. */
export function attacksReport(rows: readonly AttackRow[]): string {
  const seeds = rows[0]?.seeds ?? 0;
  const body = `
<p>Gain is net income less that of an honest twin with the same stake and the same costs, over ${seeds} seeds that the adversary's search did not see, and beside it the one-sided upper 95 % bound of its mean. “Pays from” is the least share tried at which the attack may pay. Shares count: ${[...new Set(rows.map(({ attack, shareOf }) => `${attack}: ${shareOf}`))].join('; ')}.</p>
${tableHtml(ATTACK_HEADERS, rows.map(attackCells))}
<p>Yuma, the curve, the share rules, clearing and prices are the ledger's own code. Validators, miners, traders and victims are invented.</p>
`;
  return pageHtml('Attacks on a Cairn network', body);
}
