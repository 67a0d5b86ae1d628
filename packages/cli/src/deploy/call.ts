import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PRIVACY_TEXTS } from '@cairn/protocol';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asAmount, asCount, asHex, asNullable, asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { exactCairn } from '../terminal/format.ts';
import { printable, printableText } from '../terminal/printable.ts';
import { wholeNumber } from './whole.ts';

interface Flags extends CommonFlags {
  readonly input?: string;
  readonly file?: string;
  readonly maxWork: string;
}

const asCalled = asObject({
  fault: asNullable(asText),
  message: asText,
  output: asText,
  work: asCount,
  queuedMs: asCount,
  coldStartMs: asCount,
  cost: asAmount,
  provider: asText,
  receipt: asHex,
  privacy: asText,
});

/** `cairn call` */
export function createCallCommand(cli: Cli): Command {
  return defineCommand({
    name: 'call',
    help: 'Calls a deployed function, pays for its work, and shows the work, the cost and the cold start.',
    examples: ['call word-count --input "to be or not to be"', 'call resize --file photo.png --json'],
    node: true,
  })
    .argument('<name>', 'name or hex id of the deployment')
    .option('--input <text>', 'what it is given')
    .option('--file <path>', 'a file that it is given')
    .option('--max-work <ms>', 'most CPU time to pay for, in milliseconds', '10000')
    .action(async (name: string, flags: Flags) => {
      if (flags.input !== undefined && flags.file !== undefined)
        throw usage('Give --input or --file, not both.');
      const input =
        flags.file === undefined
          ? Buffer.from(flags.input ?? '')
          : await readFile(resolve(cli.folder, flags.file));
      const maxWork = wholeNumber('--max-work', flags.maxWork);
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const params = { name, maxWork, input: input.toString('base64') };
      const called = await askNode(connection, 'node_call', params, asCalled);
      const bytes = Buffer.from(called.output, 'base64');
      const output = outputOf(cli, flags);
      const { work, cost, receipt, queuedMs, coldStartMs } = called;
      if (called.fault !== null) {
        throw new CliError(
          { code: 'ANSWER_FAILED', status: 500, reason: called.fault },
          `The function failed (${called.fault}): ${printable(called.message)}. Its ${work} ms of work cost ${exactCairn(cost)}.`,
        );
      }
      if (!output.isJson) cli.terminal.out.write(`${printableText(bytes.toString('utf8'))}\n`);
      output.note(
        `${work} ms of CPU time  cost ${exactCairn(cost)}  waited ${queuedMs} ms${coldStartMs > 0 ? `, ${coldStartMs} ms of it a cold start` : ''}  ${printable(describePrivacy(called.privacy))}  receipt ${receipt}`,
      );
      if (output.isJson)
        output.result({ name, ...called, cost: cost.toString(), text: bytes.toString('utf8') }, () => []);
    });
}

/** Who could read input and output, as it is said of answers. */
function describePrivacy(level: string): string {
  const text = Object.values(PRIVACY_TEXTS).find((known) => known.level === level);
  return text === undefined ? `privacy ${level}` : `privacy ${level}, ${text.name}`;
}
