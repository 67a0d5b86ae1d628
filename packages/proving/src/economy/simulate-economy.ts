import { SUBNET_KINDS, type SubnetKind } from './population.ts';
import { economyReport } from './report.ts';
import { simulateYear, type YearResult } from './year.ts';

export interface EconomyOptions {
  /** @default 365 */
  readonly days?: number;
  /** @default 64 */
  readonly subnets?: number;
  /** @default 1 */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The share rules that are compared; the first is the default of a network. */
const COMPARED_RULES: readonly { readonly rule: number; readonly name: string }[] = [
  { rule: 7, name: 'usage first, then price up to the median (default)' },
  { rule: 2, name: 'usage first, then price' },
  { rule: 3, name: 'price' },
  { rule: 4, name: 'flow' },
  { rule: 5, name: 'net flow' },
  { rule: 6, name: 'usage only' },
];

/** One share rule at the end. Shares are of the emission of the whole time, amounts in CAIRN. */
export interface RuleSummary {
  readonly rule: number;
  readonly name: string;
  readonly minted: number;
  readonly burned: number;
  readonly shares: Readonly<Record<SubnetKind, number>>;
  readonly usageCorrelation: number;
  readonly gini: number;
  readonly nakamoto: number;
}

export interface EconomyResult {
  readonly days: number;
  readonly subnets: number;
  readonly seed: number;
  readonly rules: readonly RuleSummary[];
  /** The report: one HTML page that needs nothing else. */
  readonly html: string;
}

function summaryOf({ rule, emissionByKind, days, usageCorrelation }: YearResult): RuleSummary {
  const minted = SUBNET_KINDS.reduce((sum, kind) => sum + emissionByKind[kind], 0);
  const { burned, gini, nakamoto } = days.at(-1)!;
  const shares = Object.fromEntries(
    SUBNET_KINDS.map((kind) => [kind, minted === 0 ? 0 : emissionByKind[kind] / minted]),
  ) as Record<SubnetKind, number>;
  const { name } = COMPARED_RULES.find((compared) => compared.rule === rule)!;
  return { rule, name, minted, burned, shares, usageCorrelation, gini, nakamoto };
}

/**
 * The same year of the same network under each share rule. Takes about half a minute a rule at full size; gives
 * other work a turn between two rules.
 *
 * @see docs/guide/simulations.md, which says who acts how and what is approximated
 */
export async function simulateEconomy(options: EconomyOptions = {}): Promise<EconomyResult> {
  const { days = 365, subnets = 64, seed = 1, onProgress } = options;
  const total = days * COMPARED_RULES.length;
  const years: YearResult[] = [];
  for (const { rule } of COMPARED_RULES) {
    const before = days * years.length;
    years.push(
      simulateYear({ days, subnets, seed, rule, onDay: (day) => onProgress?.(before + day, total) }),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  const rules = years.map(summaryOf);
  const facts = { days, subnets, seed, rules };
  return { ...facts, html: economyReport(facts, years) };
}
