import { resolve } from 'node:path';
import type { LoggerOptions } from '@cairn/node';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';
import { toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { addNodeFlags, givenFlags, type NodeFlags } from './node.ts';

interface Flags extends CommonFlags, NodeFlags {
  readonly cometbft?: string;
  readonly logLevel?: string;
  readonly record?: string;
}

/** Between two lines about the height. */
const TELL_MS = 10_000;

/** `cairn node start` */
export function createNodeStartCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'start',
    help: 'Runs a node of a network: its ledger, its vote if it is a validator, RPC and status.',
    examples: [
      'node start',
      'node start --data ./second --cometbft /usr/local/bin/cometbft',
      'node start --record ./blocks',
    ],
    data: true,
  })
    .option('--cometbft <path>', 'the CometBFT program; looked for, and built with Go, when left out')
    .option('--log-level <level>', 'least level that is logged: error, warn, info or debug')
    .option('--record <file>', 'add every block to this file as it was decided, for node replay');
  return addNodeFlags(command).action(async (flags: Flags) => {
    const { createLogger, startChainNode } = await import('@cairn/node');
    const { loadConfig } = await import('../settings.ts');
    const { settings } = await loadConfig(cli, {
      ...givenFlags(flags),
      ...(flags.data === undefined ? {} : { data: flags.data }),
      ...(flags.cometbft === undefined ? {} : { cometbft: flags.cometbft }),
      ...(flags.logLevel === undefined ? {} : { logLevel: flags.logLevel }),
    });
    const output = outputOf(cli, flags);
    const log = createLogger({
      level: settings.logLevel as NonNullable<LoggerOptions['level']>,
      write: (line) => cli.terminal.err.write(`${line}\n`),
    });
    await using node = await startChainNode({
      ...{ settings, log, environment: cli.environment },
      ...(flags.record === undefined ? {} : { recordBlocksTo: resolve(cli.folder, flags.record) }),
      onBuild: (folder) =>
        output.note(`building CometBFT into ${printable(folder)}; this takes minutes, once`),
    });
    const { height } = await node.status();
    if (output.isJson)
      cli.terminal.out.write(`${toJson({ ready: true, url: node.url, pid: process.pid, height })}\n`);
    else
      cli.terminal.out.write(
        `The node answers at ${node.url}, at block ${formatCount(height)}. Ctrl-C ends it.\n`,
      );
    let toldMs = cli.nowMs();
    for await (const committed of node.heights(cli.signal)) {
      if (cli.nowMs() < toldMs + TELL_MS) continue;
      toldMs = cli.nowMs();
      if (output.isJson) cli.terminal.out.write(`${toJson({ height: committed })}\n`);
      else output.note(`block ${formatCount(committed)}`);
    }
    output.note('ending …');
  });
}
