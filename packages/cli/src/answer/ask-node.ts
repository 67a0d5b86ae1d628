import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { printable } from '../terminal/printable.ts';
import { asList, type Check, Mismatch } from './checks.ts';

/**
 * Calls a method of the node and takes only the answer that the method gives.
 *
 * @throws CliError `ANSWER_MALFORMED`; SdkError `RPC_FAILED`
 */
export async function askNode<T>(
  { ledger }: Pick<Connection, 'ledger'>,
  method: string,
  params: unknown,
  check: Check<T>,
): Promise<T> {
  return checkAnswer(method, await ledger.call<unknown>(method, params), check);
}

/** @throws CliError `ANSWER_MALFORMED` */
export function checkAnswer<T>(method: string, answer: unknown, check: Check<T>): T {
  try {
    return check(answer, 'the answer');
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new CliError(
      { code: 'ANSWER_MALFORMED', method },
      `The node answered ${method} with something else: ${printable(error.message)}. Node and program may differ in version.`,
    );
  }
}

/**
 * All pages of a list that goes on above `after`.
 *
 * @throws CliError `ANSWER_MALFORMED`, also for a list that does not go on
 */
export async function askAllPages<T>(
  connection: Pick<Connection, 'ledger'>,
  method: string,
  params: Readonly<Record<string, unknown>>,
  item: Check<T>,
  cursorOf: (entry: T) => unknown,
): Promise<T[]> {
  const all: T[] = [];
  let after: unknown = null;
  for (;;) {
    const page = await askNode(connection, method, { ...params, after }, asList(item));
    if (page.length === 0) return all;
    all.push(...page);
    const next = cursorOf(page.at(-1)!);
    if (JSON.stringify(next) === JSON.stringify(after)) {
      throw new CliError(
        { code: 'ANSWER_MALFORMED', method },
        `The node repeats a page of ${method} instead of going on. Ask another node.`,
      );
    }
    after = next;
  }
}
