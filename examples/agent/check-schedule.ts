import { parseCron } from '@cairn/mechanisms';

/** What somebody wants to happen, and moments at which it must and must not. Times are local: `2026-03-02T09:30`. */
export interface Wish {
  readonly phrase: string;
  readonly runs: readonly string[];
  readonly rests: readonly string[];
}

/** What is wrong with an expression that should do what was wished; null when nothing is. */
export function findMistake(expression: string, { runs, rests }: Wish): string | null {
  const parsed = parseCron(expression.trim());
  if (!parsed.ok) return `it is no crontab expression (${parsed.problem.code})`;
  const { schedule } = parsed;
  const has = (bits: bigint, value: number) => (bits & (1n << BigInt(value))) !== 0n;
  const fires = (time: string) => {
    const at = new Date(`${time}:00Z`);
    const onDate = has(schedule.daysOfMonth, at.getUTCDate());
    const onDay = has(schedule.daysOfWeek, at.getUTCDay());
    return (
      has(schedule.minutes, at.getUTCMinutes()) &&
      has(schedule.hours, at.getUTCHours()) &&
      has(schedule.months, at.getUTCMonth() + 1) &&
      (schedule.anyDayMatches ? onDate || onDay : onDate && onDay)
    );
  };
  const missed = runs.find((time) => !fires(time));
  if (missed !== undefined) return `it does not run at ${missed}`;
  const extra = rests.find(fires);
  return extra === undefined ? null : `it runs at ${extra}`;
}
