import { type Command, Option } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asBool, asObject } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { asServed, describePrice, readPricing, START_MONEY } from '../model/serve.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { ENGINE_NAMES, type EngineName, readEngineSource } from './source.ts';

interface Flags extends CommonFlags {
  readonly engine: EngineName;
  readonly program?: string;
  readonly name?: string;
  readonly input?: string;
  readonly output?: string;
}

const asWithdrawn = asObject({ withdrawn: asBool });

/** `cairn serve` */
export function createServeCommand(cli: Cli): Command {
  return defineCommand({
    name: 'serve',
    help: 'Starts Ollama, llama-server or vLLM, keeps it running, and serves its model from the running node for pay until Ctrl-C.',
    examples: [
      'serve ollama:llama3.2 --engine ollama',
      'serve ./model.gguf --engine llama-server --input 20 --output 60',
      'serve vllm:owner/repo --engine vllm',
    ],
    node: true,
    spends: true,
  })
    .argument('<source>', 'ollama:name, a path to a .gguf file, or vllm:owner/repo')
    .addOption(
      new Option('--engine <engine>', 'the installed engine that runs it')
        .choices(ENGINE_NAMES)
        .makeOptionMandatory(),
    )
    .option('--program <path>', 'the program of the engine (default: looked for on PATH)')
    .option('--name <owner/model>', 'name in the registry (default: local/ and the name of the model)')
    .option('--input <cairn>', 'price of a million input tokens, in CAIRN')
    .option('--output <cairn>', 'price of a million output tokens, in CAIRN')
    .action(async (source: string, flags: Flags) => serve(cli, source, flags));
}

async function serve(cli: Cli, given: string, flags: Flags): Promise<void> {
  const { createLogger, ENGINE_KINDS, findEngine, startManagedEngine, systemClock, systemTimer } =
    await import('@cairn/node');
  const { confirm } = await import('../confirm.ts');
  const { connectNode } = await import('../connect.ts');
  const output = outputOf(cli, flags);
  const model = readEngineSource(flags.engine, given, cli.folder);
  const pricing = readPricing(flags);
  const engine = await findEngine(flags.engine, {
    environment: cli.environment,
    ...(flags.program === undefined ? {} : { program: flags.program }),
  });
  const version = engine.version === null ? 'of unknown version' : engine.version;
  output.note(`${flags.engine} ${version} at ${printable(engine.program)}`);
  const connection = await connectNode(cli, flags);
  const lines = [
    `Serve ${printable(given)} by ${flags.engine} from the node at ${connection.address}, until this command ends:`,
    ...renderFields([
      ['  new account of its miner', `${exactCairn(START_MONEY)}, from which it pays its fees`],
      ['  model card and offer', 'refundable deposits for their bytes, and fees'],
      ['  price of a million input tokens', describePrice(pricing.inputPerMillion)],
      ['  price of a million output tokens', describePrice(pricing.outputPerMillion)],
      ['  paid by', 'the owner wallet of the node'],
    ]),
  ];
  if (flags.dryRun === true) {
    const plan = { source: given, engine: flags.engine, version: engine.version, served: false };
    output.result(plan, () => [...lines, 'Nothing was done: this was a dry run.']);
    return;
  }
  await confirm(cli, flags, lines);

  const log = createLogger({ level: 'error', write: (line) => cli.terminal.err.write(`${line}\n`) });
  const parts = { clock: systemClock, timer: systemTimer, log };
  output.note(`starting ${flags.engine}; loading a model may take minutes …`);
  await using running = await startManagedEngine(parts, {
    ...{ engine, model, signal: cli.signal },
    onState: (state) => {
      if (state.state === 'restarting')
        output.note(`${flags.engine} fell: ${state.reason}. It is started again in ${state.inMs} ms.`);
    },
  });
  // Not ended by Ctrl-C: an offer that the node is about to make has to be taken back afterwards.
  const lasting = await connectNode({ ...cli, signal: new AbortController().signal }, flags);
  const served = await askNode(
    lasting,
    'node_serveModel',
    {
      source: model.location,
      upstream: { kind: ENGINE_KINDS[flags.engine].upstream, url: running.url, model: model.name },
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(Object.keys(pricing).length === 0 ? {} : { pricing }),
    },
    asServed,
  );
  const facts = { source: given, engine: flags.engine, version: engine.version, url: running.url };
  output.result({ ...facts, served: true, ...served }, () =>
    renderFields([
      ['engine', `${flags.engine} ${version} at ${running.url}`],
      ['miner', printable(served.miner)],
      ['model', printable(served.model)],
      ['offer', printable(served.offer)],
    ]),
  );
  const reason = await Promise.race([untilAborted(cli.signal), running.ended]);
  const { withdrawn } = await askNode(lasting, 'node_withdrawModel', { offer: served.offer }, asWithdrawn);
  output.note(withdrawn ? 'the offer was withdrawn' : 'the node had ended serving it already');
  if (reason === null) return;
  const { CliError } = await import('../errors.ts');
  throw new CliError(
    { code: 'ENGINE_GAVE_UP', engine: flags.engine, reason },
    `${flags.engine} fell again and again, the last time because ${reason}. Its offer was withdrawn.`,
  );
}

function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
