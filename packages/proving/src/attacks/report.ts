import { pageHtml, tableHtml } from '../report/page.ts';
import { escapeText } from '../report/svg.ts';
import type { AttackRow } from './attack.ts';

export const ATTACK_HEADERS: readonly string[] = [
  'attack',
  'rule',
  'gain',
  'at most (95 %)',
  'of',
  'share',
  'no profit up to',
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
  const { attack, rule, of, gain, upper, unit, share, breakEvenShare, noProfitUpTo, verdict } = row;
  const { strategy, victimLoss } = row;
  const hasShares = share > 0;
  const paysFrom = breakEvenShare === null ? 'none tried' : hasShares ? String(breakEvenShare) : 'any';
  return [
    attack,
    of === 'cairn' ? rule : `${of === 'bittensor' ? 'Bittensor' : 'for comparison'}: ${rule}`,
    percentText(gain),
    percentText(upper),
    unit,
    hasShares ? String(share) : 'any',
    noProfitUpTo === null ? 'none tried' : hasShares ? String(noProfitUpTo) : 'any',
    paysFrom,
    verdict,
    strategy,
    victimLoss === null ? '' : percentText(victimLoss),
  ];
}

/** A line for each row that is compared with more than its twin. */
export function attackNotes(rows: readonly AttackRow[]): string[] {
  return rows
    .filter(({ beside }) => beside.length > 0)
    .map(({ attack, rule, share, gain, unit, beside }) => {
      const others = beside.map(({ against, gain: other }) => `${percentText(other)} against ${against}`);
      return `${attack}, ${rule}, at ${share}: ${percentText(gain)} ${unit} against its twin, ${others.join(', ')}.`;
    });
}

/** What the rows come to: how many attacks under this ledger's rules gain nothing up to some share, and which gain. */
export function attacksSummary(rows: readonly AttackRow[]): string {
  const ours = rows.filter(({ of }) => of === 'cairn');
  const lost = ours.filter(({ isDefended }) => !isDefended);
  const named = lost.map(
    ({ attack, rule, gain, unit }) => `${attack} (${rule}: ${percentText(gain)} ${unit})`,
  );
  const found = `No profit up to a stated share in ${ours.length - lost.length} of ${ours.length} rows of this ledger`;
  return lost.length === 0 ? `${found}.` : `${found}. It may pay at any share: ${named.join('; ')}.`;
}

/** The page of `simulate attacks`. */
export function attacksReport(rows: readonly AttackRow[]): string {
  const seeds = rows[0]?.seeds ?? 0;
  const body = `
<p>Gain is net income less that of an honest twin with the same stake and the same costs, over ${seeds} seeds that the adversary's search did not see, and beside it the one-sided upper 95 % bound of its mean. “No profit up to” is the greatest share tried below which none was found, “pays from” the least at which the attack may pay; rows of Bittensor and those marked so are there for comparison. Shares count: ${[...new Set(rows.map(({ attack, shareOf }) => `${attack}: ${shareOf}`))].join('; ')}.</p>
${tableHtml(ATTACK_HEADERS, rows.map(attackCells))}
${[...attackNotes(rows), attacksSummary(rows)].map((text) => `<p>${escapeText(text)}</p>`).join('\n')}
<p>Yuma, the curve, the share rules, clearing and prices are the ledger's own code. Validators, miners, traders and victims are invented.</p>
`;
  return pageHtml('Attacks on a Cairn network', body);
}
