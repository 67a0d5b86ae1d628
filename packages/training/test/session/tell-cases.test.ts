import type { CaseView, RoundView } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { createCaseTeller } from '../../src/session/tell-cases.ts';

const RUN = new Uint8Array(32).fill(7);

/** A machine with seat 3, and what it says. */
function aMachine() {
  const told: string[] = [];
  let asked = 0;
  const cases: Partial<CaseView>[] = [];
  const say = (level: string) => (message: string, data: object) =>
    void told.push(`${level}: ${message} ${JSON.stringify(data)}`);
  const log = { info: say('info'), warn: say('warn') } as unknown as Parameters<
    typeof createCaseTeller
  >[0]['log'];
  const teller = createCaseTeller({
    log,
    cases: async () => {
      asked += 1;
      return cases as CaseView[];
    },
    seat: async () => 3,
  });
  const look = (opened: number) => teller.look({ run: { id: RUN, cases: opened } } as unknown as RoundView);
  return { told, cases, look, asked: () => asked };
}

const aCase = (seat: number, phase: CaseView['phase']) => ({
  ...{ number: 1, seat, phase, round: 12, place: 0, deadlineSlot: 90n },
});

it('a machine says once that an update of it is doubted, and once that it is convicted and until when it may appeal', async () => {
  const { told, cases, look } = aMachine();
  cases.push(aCase(3, 'judging'));
  await look(1);
  await look(1);
  cases[0] = aCase(3, 'convicted');
  await look(1);
  await look(1);
  const about = { run: '07'.repeat(32), case: 1, round: 12, place: 0, deadlineSlot: '90' };
  expect(told).toEqual([
    `info: validators make an update of this machine again ${JSON.stringify(about)}`,
    `warn: this machine is convicted unless it appeals: train appeal ${JSON.stringify(about)}`,
  ]);
});

it('a machine says nothing of cases about others, and asks for cases only when one was opened', async () => {
  const { told, cases, look, asked } = aMachine();
  await look(0);
  expect(asked()).toBe(0);
  cases.push(aCase(4, 'convicted'));
  await look(1);
  await look(1);
  expect([told, asked()]).toEqual([[], 1]);
});
