import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { renderTable } from '../terminal/table.ts';
import type { Measurement } from './measurement.ts';

/** Measured when none is named. */
const ALONE = ['ledger', 'yuma', 'economy', 'up'] as const;
/** Those that need CometBFT are named. */
const SUITES = [...ALONE, 'join'] as const;
type Suite = (typeof SUITES)[number];

/** `cairn bench` */
export function createBenchCommand(cli: Cli): Command {
  return defineCommand({
    name: 'bench',
    help: 'Measures this machine: transfers and memory of the ledger, epochs of Yuma, blocks of a full economy, the start of a whole network, joining one by state sync.',
    examples: ['bench', 'bench ledger yuma --json', 'bench up', 'bench join'],
  })
    .argument('[suites...]', `which of ${SUITES.join(', ')} (default: ${ALONE.join(', ')})`)
    .action(async (names: string[], flags: CommonFlags) => {
      const unknown = names.find((name) => !SUITES.includes(name as Suite));
      if (unknown !== undefined)
        throw usage(`There is no bench ${unknown}. Choose from ${SUITES.join(', ')}.`);
      const wanted = names.length === 0 ? ALONE : SUITES.filter((suite) => names.includes(suite));
      const output = outputOf(cli, flags);
      const measurements: Measurement[] = [];
      for (const suite of wanted) {
        output.note(`measuring ${suite} …`);
        measurements.push(...(await measure(cli, suite, output.note)));
      }
      output.result({ measurements }, () => renderMeasurements(measurements, output.columns));
    });
}

async function measure(cli: Cli, suite: Suite, note: (line: string) => void): Promise<Measurement[]> {
  switch (suite) {
    case 'ledger':
      return (await import('./ledger.ts')).measureLedger();
    case 'yuma':
      return (await import('./yuma.ts')).measureYuma();
    case 'economy':
      return (await import('./economy.ts')).measureEconomy(cli);
    case 'up':
      return (await import('./up.ts')).measureUp(cli);
    case 'join':
      return (await import('./join.ts')).measureJoin(cli, note);
  }
}

function renderMeasurements(measurements: readonly Measurement[], columns: number): string[] {
  const right = { align: 'right' } as const;
  return renderTable(
    [
      { header: 'BENCH' },
      { header: 'FIGURE', cut: true },
      { header: 'VALUE', ...right },
      { header: 'LOW', ...right },
      { header: 'HIGH', ...right },
      { header: 'PROMISED', ...right },
      { header: 'UNIT' },
      { header: '' },
    ],
    measurements.map(({ suite, name, value, low, high, target, isFloor, unit, ok }) => [
      suite,
      name,
      rounded(value),
      rounded(low),
      rounded(high),
      target === null ? '' : `${isFloor ? '≥' : '≤'} ${rounded(target)}`,
      unit,
      ok === null ? '' : ok ? 'ok' : 'missed',
    ]),
    columns,
  );
}

function rounded(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(decimals).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
