import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';
import { toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { type NodeProcess, runNodes } from './run-nodes.ts';
import { wholeFrom } from './whole-from.ts';

interface Flags extends CommonFlags {
  readonly validators: string;
  readonly port: string;
  readonly consensusPort: string;
  readonly blockMs: string;
  readonly slotMs: string;
  readonly cometbft?: string;
}

const MAX_VALIDATORS = 16;

/** `cairn localnet` */
export function createLocalnetCommand(cli: Cli): Command {
  return defineCommand({
    name: 'localnet',
    help: 'Starts several validators on this machine that agree through CometBFT, each a process with its own folder.',
    examples: ['localnet --validators 4', 'localnet --validators 4 --data ./net --block-ms 500'],
    data: true,
  })
    .addOption(new Option('--validators <count>', 'how many, on a new network').default('4'))
    .addOption(new Option('--port <number>', 'RPC port of the first; 0 takes free ones').default('8470'))
    .addOption(
      new Option('--consensus-port <number>', 'where the first meets the others; 0 takes free ones').default(
        '26656',
      ),
    )
    .addOption(new Option('--block-ms <ms>', 'pause after each block, on a new network').default('1000'))
    .addOption(new Option('--slot-ms <ms>', 'block time of one slot, on a new network').default('1000'))
    .option('--cometbft <path>', 'the CometBFT program; looked for, and built with Go, when left out')
    .action(async (flags: Flags) => {
      const { provideCometbft } = await import('@cairn/node');
      const { loadConfig } = await import('../settings.ts');
      const { openLocalnet } = await import('./open-localnet.ts');
      const given = {
        ...(flags.data === undefined ? {} : { data: flags.data }),
        ...(flags.cometbft === undefined ? {} : { cometbft: flags.cometbft }),
      };
      const { settings } = await loadConfig(cli, given);
      const output = outputOf(cli, flags);
      const plan = {
        validators: wholeFrom('--validators', flags.validators, 1, MAX_VALIDATORS),
        port: wholeFrom('--port', flags.port, 0, 65_000),
        consensusPort: wholeFrom('--consensus-port', flags.consensusPort, 0, 65_000),
        blockMs: wholeFrom('--block-ms', flags.blockMs, 50, 60_000),
        slotMs: wholeFrom('--slot-ms', flags.slotMs, 100, 60_000),
      };
      // Once, before four processes would each build it.
      const program = await provideCometbft({
        path: settings.cometbft,
        environment: cli.environment,
        onBuild: (folder) =>
          output.note(`building CometBFT into ${printable(folder)}; this takes minutes, once`),
      });
      const nodes = await openLocalnet(join(settings.data, 'localnet'), plan);
      output.note(`starting ${nodes.length} validators …`);
      await runNodes(cli, nodes, program, {
        onReady(running) {
          if (output.isJson) cli.terminal.out.write(`${toJson({ ready: true, nodes: running })}\n`);
          else cli.terminal.out.write(`${renderNodes(running, output.columns).join('\n')}\n`);
        },
        onHeights: (heights) => output.note(`blocks ${heights.map(formatCount).join('  ')}`),
        onEnded: (name, said) =>
          output.note(`${name} ended and is started again${said === '' ? '' : `: ${printable(said)}`}`),
      });
      output.note('ending …');
    });
}

function renderNodes(nodes: readonly NodeProcess[], columns: number): string[] {
  return [
    ...renderTable(
      [
        { header: 'NODE' },
        { header: 'PROCESS', align: 'right' },
        { header: 'RPC' },
        { header: 'FOLDER', cut: true },
      ],
      nodes.map(({ name, pid, url, data }) => [name, String(pid), printable(url), printable(data)]),
      columns,
    ),
    '',
    `Ask one with ./cairn status --data ${printable(nodes[0]?.data ?? '')}. Ctrl-C ends them; their chains stay for the next time.`,
  ];
}
