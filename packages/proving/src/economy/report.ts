import { PARAMETERS } from '@cairn/ledger';
import { pageHtml, tableHtml } from '../report/page.ts';
import { chartSvg, escapeText, type Series, shortNumber } from '../report/svg.ts';
import { KIND_TEXTS, SUBNET_KINDS, type SubnetKind } from './population.ts';
import type { EconomyResult, RuleSummary } from './simulate-economy.ts';
import type { DayFigures, YearResult } from './year.ts';

const KIND_COLORS: Readonly<Record<SubnetKind, string>> = {
  used: '#2e7d5b',
  hyped: '#d08a1e',
  propped: '#8e5bb5',
  washed: '#c2474b',
  idle: '#7d8797',
};
const RULE_COLORS = ['#2563b0', '#d08a1e', '#8e5bb5', '#c2474b', '#2e7d5b', '#7d8797'];

function byKind(year: YearResult, of: (day: DayFigures) => readonly number[]): Series[] {
  return SUBNET_KINDS.map((kind) => ({
    name: kind,
    color: KIND_COLORS[kind],
    values: year.days.map((day) =>
      of(day).reduce((sum, value, index) => sum + (year.kinds[index] === kind ? value : 0), 0),
    ),
  }));
}

/** Parts of each day's sum, in per cent. */
function asShares(series: readonly Series[]): Series[] {
  const length = series[0]?.values.length ?? 0;
  const sums = Array.from({ length }, (_, day) => series.reduce((sum, { values }) => sum + values[day]!, 0));
  return series.map((one) => ({
    ...one,
    values: one.values.map((value, day) => (sums[day] === 0 ? 0 : (100 * value) / sums[day]!)),
  }));
}

const line = (name: string, color: string, values: readonly number[]): Series => ({ name, color, values });

/** Days over which a share is averaged: what flows decide jumps from day to day. */
const SMOOTH_DAYS = 14;

function usedShare(year: YearResult): number[] {
  const used = asShares(byKind(year, ({ emission }) => emission))[0]!.values;
  return used.map((_, day) => {
    const recent = used.slice(Math.max(0, day - SMOOTH_DAYS + 1), day + 1);
    return recent.reduce((sum, share) => sum + share, 0) / recent.length;
  });
}

function yearCharts(year: YearResult): string[] {
  const { days, kinds } = year;
  const of = (figure: (day: DayFigures) => number) => days.map(figure);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return [
    chartSvg({
      title: 'Issuance',
      unit: 'CAIRN',
      series: [
        line(
          'issued',
          '#2563b0',
          of(({ issued }) => issued),
        ),
        line(
          'burned',
          '#c2474b',
          of(({ burned }) => burned),
        ),
      ],
    }),
    chartSvg({
      title: 'Shares of emission by kind of subnet',
      unit: 'per cent',
      isStacked: true,
      series: asShares(byKind(year, ({ emission }) => emission)),
    }),
    chartSvg({
      title: 'Prices of the tokens',
      unit: 'CAIRN, logarithmic; coloured by kind as beside',
      isLogarithmic: true,
      hasNoLegend: true,
      series: kinds.map((kind, index) =>
        line(
          `${index + 1} (${kind})`,
          KIND_COLORS[kind],
          of(({ prices }) => prices[index]!),
        ),
      ),
    }),
    chartSvg({
      title: 'Paid work, and emission that it earned',
      unit: 'CAIRN a day',
      series: [
        line(
          'paid for work',
          '#2e7d5b',
          of(({ work }) => sum(work)),
        ),
        line(
          'emission',
          '#2563b0',
          of(({ emission }) => sum(emission)),
        ),
        line(
          'emission by settled usage',
          '#d08a1e',
          of(({ usageEmission }) => usageEmission),
        ),
      ],
    }),
    chartSvg({
      title: 'Inequality of what everybody is worth',
      unit: 'Gini coefficient',
      series: [
        line(
          'Gini',
          '#8e5bb5',
          of(({ gini }) => gini),
        ),
      ],
    }),
    chartSvg({
      title: 'Concentration of root stake',
      unit: 'Nakamoto coefficient: fewest with over a third',
      series: [
        line(
          'Nakamoto',
          '#2563b0',
          of(({ nakamoto }) => nakamoto),
        ),
      ],
    }),
  ];
}

const percentText = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A share rule as a row of the table under `ECONOMY_HEADERS`. */
export function economyCells({
  rule,
  name,
  minted,
  burned,
  shares,
  usageCorrelation,
  gini,
  nakamoto,
}: RuleSummary): string[] {
  return [
    `${rule} ${name}`,
    ...SUBNET_KINDS.map((kind) => percentText(shares[kind])),
    usageCorrelation.toFixed(2),
    shortNumber(minted),
    shortNumber(burned),
    gini.toFixed(3),
    String(nakamoto),
  ];
}

export const ECONOMY_HEADERS: readonly string[] = [
  'share rule',
  ...SUBNET_KINDS,
  'follows use',
  'minted',
  'burned',
  'Gini',
  'Nakamoto',
];

/** The page of `simulate economy`. */
export function economyReport(facts: Omit<EconomyResult, 'html'>, years: readonly YearResult[]): string {
  const { days, subnets, seed, rules } = facts;
  const [first] = years;
  const compared = chartSvg({
    title: 'Share of emission that goes to used subnets',
    unit: 'per cent, mean of 14 days',
    series: years.map((year, index) => line(rules[index]!.name, RULE_COLORS[index]!, usedShare(year))),
  });
  const used = first!.kinds.filter((kind) => kind === 'used').length;
  const body = `
<p>${days} days of a network of ${subnets} subnets, seed ${seed}. It begins with 1,000,000 CAIRN issued, a pool of 1,000 CAIRN for each subnet. The rules are the ledger's own code, called once for six hours of slots; the people are invented and their behaviour is simple. It shows what the rules do to such people, not what a token will be worth.</p>
<h2>The share rules</h2>
<p>${used} of ${subnets} subnets do work that people pay for. “Follows use” is the correlation between a subnet's share of emission and its share of paid work in the last quarter of the time.</p>
${tableHtml(ECONOMY_HEADERS, rules.map(economyCells))}
<div class="charts">${compared}</div>
<h2>The year under the default rule</h2>
<div class="charts">${yearCharts(first!).join('')}</div>
<h2>Who acts how</h2>
<ul>${SUBNET_KINDS.map((kind) => `<li><b>${kind}</b> subnets: ${escapeText(KIND_TEXTS[kind])}.</li>`).join('')}</ul>
<p>Miners sell half to all of what they earn for their costs and stake the rest on root. Root stakers compound. Traders look for emission, trends or use. Every claim for work burns ${Number(PARAMETERS.channelBurnBps.initial) / 100} %; the miners sell nine tenths of the rest back to the public.</p>
`;
  return pageHtml('A year of a Cairn network', body);
}
