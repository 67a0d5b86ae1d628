import { type ChainNodeOptions, startChainNode } from '@cairn/node';
import type { Cli } from '../cli.ts';
import { formatCount } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

/** Between two lines about the height. */
const TELL_MS = 10_000;

/** Runs the chain of a folder until the person has seen enough. */
export async function runChainNode(
  cli: Cli,
  output: Output,
  options: Pick<ChainNodeOptions, 'settings' | 'log' | 'recordBlocksTo'>,
): Promise<void> {
  await using node = await startChainNode({
    ...options,
    environment: cli.environment,
    onBuild: (folder) => output.note(`building CometBFT into ${printable(folder)}; this takes minutes, once`),
  });
  const { height } = await node.status();
  if (output.isJson)
    cli.terminal.out.write(
      `${toJson({ ready: true, url: node.url, pid: process.pid, height, addresses: node.addresses })}\n`,
    );
  else {
    const [address] = node.addresses;
    const join = address === undefined ? '' : `Others join by ${printable(address)}. `;
    cli.terminal.out.write(
      `The node answers at ${node.url}, at block ${formatCount(height)}. ${join}Ctrl-C ends it.\n`,
    );
  }
  let toldMs = cli.nowMs();
  for await (const committed of node.heights(cli.signal)) {
    if (cli.nowMs() < toldMs + TELL_MS) continue;
    toldMs = cli.nowMs();
    if (output.isJson) cli.terminal.out.write(`${toJson({ height: committed })}\n`);
    else output.note(`block ${formatCount(committed)}`);
  }
  output.note('ending …');
}
