import { resolve } from 'node:path';
import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import { asCount, asList, asNullable, asObject, asOneOf, asOptional, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { exactCairn, formatBytes, formatCount, shorten } from '../terminal/format.ts';
import { type Output, renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

interface Flags extends CommonFlags {
  readonly fund?: string;
  readonly reward: string;
  readonly bond: string;
  readonly minTrainers: string;
  readonly maxTrainers: string;
  readonly roundSlots: string;
}

const asFacts = asObject({
  manifest: asText,
  name: asText,
  description: asText,
  parent: asNullable(
    asObject({
      run: asText,
      round: asCount,
      model: asText,
      name: asText,
      version: asText,
      licence: asText,
      royaltyBps: asCount,
    }),
  ),
  engine: asOneOf('exact', 'tolerant'),
  tolerance: asNullable(asObject({ relative: asText, angle: asText, misplaced: asText })),
  parameters: asCount,
  tokens: asCount,
  heldOutTokens: asCount,
  documents: asCount,
  duplicates: asCount,
  licences: asList(asText),
  rounds: asCount,
  steps: asCount,
  memoryBytes: asCount,
  freeBytes: asCount,
});
type Facts = ReturnType<typeof asFacts>;

const asMaking = asObject({
  state: asOneOf('working', 'failed', 'made'),
  step: asOptional(asText),
  code: asOptional(asText),
  message: asOptional(asText),
  facts: asOptional(asFacts),
});

const STEPS: Readonly<Record<string, string>> = {
  parent: "fetching the parent's weights",
  tokenizer: 'learning the tokenizer',
  data: 'cutting the data into shards',
  weights: 'making the first weights',
  tolerance: 'measuring how far engines are apart',
  manifest: 'writing the manifest',
};
const LOOK_MS = 300;
/** Rounds that are funded when nothing else is said. */
const FUNDED_ROUNDS = 50n;

/** `cairn train create` */
export function createTrainCreateCommand(cli: Cli): Command {
  return defineCommand({
    name: 'create',
    help: 'Makes a training run from a recipe and puts it on the ledger: tokenizer, data and first weights are made by the running node, whose validators judge the run. A recipe with a parent goes on from a released checkpoint of another run.',
    examples: [
      'train create examples/training/characters.json',
      'train create recipe.json --fund 100 --reward 2 --bond 5 --yes',
    ],
    node: true,
    spends: true,
  })
    .argument('<recipe>', 'JSON file that says what is trained; see docs/guide/training.md')
    .option('--fund <cairn>', 'CAIRN put into its pool (default: enough for 50 rounds, or all of fewer)')
    .option('--reward <cairn>', 'what a round pays, in CAIRN', '1')
    .option('--bond <cairn>', 'what each trainer puts up and loses when it is convicted, in CAIRN', '10')
    .option('--min-trainers <count>', 'with fewer the run waits', '1')
    .option('--max-trainers <count>', 'updates that enter the weights of one round, most', '16')
    .option('--round-slots <count>', 'longest time to train a round, in slots', '600')
    .action(async (recipe: string, flags: Flags) => create(cli, recipe, flags));
}

async function create(cli: Cli, recipe: string, flags: Flags): Promise<void> {
  const { askNode } = await import('../answer/ask-node.ts');
  const { confirm } = await import('../confirm.ts');
  const { connectNode } = await import('../connect.ts');
  const output = outputOf(cli, flags);
  const offer = readOffer(flags);
  const connection = await connectNode(cli, flags);
  if (!connection.isOwn)
    throw usage(
      'A run is made by the node of this machine, over its socket: leave out --rpc, and name its folder with --data.',
    );
  const started = await askNode(
    connection,
    'node_makeRun',
    { recipe: resolve(cli.folder, recipe) },
    asObject({ making: asText }),
  );
  const facts = await followMaking(cli, output, () =>
    askNode(connection, 'node_making', { making: started.making }, asMaking),
  );
  const rounds = BigInt(facts.rounds);
  const funds =
    flags.fund === undefined
      ? offer.rewardPerRound * (rounds < FUNDED_ROUNDS ? rounds : FUNDED_ROUNDS)
      : parseAmount(flags.fund);
  const lines = describe(facts, { ...offer, funds });
  const plan = { ...facts, ...offer, funds };
  if (flags.dryRun === true) {
    output.result({ ...plan, created: false }, () => [...lines, 'Not created: this was a dry run.']);
    return;
  }
  await confirm(cli, flags, lines);
  const { run } = await askNode(
    connection,
    'node_createRun',
    {
      manifest: facts.manifest,
      funds: funds.toString(),
      rewardPerRound: offer.rewardPerRound.toString(),
      bond: offer.bond.toString(),
      minTrainers: offer.minTrainers,
      maxTrainers: offer.maxTrainers,
      trainSlots: offer.trainSlots,
    },
    asObject({ run: asText }),
  );
  output.result({ ...plan, created: true, run }, () => [
    `Run ${printable(run)} is on the ledger; its rounds begin when ${offer.minTrainers} or more train.`,
    `Train in it: ./cairn train join ${printable(run.slice(0, 8))} --data ./trainer-1`,
    `Watch it:    ./cairn train watch ${printable(run.slice(0, 8))}`,
  ]);
}

function readOffer({ reward, bond, minTrainers, maxTrainers, roundSlots }: Flags) {
  const count = (flag: string, given: string, most: number): number => {
    const value = Number(given);
    if (/^\d{1,7}$/.test(given) && value >= 1 && value <= most) return value;
    throw usage(`--${flag} ${given} is not a whole number from 1 to ${most}.`);
  };
  return {
    rewardPerRound: parseAmount(reward),
    bond: parseAmount(bond),
    minTrainers: count('min-trainers', minTrainers, 256),
    maxTrainers: count('max-trainers', maxTrainers, 254),
    trainSlots: count('round-slots', roundSlots, 1_000_000),
  };
}

async function followMaking(
  cli: Cli,
  output: Output,
  ask: () => Promise<ReturnType<typeof asMaking>>,
): Promise<Facts> {
  const { pause } = await import('../pause.ts');
  let told = '';
  for (;;) {
    const { state, step = '', code = 'UNKNOWN', message = '', facts } = await ask();
    if (state === 'made' && facts !== undefined) return facts;
    if (state === 'failed') {
      throw new CliError({ code: 'RUN_NOT_MADE', cause: code }, `No run was made. ${printable(message)}`);
    }
    if (step !== told) output.note(`${STEPS[step] ?? printable(step)} …`);
    told = step;
    await pause(LOOK_MS, cli.signal);
    if (cli.signal.aborted)
      throw new CliError(
        { code: 'INTERRUPTED' },
        'Interrupted. The node goes on with what it began; nothing was put on the ledger.',
      );
  }
}

function describe(
  facts: Facts,
  offer: { funds: bigint; rewardPerRound: bigint; bond: bigint; minTrainers: number; maxTrainers: number },
): string[] {
  const { engine, tolerance, memoryBytes, freeBytes } = facts;
  const isTooMuch = memoryBytes > freeBytes ? ', more than this machine has free' : '';
  return [
    `Create the training run ${printable(facts.name)}`,
    ...renderFields([
      ['  model', `${formatCount(facts.parameters)} parameters`],
      ...describeParent(facts.parent),
      [
        '  data',
        `${formatCount(facts.tokens)} tokens of ${formatCount(facts.documents)} documents (${formatCount(facts.duplicates)} duplicates left out), ${formatCount(facts.heldOutTokens)} held out`,
      ],
      ['  licences', printable(facts.licences.join(', '))],
      ['  rounds', `${formatCount(facts.rounds)} of ${facts.steps} steps`],
      [
        '  engine',
        engine === 'exact'
          ? 'exact: a wrong step can be convicted by replay'
          : tolerance === null
            ? 'tolerant: updates are scored, single steps cannot be convicted'
            : `tolerant: an update whose change is further than ${printable(tolerance.relative)} from a replay can be convicted`,
      ],
      [
        '  memory of a trainer',
        `about ${formatBytes(memoryBytes)} (${formatBytes(freeBytes)} free here${isTooMuch})`,
      ],
      ['  into its pool', exactCairn(offer.funds)],
      ['  a round pays', exactCairn(offer.rewardPerRound)],
      ['  bond of a trainer', exactCairn(offer.bond)],
      ['  trainers', `${offer.minTrainers} to ${offer.maxTrainers}`],
      ['  deposits', 'refundable, for the bytes of the run on the ledger'],
      ['  from', 'the owner wallet of the node'],
    ]),
  ];
}

/** Where the first weights are from, and what that costs later. */
function describeParent(parent: Facts['parent']): (readonly [string, string])[] {
  if (parent === null) return [['  begins with', 'random weights']];
  const { run, round, name, version, licence, royaltyBps } = parent;
  return [
    ['  begins with', `the weights after round ${round} of run ${shorten(run)}`],
    ['  released as', printable(`${name} ${version}, ${licence}`)],
    [
      '  its royalties',
      royaltyBps === 0 ? 'none' : `${royaltyBps / 100} % of what answers of this run's models cost`,
    ],
  ];
}
