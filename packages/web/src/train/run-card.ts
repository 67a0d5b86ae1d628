import { formatAmount } from '@cairn/core';
import { box, button, find, paragraph } from './elements.ts';
import type { EngineName, EngineOffer, RunOffer, ToWorker } from './messages.ts';

export type Join = Omit<Extract<ToWorker, { type: 'join' }>, 'type'>;

const NAMES: Readonly<Record<EngineName, string>> = { wasm: 'wasm', webgpu: 'WebGPU' };

/** What a person chose before the list was drawn anew. */
const chosen = new Map<string, EngineName>();

/** Lists runs, each with a button where this browser may join, and with what it would compute. */
export function showRuns(
  runs: readonly RunOffer[],
  joined: string | null,
  join: (wanted: Join) => void,
): void {
  const place = find('runs');
  if (runs.length === 0)
    place.replaceChildren(paragraph('No run is open. `cairn train create` starts one.', 'quiet'));
  else place.replaceChildren(...runs.map((run) => card(run, joined === run.id, join)));
}

/** Says what went wrong where the list would be. */
export function showFailure(reason: string): void {
  find('runs').replaceChildren(paragraph(reason, 'bad'));
}

function card(run: RunOffer, isJoined: boolean, join: (wanted: Join) => void): HTMLElement {
  const title = document.createElement('h3');
  title.textContent = run.name;
  const go = (isShortageAccepted: boolean) => () =>
    join({ run: run.id, engine: chosen.get(run.id) ?? null, isShortageAccepted });
  const press = button(isJoined ? 'Joined' : 'Join with this browser', go(false));
  press.disabled = run.refusal !== null || run.shortage !== null || isJoined;
  press.dataset.run = run.id;
  const made = document.createElement('article');
  made.className = 'run';
  made.append(box('row', title, press));
  if (run.description !== '') made.append(paragraph(run.description));
  made.append(paragraph(factsOf(run).join(' · '), 'quiet'));
  if (run.refusal !== null) made.append(paragraph(run.refusal, 'bad'));
  else if (!isJoined) {
    made.append(enginesOf(run));
    if (run.shortage !== null)
      made.append(
        paragraph(`${run.shortage.text} Nothing was bonded.`, 'bad shortage'),
        button('Join all the same', go(true), 'plain'),
      );
  }
  return made;
}

function factsOf(run: RunOffer): string[] {
  return [
    `${(run.parameters / 1e6).toFixed(2)} M parameters`,
    run.rounds === 0 ? `round ${run.round}` : `round ${run.round} of ${run.rounds}`,
    `${run.trainers} ${run.trainers === 1 ? 'trainer' : 'trainers'}`,
    `${formatAmount(BigInt(run.rewardPerRound))} CAIRN a round for all`,
    `bond ${formatAmount(BigInt(run.bond))} CAIRN, given back`,
    `data: ${run.licences.join(', ')}`,
  ];
}

/** What computes: a choice where there is one, and in words why where there is none. */
function enginesOf({ id, engines }: RunOffer): HTMLElement {
  const open = engines.filter(({ refusal }) => refusal === null);
  const refused = engines.filter(({ refusal }) => refusal !== null);
  const why = refused.map(({ name, refusal }) => paragraph(`Not with ${NAMES[name]}: ${refusal}.`, 'quiet'));
  if (open.length < 2)
    return box('engines', ...open.map(({ what }) => paragraph(`Computes with ${what}.`)), ...why);
  const choice = document.createElement('fieldset');
  choice.className = 'engines';
  const legend = document.createElement('legend');
  legend.textContent = 'Compute with';
  const wish = chosen.get(id) ?? open[0]!.name;
  choice.append(legend, ...open.map((engine) => option(id, engine, wish)));
  return choice;
}

function option(run: string, { name, what }: EngineOffer, wish: EngineName): HTMLElement {
  const made = document.createElement('label');
  const input = document.createElement('input');
  input.type = 'radio';
  input.name = `engine-${run}`;
  input.value = name;
  input.checked = name === wish;
  input.addEventListener('change', () => chosen.set(run, name));
  made.append(input, ` ${what}`);
  return made;
}

/** The engine that computes, in a sentence. */
export function describeEngine(use: {
  readonly what: string;
  readonly other: EngineName;
  readonly whyNotOther: string;
}): string {
  return `Computes with ${use.what}. Not with ${NAMES[use.other]}: ${use.whyNotOther}.`;
}
