import { formatAmount } from '@cairn/core';
import { drawChart } from './chart.ts';
import type { RunOffer, WorkState } from './messages.ts';

const words: Readonly<Record<WorkState['phase'], string>> = {
  joining: 'Joining the run',
  fetching: 'Fetching weights and data',
  training: 'Training',
  sending: 'Sending the update',
  waiting: 'Waiting for the next round',
  paused: 'Resting while the tab is hidden',
  stopped: 'Stopped',
  failed: 'Something went wrong',
};

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Lists runs, each with a button where a browser may join. */
export function showRuns(
  runs: readonly RunOffer[],
  joined: string | null,
  join: (run: string) => void,
): void {
  const place = find('runs');
  if (runs.length === 0) {
    place.replaceChildren(paragraph('No run is open. `cairn train create` starts one.', 'quiet'));
    return;
  }
  place.replaceChildren(...runs.map((run) => card(run, joined, join)));
}

export function showFailure(reason: string): void {
  find('runs').replaceChildren(paragraph(reason, 'bad'));
}

export function showWork(work: WorkState): void {
  find('work').hidden = false;
  const status = find('status');
  status.textContent = work.note === '' ? `${words[work.phase]}.` : `${words[work.phase]}: ${work.note}`;
  status.className = work.phase === 'failed' ? 'bad' : '';
  status.dataset.phase = work.phase;
  const steps = find<HTMLProgressElement>('steps');
  steps.max = Math.max(work.steps, 1);
  steps.value = work.step;
  find('tiles').replaceChildren(
    tile('Round', String(work.round)),
    tile('Step', `${work.step} of ${work.steps}`),
    tile('Loss', work.losses.at(-1)?.toFixed(3) ?? '–'),
    tile('Tokens per second', work.tokensPerSecond.toFixed(0)),
    tile('Trainers', String(work.trainers)),
    tile('Sent / received', `${bytes(work.sentBytes)} / ${bytes(work.receivedBytes)}`),
    tile('Earned, CAIRN', formatAmount(BigInt(work.earned))),
    tile('Vesting, CAIRN', formatAmount(BigInt(work.vesting))),
  );
  drawChart(find('loss-chart'), work.losses, 'Loss of each step');
  drawChart(find('speed-chart'), work.speeds, 'Tokens per second');
  find('rounds').replaceChildren(
    ...work.rounds
      .toReversed()
      .map(({ round, steps, loss, sentBytes, pay, state }) =>
        line(
          String(round),
          String(steps),
          loss.toFixed(3),
          bytes(sentBytes),
          pay === null ? '–' : formatAmount(BigInt(pay)),
          state,
        ),
      ),
  );
}

function card(run: RunOffer, joined: string | null, join: (run: string) => void): HTMLElement {
  const title = document.createElement('h3');
  title.textContent = run.name;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = joined === run.id ? 'Go on' : 'Join with this browser';
  button.disabled = run.refusal !== null;
  button.dataset.run = run.id;
  button.addEventListener('click', () => join(run.id));
  const row = document.createElement('div');
  row.className = 'row';
  row.append(title, button);
  const rounds = run.rounds === 0 ? `round ${run.round}` : `round ${run.round} of ${run.rounds}`;
  const facts = [
    `${(run.parameters / 1e6).toFixed(2)} M parameters`,
    rounds,
    `${run.trainers} trainers`,
    `${formatAmount(BigInt(run.rewardPerRound))} CAIRN a round for all`,
    `bond ${formatAmount(BigInt(run.bond))} CAIRN, given back`,
    `data: ${run.licences.join(', ')}`,
  ];
  const made = document.createElement('article');
  made.className = 'run';
  made.append(row);
  if (run.description !== '') made.append(paragraph(run.description));
  made.append(paragraph(facts.join(' · '), 'quiet'));
  if (run.refusal !== null) made.append(paragraph(run.refusal, 'bad'));
  return made;
}

function paragraph(text: string, kind = ''): HTMLElement {
  const made = document.createElement('p');
  made.className = kind;
  made.textContent = text;
  return made;
}

function tile(name: string, value: string): HTMLElement {
  const made = document.createElement('div');
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.textContent = value;
  made.append(term, description);
  return made;
}

function line(...cells: readonly string[]): HTMLElement {
  const row = document.createElement('tr');
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}

/** Bytes as a person reads them. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
