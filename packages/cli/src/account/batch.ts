import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CliError, usage } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn account batch` */
export function createAccountBatchCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'batch',
    help: 'Sends several messages as one transaction: all of them are done, or none.',
    examples: ['account batch payments.json --wallet savings --dry-run'],
    words: [['<file>', 'JSON: a list of {"message": …, "value": …}']],
    async build({ words: [path = ''] }) {
      const { messageToCall } = await import('@cairn/sdk');
      const values = await import('../tx/message-value.ts');
      const { describeValue } = values;
      const messages = parseBatch(path, await values.readText(path), values);
      return {
        message: 'accounts.batch',
        value: { calls: messages.map(({ message, value }) => messageToCall(message, value)) },
        what: `Send ${messages.length} messages together`,
        amount: null,
        details: messages.flatMap(({ message, json }, index) => [
          [`${index + 1}`, message] as const,
          ...describeValue(json).map(([name, text]) => [`  ${name}`, text] as const),
        ]),
        plan: { messages: messages.map(({ message, json }) => ({ message, value: json })) },
      };
    },
  });
}

function parseBatch(
  path: string,
  text: string,
  { parseMessage, parseJson }: typeof import('../tx/message-value.ts'),
) {
  const listed = parseJson(text);
  if (!Array.isArray(listed) || listed.length === 0) throw notAList(path);
  return listed.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw notAList(path);
    const { message, value } = entry as { message?: unknown; value?: unknown };
    if (typeof message !== 'string') throw notAList(path);
    return parseMessage(message, value);
  });
}

function notAList(path: string): CliError {
  return usage(`${path} has to be a list of {"message": …, "value": …}, with at least one.`);
}
