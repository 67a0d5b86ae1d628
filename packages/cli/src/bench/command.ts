import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { usage } from '../errors.ts';
import { wholeFrom } from '../localnet/whole-from.ts';
import { createOutput } from '../terminal/output.ts';
import { renderTable } from '../terminal/table.ts';
import type { Measurement } from './measurement.ts';
import type { TrainFlags } from './train.ts';

interface Flags extends Omit<CommonFlags, 'data'>, TrainFlags {
  readonly validators: string;
  readonly portkey?: string;
  readonly day?: boolean;
}

/** Measured when none is named. */
const ALONE = ['ledger', 'yuma', 'economy', 'seal', 'up'] as const;
/** Those that need CometBFT, or minutes, are named. */
const SUITES = [...ALONE, 'gateway', 'join', 'chain', 'train'] as const;
type Suite = (typeof SUITES)[number];
/** All of them, and the load, share this machine. */
const MAX_VALIDATORS = 16;

/** `cairn bench` */
export function createBenchCommand(cli: Cli): Command {
  return defineCommand({
    name: 'bench',
    help: 'Measures this machine: transfers and memory of the ledger, epochs of Yuma, blocks of a full economy, what sealing adds, the start of a whole network, what the gateway costs beside a bare proxy, joining one by state sync, several validators under CometBFT, what training together costs and reaches.',
    examples: [
      'bench',
      'bench ledger yuma --json',
      'bench seal',
      'bench gateway --day',
      'bench join',
      'bench chain --validators 4',
      'bench train',
      'bench train --recipe nanogpt --data shakespeare.txt --keep runs.json',
      'bench train --relations --data shakespeare.txt --json',
    ],
  })
    .argument('[suites...]', `which of ${SUITES.join(', ')} (default: ${ALONE.join(', ')})`)
    .addOption(new Option('--validators <count>', 'how many in the bench chain').default('4'))
    .option('--portkey <folder>', 'where @portkey-ai/gateway is installed, to compare the bench gateway with')
    .option('--day', 'also a day of load on the bench gateway, compressed, for its memory')
    .option('--recipe <name>', 'bench train: train a published recipe to its end (nanogpt)')
    .option('--relations', 'bench train: compare ways to train together, attacked and not')
    .option('--data <file>', 'bench train: the text that is trained on')
    .option('--only <part>', 'bench train: of the recipe only single, four or equal')
    .addOption(new Option('--seeds <count>', 'bench train: how many seeds').default('3'))
    .option('--steps <count>', 'bench train: steps of each trainer, instead of the recipe’s')
    .addOption(new Option('--threads <count>', 'bench train: threads of the engine').default('1'))
    .option('--keep <file>', 'bench train: keep each finished run here, and do not make it again')
    .action(async (names: string[], flags: Flags) => {
      const unknown = names.find((name) => !SUITES.includes(name as Suite));
      if (unknown !== undefined)
        throw usage(`There is no bench ${unknown}. Choose from ${SUITES.join(', ')}.`);
      const wanted = names.length === 0 ? ALONE : SUITES.filter((suite) => names.includes(suite));
      if (flags.relations === true || flags.recipe !== undefined) {
        if (names.length !== 1 || names[0] !== 'train')
          throw usage('--recipe and --relations belong to the bench train alone.');
        const { benchRuns } = await import('./train.ts');
        return benchRuns(cli, flags, createOutput(cli.terminal, flags.json === true));
      }
      const validators = wholeFrom('--validators', flags.validators, 1, MAX_VALIDATORS);
      const output = createOutput(cli.terminal, flags.json === true);
      const measurements: Measurement[] = [];
      let details: object = {};
      for (const suite of wanted) {
        output.note(`measuring ${suite} …`);
        if (suite === 'chain') {
          const { measureChain } = await import('./chain.ts');
          const chain = await measureChain(cli, flags, validators);
          measurements.push(...chain.measurements);
          details = chain.details;
        } else measurements.push(...(await measure(cli, suite, flags, output.note)));
      }
      output.result({ measurements, ...details }, () => renderMeasurements(measurements, output.columns));
    });
}

async function measure(
  cli: Cli,
  suite: Exclude<Suite, 'chain'>,
  flags: Flags,
  note: (line: string) => void,
): Promise<Measurement[]> {
  switch (suite) {
    case 'ledger':
      return (await import('./ledger.ts')).measureLedger();
    case 'yuma':
      return (await import('./yuma.ts')).measureYuma();
    case 'economy':
      return (await import('./economy.ts')).measureEconomy(cli);
    case 'seal':
      return (await import('./seal.ts')).measureSeal(cli);
    case 'up':
      return (await import('./up.ts')).measureUp(cli);
    case 'gateway':
      return (await import('./gateway.ts')).measureGateway(flags, note);
    case 'join':
      return (await import('./join.ts')).measureJoin(cli, note);
    case 'train':
      return (await import('./train.ts')).measureTrain(cli, flags);
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
