import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';

/** Hotkeys whose stake one vote or delegation names. */
const MOST_HOTKEYS = 16;

export interface VotingStake {
  readonly hotkey: string;
  readonly amount: bigint;
}

/** Positions of an account that vote: those named, or the largest. @throws CliError `USAGE` */
export async function chooseStakes(
  connection: Connection,
  coldkey: string,
  named: readonly string[] | undefined,
): Promise<readonly VotingStake[]> {
  const { fetchPositions } = await import('../stake/positions.ts');
  const { root: all } = await fetchPositions(connection, coldkey);
  if (named !== undefined) {
    return named.map((hotkey) => {
      const found = all.find((position) => position.hotkey === hotkey);
      if (found === undefined) throw usage(`This wallet has no stake at ${hotkey}.`);
      return found;
    });
  }
  const largest = (a: VotingStake, b: VotingStake) => (a.amount < b.amount ? 1 : -1);
  return [...all].sort(largest).slice(0, MOST_HOTKEYS);
}

/** @throws CliError `USAGE` */
export function parseConviction(text: string): number {
  if (/^[0-6]$/.test(text)) return Number(text);
  throw usage(`Conviction goes from 0 to 6, not ${text}.`);
}

/** The deposits of a vote or delegation, and of a lock at each hotkey. */
export async function depositOfStakes(
  connection: Connection,
  record: 'vote' | 'delegation',
  count: number,
): Promise<bigint> {
  const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
  const parameters = await fetchParameters(connection.ledger);
  return (
    depositOfRecord(parameters, record, count) + BigInt(count) * depositOfRecord(parameters, 'stakeLock')
  );
}
