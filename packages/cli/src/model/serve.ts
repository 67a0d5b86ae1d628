import { PEBBLES_PER_CAIRN, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

interface Flags extends CommonFlags {
  readonly name?: string;
  readonly input?: string;
  readonly output?: string;
  readonly sha256?: string;
}

/** What a node gives a new miner of its own, in pebbles. */
export const START_MONEY = PEBBLES_PER_CAIRN;

/** What the node answers when it has begun to serve. */
export const asServed = asObject({ miner: asText, model: asText, artifact: asText, offer: asText });

function defineServing(name: string, help: string, examples: readonly string[]): Command {
  return defineCommand({ name, help, examples, node: true, spends: true })
    .argument('<source>', 'a path to a .gguf file, an https URL, hf:owner/repo/file.gguf, or ollama:name')
    .option('--name <owner/model>', 'name in the registry (default: local/ and the name of the file)')
    .option('--input <cairn>', 'price of a million input tokens, in CAIRN')
    .option('--output <cairn>', 'price of a million output tokens, in CAIRN');
}

/** `cairn model serve` */
export function createModelServeCommand(cli: Cli): Command {
  return defineServing('serve', 'Serves a model that is on this machine, from the running node, for pay.', [
    'model serve ./model.gguf --input 20 --output 60',
    'model serve ollama:llama3.2',
  ]).action(async (source: string, flags: Flags) => serveModel(cli, source, flags));
}

/** `cairn model add` */
export function createModelAddCommand(cli: Cli): Command {
  return defineServing('add', 'Fetches a model if need be, publishes it and serves it: all in one.', [
    'model add ./model.gguf',
    'model add hf:owner/repo/model-q4_k_m.gguf --yes',
    'model add ollama:llama3.2',
  ])
    .option('--sha256 <hex>', 'what the file has to hash to')
    .action(async (source: string, flags: Flags) => {
      const { parseModelSource } = await import('@cairn/node');
      const { kind } = parseModelSource(source, cli.folder);
      if (kind === 'ollama' || flags.dryRun === true) return serveModel(cli, source, flags);
      const { dataFolderOf } = await import('../settings.ts');
      const { pullModel } = await import('./pull.ts');
      const { path, sha256 } = await pullModel(cli, source, await dataFolderOf(cli, flags), flags.sha256);
      outputOf(cli, flags).note(`${printable(path)}  sha-256 ${sha256}`);
      return serveModel(cli, path, flags);
    });
}

async function serveModel(cli: Cli, given: string, flags: Flags): Promise<void> {
  const { parseModelSource } = await import('@cairn/node');
  const { connectNode } = await import('../connect.ts');
  const { confirm } = await import('../confirm.ts');
  const { usage } = await import('../errors.ts');
  const source = parseModelSource(given, cli.folder);
  if (source.kind === 'url' && flags.dryRun !== true) {
    throw usage(`${given} is not on this machine. Use ./cairn model add, which fetches it first.`);
  }
  const pricing = readPricing(flags);
  const connection = await connectNode(cli, flags);
  const lines = [
    `Serve ${printable(given)} from the node at ${connection.address}:`,
    ...renderFields([
      ['  new account of its miner', `${exactCairn(START_MONEY)}, from which it pays its fees`],
      ['  model card and offer', 'refundable deposits for their bytes, and fees'],
      ['  price of a million input tokens', describePrice(pricing.inputPerMillion)],
      ['  price of a million output tokens', describePrice(pricing.outputPerMillion)],
      ['  paid by', 'the owner wallet of the node'],
    ]),
  ];
  const output = outputOf(cli, flags);
  if (flags.dryRun === true) {
    output.result({ source: given, served: false }, () => [
      ...lines,
      'Nothing was done: this was a dry run.',
    ]);
    return;
  }
  await confirm(cli, flags, lines);
  const params = {
    source: source.kind === 'file' ? source.path : given,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(Object.keys(pricing).length === 0 ? {} : { pricing }),
  };
  const served = await askNode(connection, 'node_serveModel', params, asServed);
  output.result({ source: given, served: true, ...served }, () =>
    renderFields([
      ['miner', printable(served.miner)],
      ['model', printable(served.model)],
      ['artifact', printable(served.artifact)],
      ['offer', printable(served.offer)],
    ]),
  );
}

export function describePrice(pebbles: string | undefined): string {
  return pebbles === undefined ? 'as the other miners of the node' : exactCairn(BigInt(pebbles));
}

export interface Pricing {
  inputPerMillion?: string;
  outputPerMillion?: string;
}

/** Prices as the ledger wants them: pebbles per million tokens, as text. */
export function readPricing({ input, output }: Pick<Flags, 'input' | 'output'>): Pricing {
  const pricing: Pricing = {};
  if (input !== undefined) pricing.inputPerMillion = parseAmount(input).toString();
  if (output !== undefined) pricing.outputPerMillion = parseAmount(output).toString();
  return pricing;
}
