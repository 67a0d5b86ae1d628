import type { Registry, RegistryModel, Standing } from '@cairn/sdk';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { formatScore, scoreJson } from './scores.ts';

type Flags = CommonFlags & { readonly task?: string };

/** How an artifact does a task, and by whose word. */
interface Evaluation {
  readonly task: string;
  readonly quantisation: string;
  readonly artifact: string;
  readonly by: 'validators' | 'claimed';
  readonly validators: number;
  readonly score: Standing['score'];
}

/** `cairn model evals` */
export function createModelEvalsCommand(cli: Cli): Command {
  return defineCommand({
    name: 'evals',
    help: 'Shows who does a task best as validators measured it, which tasks they measured, or all that is said of one model.',
    examples: ['model evals', 'model evals --task crontab', 'model evals cairn/crontab --json'],
    node: true,
  })
    .argument('[model]', 'its id, name or alias')
    .option('--task <task>', 'the leaderboard of this task')
    .action(async (given: string | undefined, flags: Flags) => {
      const { connectNode } = await import('../connect.ts');
      const { fetchRegistry, measuredTasks, rankModels } = await import('@cairn/sdk');
      const connection = await connectNode(cli, flags);
      const market = await fetchRegistry(connection.ledger);
      const output = outputOf(cli, flags);
      if (given !== undefined) {
        const { findModel } = await import('./find-model.ts');
        const model = await findModel(connection, market.models, given);
        const all = await evaluationsOf(market, model);
        const evaluations = all.filter(({ task }) => flags.task === undefined || task === flags.task);
        output.result({ model: model.id, name: model.card.name, evaluations: evaluations.map(flat) }, () =>
          renderEvaluations(evaluations, output.columns),
        );
        return;
      }
      if (flags.task === undefined) {
        const tasks = measuredTasks(market);
        output.result({ tasks }, () =>
          tasks.length === 0
            ? ['No validator measured anything yet.']
            : renderTable(
                [{ header: 'TASK' }, { header: 'ARTIFACTS', align: 'right' }],
                tasks.map(({ task, artifacts }) => [printable(task), String(artifacts)]),
                output.columns,
              ),
        );
        return;
      }
      const standings = rankModels(market, flags.task);
      output.result({ task: flags.task, standings: standings.map(standingJson) }, () =>
        standings.length === 0
          ? [`No validator measured ${printable(flags.task!)}. See ./cairn model evals.`]
          : renderStandings(standings, output.columns),
      );
    });
}

const flat = ({ score, ...rest }: Evaluation) => ({ ...rest, ...score });

/** What validators measured of a model, then what its owner claims. */
export async function evaluationsOf(market: Registry, model: RegistryModel): Promise<Evaluation[]> {
  const { bytesToHex } = await import('@cairn/core');
  const { measuredTasks, rankModels, wilsonScore } = await import('@cairn/sdk');
  const own = {
    ...market,
    models: [model],
    evaluations: market.evaluations.filter(({ measurement }) => bytesToHex(measurement.model) === model.id),
  };
  const measured = measuredTasks(own)
    .flatMap(({ task }) => rankModels(own, task))
    .map((standing) => ({ ...standing, by: 'validators' as const }));
  const claimed = model.card.evaluations.map(({ artifact, task, right, trials }) => {
    const sha256 = bytesToHex(artifact);
    const file = model.card.artifacts.find((each) => bytesToHex(each.sha256) === sha256);
    return {
      task,
      artifact: sha256,
      quantisation: file?.quantisation ?? '',
      by: 'claimed' as const,
      validators: 0,
      score: wilsonScore(right / trials, trials),
    };
  });
  return [...measured, ...claimed].map(({ task, artifact, quantisation, by, validators, score }) => ({
    ...{ task, artifact, quantisation, by, validators, score },
  }));
}

const right = { align: 'right' } as const;

export function renderEvaluations(evaluations: readonly Evaluation[], columns: number): string[] {
  if (evaluations.length === 0) return ['Nobody measured or claimed anything of it.'];
  return renderTable(
    [
      { header: 'TASK' },
      { header: 'QUANTISATION' },
      { header: 'RIGHT % (95 %)', ...right },
      { header: 'TRIALS', ...right },
      { header: 'BY' },
    ],
    evaluations.map(({ task, quantisation, by, validators, score }) => [
      printable(task),
      printable(quantisation),
      formatScore(score),
      formatCount(Math.round(score.trials)),
      by === 'claimed' ? 'its owner claims it' : `${validators} validators`,
    ]),
    columns,
  );
}

function standingJson({ model, task: _, ...standing }: Standing) {
  return {
    model: model.id,
    name: model.card.name,
    version: model.card.version,
    parameters: model.card.parameters,
    ...scoreJson(standing),
  };
}

function renderStandings(standings: readonly Standing[], columns: number): string[] {
  return renderTable(
    [
      { header: 'PLACE', ...right },
      { header: 'MODEL', cut: true },
      { header: 'QUANTISATION' },
      { header: 'RIGHT % (95 %)', ...right },
      { header: 'TRIALS', ...right },
      { header: 'VALIDATORS', ...right },
      { header: 'PARAMETERS', ...right },
      { header: 'AHEAD OF NEXT' },
    ],
    standings.map(({ model, quantisation, score, validators, isBacked, isAhead }, index) => [
      String(index + 1),
      printable(`${model.card.name} ${model.card.version}`),
      printable(quantisation),
      formatScore(score),
      formatCount(Math.round(score.trials)),
      String(validators),
      formatCount(model.card.parameters),
      isBacked ? (isAhead ? 'surely' : 'not surely') : 'little stake',
    ]),
    columns,
  );
}
