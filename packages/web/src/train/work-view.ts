import { formatAmount } from '@cairn/core';
import { drawChart } from './chart.ts';
import { box, find } from './elements.ts';
import type { Sample, WorkState } from './messages.ts';
import { formatBytes, formatNumber, formatSeconds } from './plain-numbers.ts';
import type { Point } from './plot.ts';
import { describeEngine } from './run-card.ts';

const words: Readonly<Record<WorkState['phase'], string>> = {
  joining: 'Joining the run',
  fetching: 'Fetching weights and data',
  rehearsing: 'Trying this browser on one round before the bond is put up',
  training: 'Training',
  sending: 'Sending the update',
  waiting: 'Waiting for the next round',
  paused: 'Resting while the tab is hidden',
  stopped: 'Stopped',
  failed: 'Something went wrong',
};

/** What this browser does and did. */
export function showWork(work: WorkState): void {
  find('work').hidden = false;
  const status = find('status');
  status.textContent = work.note === '' ? `${words[work.phase]}.` : `${words[work.phase]}: ${work.note}`;
  status.className = work.phase === 'failed' ? 'bad' : '';
  status.dataset.phase = work.phase;
  const engine = find('engine');
  engine.textContent = work.engine === null ? '' : describeEngine(work.engine);
  engine.dataset.engine = work.engine?.name ?? '';
  const steps = find<HTMLProgressElement>('steps');
  steps.max = Math.max(work.steps, 1);
  steps.value = work.step;
  find('tiles').replaceChildren(
    tile('Round', String(work.round)),
    tile('Step', `${work.step} of ${work.steps}`),
    tile('Loss, nats per token', work.losses.at(-1)?.toFixed(3) ?? '–'),
    tile(
      'Tokens per second',
      work.losses.length === 0 ? '–' : formatNumber(Math.round(work.tokensPerSecond)),
    ),
    tile('Peers in the round', String(work.trainers)),
    tile('Sent / received', `${formatBytes(work.sentBytes)} / ${formatBytes(work.receivedBytes)}`),
    tile('Earned, CAIRN', formatAmount(BigInt(work.earned))),
    tile('Vesting, CAIRN', formatAmount(BigInt(work.vesting))),
  );
  showCharts(work);
  find('rounds').replaceChildren(...roundLines(work));
}

function showCharts({ losses, speeds, samples }: WorkState): void {
  find('loss-chart').dataset.steps = String(losses.length);
  const formatStep = (step: number) => `step ${step}`;
  const ofSteps = (values: readonly number[]) => values.map((value, index): Point => [index + 1, value]);
  const over = (value: (sample: Sample) => number) =>
    samples.map((sample): Point => [sample.seconds, value(sample)]);
  drawChart(find('loss-chart'), {
    label: 'Loss of each step, in nats per token',
    lines: [{ name: 'loss', points: ofSteps(losses) }],
    ...{ format: formatNumber, formatX: formatStep },
    empty: 'No step is made yet. The loss comes with the first.',
  });
  drawChart(find('speed-chart'), {
    label: 'Tokens per second, over the last ten steps',
    lines: [{ name: 'speed', points: ofSteps(speeds) }],
    ...{ format: formatNumber, formatX: formatStep, isFromZero: true },
    empty: 'No step is made yet. The speed comes with the first.',
  });
  const overTime = { formatX: formatSeconds, isStepped: true, isFromZero: true };
  const first = 'Nothing is known yet: it is asked for when the run is open.';
  drawChart(find('peers-chart'), {
    label: 'Trainers in the round over time',
    lines: [{ name: 'peers', points: over(({ trainers }) => trainers) }],
    ...{ ...overTime, isWhole: true, format: formatNumber, empty: first },
  });
  drawChart(find('bytes-chart'), {
    label: 'Bytes sent and received over time',
    lines: [
      { name: 'received', points: over(({ receivedBytes }) => receivedBytes) },
      { name: 'sent', points: over(({ sentBytes }) => sentBytes) },
    ],
    ...{ ...overTime, format: formatBytes, empty: first },
  });
  const isPaid = samples.some(({ earned, vesting }) => earned + vesting > 0);
  drawChart(find('rewards-chart'), {
    label: 'CAIRN earned and vesting over time',
    lines: isPaid
      ? [
          { name: 'earned', points: over(({ earned }) => earned) },
          { name: 'vesting', points: over(({ vesting }) => vesting) },
        ]
      : [],
    ...{ ...overTime, format: formatNumber },
    empty:
      'Nothing is paid yet. Pay comes when a round is settled, and vests when nobody can question it any more.',
  });
}

function roundLines({ rounds }: WorkState): HTMLElement[] {
  if (rounds.length === 0) {
    const row = document.createElement('tr');
    const cell = row.insertCell();
    cell.colSpan = 6;
    cell.className = 'empty';
    cell.textContent = 'No round yet: its line comes with its first step.';
    return [row];
  }
  return rounds
    .toReversed()
    .map(({ round, steps, loss, sentBytes, pay, state }) =>
      line(
        String(round),
        String(steps),
        loss.toFixed(3),
        sentBytes === 0 ? '–' : formatBytes(sentBytes),
        pay === null ? '–' : formatAmount(BigInt(pay)),
        state,
      ),
    );
}

function tile(name: string, value: string): HTMLElement {
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.textContent = value;
  return box('', term, description);
}

function line(...cells: readonly string[]): HTMLElement {
  const row = document.createElement('tr');
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}
