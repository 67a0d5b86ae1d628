import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { shorten } from '../terminal/format.ts';
import { printable, printableText } from '../terminal/printable.ts';
import type { CairnNote, Usage } from './answer-stream.ts';
import type { GatewayClient } from './gateway-client.ts';

interface Flags extends CommonFlags {
  readonly model?: string;
  readonly maxTokens?: string;
  readonly temperature?: string;
}

/** `cairn ask` */
export function createAskCommand(cli: Cli): Command {
  return defineCommand({
    name: 'ask',
    help: 'Asks a model through the gateway, and shows who answered and what it cost.',
    examples: ['ask "every weekday at 9:30 am"', 'ask "hello" --model local/llama --max-tokens 200'],
    node: true,
  })
    .argument('<question>', 'what to ask')
    .option('--model <name>', 'a model of the network (default: the first that the gateway offers)')
    .option('--max-tokens <count>', 'longest answer, in tokens')
    .option('--temperature <number>', '0 is greedy')
    .action(async (question: string, flags: Flags) => {
      const numbers = readNumbers(flags);
      const { findOwnNode } = await import('../node-views.ts');
      const { connectNode } = await import('../connect.ts');
      const { loadConfig } = await import('../settings.ts');
      const { connectGateway } = await import('./gateway-client.ts');
      const { readAnswer } = await import('./answer-stream.ts');
      const connection = await connectNode(cli, flags);
      const node = await findOwnNode(connection);
      const { settings } = await loadConfig(cli, flags.data === undefined ? {} : { data: flags.data });
      const gateway = connectGateway(node?.url ?? new URL('/', connection.address).href, {
        signal: cli.signal,
        apiKey: settings.apiKey,
      });
      const model = flags.model ?? (await firstModel(gateway));
      const response = await gateway.fetch('/v1/chat/completions', {
        model,
        messages: [{ role: 'user', content: question }],
        stream: true,
        stream_options: { include_usage: true },
        ...numbers,
      });
      const output = outputOf(cli, flags);
      let answer = '';
      let spent: Usage | null = null;
      let note: CairnNote | null = null;
      for await (const event of readAnswer(response.body as AsyncIterable<Uint8Array>)) {
        if (event.type === 'usage') spent = event.usage;
        else if (event.type === 'note') note = event.note;
        else {
          answer += event.text;
          if (!output.isJson) cli.terminal.out.write(printableText(event.text));
        }
      }
      if (!output.isJson) cli.terminal.out.write('\n');
      const name = node?.roles.find(({ address }) => address === note?.provider)?.name;
      if (note !== null) {
        output.note(describeNote(note, name));
        if (note.privacy !== undefined) output.note(describePrivacy(note.privacy));
      }
      if (output.isJson) output.result({ model, answer, usage: spent, ...note }, () => []);
    });
}

function readNumbers({ maxTokens, temperature }: Flags): { max_tokens?: number; temperature?: number } {
  const numbers: { max_tokens?: number; temperature?: number } = {};
  if (maxTokens !== undefined) {
    if (!/^[1-9]\d{0,6}$/.test(maxTokens))
      throw usage(`--max-tokens takes a whole number above 0, not ${maxTokens}.`);
    numbers.max_tokens = Number(maxTokens);
  }
  if (temperature !== undefined) {
    if (!/^\d(\.\d+)?$/.test(temperature))
      throw usage(`--temperature takes a number from 0 to 2, not ${temperature}.`);
    numbers.temperature = Number(temperature);
  }
  return numbers;
}

async function firstModel(gateway: GatewayClient): Promise<string> {
  const { data } = (await (await gateway.fetch('/v1/models')).json()) as { data?: readonly { id: string }[] };
  const first = data?.[0]?.id;
  if (first !== undefined) return first;
  throw new CliError(
    { code: 'NOT_FOUND', what: 'a model' },
    'No model is offered on the network yet. Serve one with ./cairn model add.',
  );
}

function describePrivacy({ level, name, readers }: NonNullable<CairnNote['privacy']>): string {
  return printable(`privacy ${level}, ${name}; can be read by: ${readers}`);
}

function describeNote({ provider, cost, receipt }: CairnNote, name: string | undefined): string {
  const who = name === undefined ? shorten(provider) : `${name} (${shorten(provider)})`;
  return printable(`answered by ${who}  cost ${cost} CAIRN  receipt ${receipt}`);
}
