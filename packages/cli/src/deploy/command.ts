import { readFile, stat } from 'node:fs/promises';
import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asCount, asHex, asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { type DeploySource, readDeploySource } from './kind-of-source.ts';
import { wholeNumber } from './whole.ts';

interface Flags extends CommonFlags {
  readonly name?: string;
  readonly memory: string;
  readonly cpu: string;
  readonly gpus: string;
  readonly time: string;
  readonly min: string;
  readonly max: string;
  readonly funds: string;
  readonly maxPerSlot: string;
}

const asDeployed = asObject({
  deployment: asHex,
  lease: asHex,
  provider: asText,
  perSlot: asText,
  bids: asCount,
});

/** `cairn deploy` */
export function createDeployCommand(cli: Cli): Command {
  return defineCommand({
    name: 'deploy',
    help: 'Deploys a function or an OCI image to a provider: publishes it, orders compute and takes the cheapest bid.',
    examples: [
      'deploy examples/functions/word-count',
      'deploy ./resize.wasm --memory 128 --max 8 --dry-run',
      'deploy ./shout.tar --memory 128 --cpu 2000',
    ],
    node: true,
    spends: true,
  })
    .argument(
      '<source>',
      'a .js or .wasm file, a folder with function.js or function.wasm, an OCI archive (.tar), or an image@sha256:…',
    )
    .option('--name <name>', 'name to call it by (default: that of the file or folder)')
    .option('--memory <mib>', 'memory of each instance, in MiB', '64')
    .option('--cpu <thousandths>', 'most of the cores an instance of an image uses, in thousandths', '1000')
    .option('--gpus <count>', 'GPUs for an image; it has all of its provider, and one instance', '0')
    .option('--time <ms>', 'longest time of one call, in milliseconds', '10000')
    .option('--min <count>', 'instances kept warm', '0')
    .option('--max <count>', 'most instances', '4')
    .option('--funds <cairn>', 'CAIRN put into the lease', '1')
    .option('--max-per-slot <cairn>', 'most CAIRN paid for a slot of being ready', '0.0001')
    .action((source: string, flags: Flags) => deploy(cli, source, flags));
}

async function deploy(cli: Cli, given: string, flags: Flags): Promise<void> {
  const { connectNode } = await import('../connect.ts');
  const { confirm } = await import('../confirm.ts');
  const source = await readDeploySource(cli.folder, given);
  if (source.kind === 'model')
    throw usage(`A model is served by ./cairn model serve ${printable(given)}, which prices it by tokens.`);
  const name = flags.name ?? source.name;
  const wanted = {
    name,
    kind: source.kind === 'archive' ? 'image' : source.kind,
    memoryMib: wholeNumber('--memory', flags.memory),
    cpuMilli: wholeNumber('--cpu', flags.cpu),
    gpus: wholeNumber('--gpus', flags.gpus),
    timeMs: wholeNumber('--time', flags.time),
    minInstances: wholeNumber('--min', flags.min),
    maxInstances: wholeNumber('--max', flags.max),
    funds: parseAmount(flags.funds).toString(),
    maxPerSlot: parseAmount(flags.maxPerSlot).toString(),
  };
  const what = await readWhat(source);
  const connection = await connectNode(cli, flags);
  const lines = [
    `Deploy ${printable(given)} from the node at ${connection.address}:`,
    ...renderFields([
      ['  name', printable(name)],
      ['  kind', `${wanted.kind}, ${what.description}`],
      ['  each instance', `${wanted.memoryMib} MiB, calls of at most ${wanted.timeMs} ms`],
      ...(wanted.kind === 'image'
        ? [['  cores', `${wanted.cpuMilli / 1000}, GPUs ${wanted.gpus}`] satisfies [string, string]]
        : []),
      ['  instances', `${wanted.minInstances} to ${wanted.maxInstances}`],
      ['  paid for being ready', `at most ${exactCairn(BigInt(wanted.maxPerSlot))} a slot`],
      ['  put into the lease', `${exactCairn(BigInt(wanted.funds))}; what is not used returns`],
      ['  paid by', 'the gateway wallet of the node, with deposits for the records and fees'],
    ]),
  ];
  const output = outputOf(cli, flags);
  if (flags.dryRun === true) {
    output.result({ source: given, deployed: false, ...wanted }, () => [
      ...lines,
      'Nothing was done: this was a dry run.',
    ]);
    return;
  }
  await confirm(cli, flags, lines);
  const params = { ...wanted, ...what.params };
  const done = await askNode(connection, 'node_deploy', params, asDeployed);
  output.result({ source: given, deployed: true, name, ...done }, () =>
    renderFields([
      ['name', printable(name)],
      ['deployment', done.deployment],
      ['lease', done.lease],
      ['provider', printable(done.provider)],
      ['a slot', exactCairn(BigInt(done.perSlot))],
      ['call it', `./cairn call ${printable(name)} --input '…'`],
    ]),
  );
}

/** What of a source the node is given, and what a person is told of it. */
async function readWhat(source: Exclude<DeploySource, { readonly kind: 'model' }>) {
  if (source.kind === 'image') {
    const { repository, digest } = source;
    return {
      description: `sha256:${digest} of ${printable(repository)}`,
      params: { image: { repository, digest } },
    };
  }
  // The node reads it itself: it has more bytes than a request may.
  if (source.kind === 'archive')
    return {
      description: `${(await stat(source.path)).size} bytes, published by this node for its providers`,
      params: { archive: source.path },
    };
  const code = await readFile(source.path);
  return { description: `${code.length} bytes`, params: { code: code.toString('base64') } };
}
