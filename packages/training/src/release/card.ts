import { countParameters, modelTensors } from '../compute/model/tensors.ts';
import { TrainingError } from '../errors.ts';
import type { ReleasedReplay, ReleaseFacts } from './facts.ts';

/** One file of a release. */
export interface ReleasedFile {
  readonly path: string;
  readonly format: 'gguf' | 'safetensors' | 'other';
  /** As the registry names it: `f32`, `f16`, `q8_0`; empty for other files. */
  readonly quantisation: string;
  readonly sizeBytes: number;
  /** In hex. */
  readonly sha256: string;
  /** Root over chunks of 1 MiB, by RFC 6962, in hex. */
  readonly merkleRoot: string;
}

/**
 * A model card in the JSON form of the registry, with whole numbers of 64 bits as text. Its owner is added by who
 * publishes it; `cairn model publish` takes it as it is, with the files beside it.
 */
export function createCard(facts: ReleaseFacts, files: readonly ReleasedFile[], tokenizerHash: string) {
  const artifacts = files.filter(({ format }) => format !== 'other');
  return {
    name: facts.name,
    version: facts.version,
    kind: 'chat',
    description: facts.description,
    artifacts: artifacts.map(({ path, format, quantisation, sizeBytes, sha256, merkleRoot }) => ({
      ...{ path, format, quantisation, sizeBytes: String(sizeBytes), sha256, merkleRoot },
    })),
    parameters: String(countParameters(modelTensors(facts.model))),
    contextTokens: facts.model.context,
    licence: facts.licence,
    parents: facts.parents.map(({ id }) => id),
    capabilities: facts.prompt === 'chat' ? ['chat'] : ['completion'],
    royaltyBps: facts.royaltyBps,
    tokenizerHash,
    tasks: facts.tasks,
    languages: facts.languages,
    evaluations: facts.evaluations.map(({ file, task, right, trials }) => {
      const artifact = artifacts.find(({ path }) => path === file);
      if (artifact === undefined) {
        const reason = `an evaluation is of ${file}, which is no file of it`;
        throw new TrainingError(
          { code: 'RELEASE_MALFORMED', reason },
          `The release cannot be made: ${reason}.`,
        );
      }
      return { artifact: artifact.sha256, task, right, trials };
    }),
  };
}
export type ReleaseCard = ReturnType<typeof createCard>;

const REPLAYS: Readonly<Record<ReleasedReplay, string>> = {
  exact: 'Every step could be replayed to the bit, and challenged.',
  bounded:
    'Updates were scored, and each could be challenged and made again within the bounds that the run stated; single steps could not be replayed to the bit.',
  none: 'Updates were scored; nothing could be replayed or challenged.',
};

/** The card for people: what it is, what made it, and what is and is not known about it. Markdown. */
export function writeReadme(facts: ReleaseFacts, files: readonly ReleasedFile[]): string {
  const { model, run } = facts;
  const parameters = countParameters(modelTensors(model)).toLocaleString('en');
  const lines = [
    `# ${facts.name} ${facts.version}`,
    '',
    facts.description,
    '',
    `Licence: ${facts.licence}. Architecture: ${model.architecture}, ${parameters} parameters, ${model.layers} layers, width ${model.width}, ${model.vocab} tokens, context ${model.context}.`,
    ...section('Files', [
      '| file | bytes | SHA-256 |',
      '|---|---|---|',
      ...files.map(({ path, sizeBytes, sha256 }) => `| \`${path}\` | ${sizeBytes} | \`${sha256}\` |`),
    ]),
    '',
    'llama.cpp rounds activations to half precision wherever it multiplies with half-precision matrices, so only the f32 file gives the trainer’s logits (to 1e-3); f16 and q8_0 give near ones.',
    ...section('Training', [
      run === null
        ? 'Trained on one machine, outside of any ledger: nobody but its maker vouches for what it was trained on.'
        : `Trained in run \`${run.id}\` of ${run.chain}, as of round ${run.round} of ${run.rounds}; manifest \`${run.manifest}\`. ${REPLAYS[run.replay]}`,
      '',
      `Weights: root \`${facts.weightRoot}\`.`,
    ]),
    ...section('Data', [
      '| set | licence | tokens | root |',
      '|---|---|---|---|',
      ...facts.data.map(
        ({ name, licence, tokens, root }) => `| ${cell(name)} | ${cell(licence)} | ${tokens} | \`${root}\` |`,
      ),
      '',
      'Licences are what the run’s owner stated. The roots fix which tokens were used; they do not prove the licence.',
    ]),
    ...section('Measured', [
      facts.heldOutLoss === null
        ? 'The loss on held-out data was not measured.'
        : `Loss on held-out data: ${facts.heldOutLoss.toFixed(4)} nats per token.`,
      '',
      ...facts.evaluations.map(
        ({ task, file, right, trials, how }) =>
          `- ${task}, \`${file}\`: ${right} of ${trials} right (${((100 * right) / trials).toFixed(1)} %). ${how}`,
      ),
    ]),
    ...section('Made by', [
      ...(facts.contributors.length === 0
        ? ['No accounts are recorded.']
        : ['| account | accepted updates |', '|---|---|']),
      ...facts.contributors.map(({ account, updates }) => `| \`${account}\` | ${updates} |`),
    ]),
    ...section('Lineage', writeLineage(facts)),
  ];
  return `${lines.join('\n')}\n`;
}

function writeLineage({ parents, origin }: ReleaseFacts): string[] {
  if (parents.length === 0 && origin === null) return ['Begun from random weights.'];
  const models = parents.map(({ id, name, licence }) => `- ${name} (\`${id}\`, ${licence})`);
  if (origin === null) return ['Begun from:', '', ...models];
  const { run, round, data } = origin;
  return [
    `Begun from the weights after round ${round} of run \`${run}\`${models.length === 0 ? ', which are in no registry any more.' : ', released as:'}`,
    '',
    ...models,
    ...(models.length === 0 ? [] : ['']),
    ...(data === null
      ? ['What that run was trained on stands on its own card.']
      : [
          'That run was trained on:',
          '',
          ...data.map(({ name, licence, tokens }) => `- ${cell(name)}: ${tokens} tokens, ${cell(licence)}`),
        ]),
  ];
}

const section = (title: string, lines: readonly string[]): string[] => ['', `## ${title}`, '', ...lines];

/** Text in a cell of a table: one line, no bars. */
const cell = (text: string): string => text.replaceAll(/[|\r\n]+/g, ' ');
