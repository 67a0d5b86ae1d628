import { bytesToHex } from '@cairn/core';
import type { RunView } from '@cairn/protocol';
import { createRunReader } from '@cairn/sdk';
import { askNode } from '../answer/ask-node.ts';
import { asNullable, asObject, asText } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError, usage } from '../errors.ts';
import { formatCount } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';

/** All runs of the network, ascending by id. */
export async function fetchAllRuns({ ledger }: Connection): Promise<RunView[]> {
  const reader = createRunReader(ledger);
  const all: RunView[] = [];
  for (;;) {
    const page = await reader.runs(all.at(-1)?.id);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

/**
 * The run that a person names; without a name the only one that is not ended.
 *
 * @throws CliError `USAGE`, `NOT_FOUND`
 */
export async function findRun(connection: Connection, named: string | undefined): Promise<RunView> {
  if (named !== undefined && !/^[0-9a-f]{1,64}$/.test(named))
    throw usage(`A run is named by the hexadecimal digits of its id, not ${named}.`);
  const runs = await fetchAllRuns(connection);
  const fits = runs.filter(({ id, phase }) =>
    named === undefined ? phase !== 'ended' : bytesToHex(id).startsWith(named),
  );
  const [run] = fits;
  if (run !== undefined && fits.length === 1) return run;
  if (fits.length > 1)
    throw usage(`${fits.length} runs are meant. Name one with more digits of its id, see train list.`);
  throw new CliError(
    { code: 'NOT_FOUND', what: named === undefined ? 'an open training run' : `run ${named}` },
    named === undefined ? 'There is no open training run.' : `There is no run ${named}. See train list.`,
  );
}

/** What a run does now, in words. */
export function describePhase({ phase, reason, isEnding }: RunView): string {
  const ending = isEnding && phase !== 'ended' && reason !== 'ending' ? ', ending' : '';
  return phase === 'cooldown' ? `cooldown: ${REASONS[reason]}` : `${phase}${ending}`;
}

const REASONS: Readonly<Record<RunView['reason'], string>> = {
  none: 'the next round opens',
  tooFewTrainers: 'too few trainers',
  noJudges: 'no validators with stake',
  poolEmpty: 'the pool is below one reward',
  windowsOpen: 'too many rounds wait for their windows',
  roundsDone: 'all rounds are done',
  ending: 'it is ending',
};

/** What the first weights of a run are, in words. */
export async function describeOrigin(connection: Connection, run: RunView): Promise<string> {
  const { parent, parentModel } = run;
  const weights =
    parent === null ? null : `the weights after round ${parent.round} of run ${bytesToHex(parent.run)}`;
  if (parentModel === null) return weights ?? 'random weights';
  const id = bytesToHex(parentModel);
  const card = await askNode(connection, 'registry_model', { model: id }, asNullable(asCard));
  const model = card === null ? `model ${id}, which is retired` : printable(`${card.name} ${card.version}`);
  return weights === null ? model : `${weights}, released as ${model}`;
}

const asCard = asObject({ name: asText, version: asText });

/** As `describeOrigin`, for programs. */
export const originJson = ({ parent, parentModel }: RunView) => ({
  parent: parent === null ? null : { run: bytesToHex(parent.run), round: parent.round },
  parentModel: parentModel === null ? null : bytesToHex(parentModel),
});

/** A held-out loss as the ledger has it, in nats per token. */
export function formatLoss(millionths: number): string {
  if (millionths === 0) return 'not measured';
  if (millionths === 0xffff_ffff) return 'no number';
  const text = String(millionths).padStart(7, '0');
  return `${formatCount(BigInt(text.slice(0, -6)))}.${text.slice(-6)}`;
}
