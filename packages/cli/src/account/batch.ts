import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
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
      const { describeValue } = await import('../tx/message-value.ts');
      const { readBatch } = await import('./read-batch.ts');
      const messages = await readBatch(path);
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
