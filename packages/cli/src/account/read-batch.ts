import { type CliError, usage } from '../errors.ts';
import { type GivenMessage, parseJson, parseMessage, readText } from '../tx/message-value.ts';

/**
 * The messages of a file: a list of `{message, value}`, each checked against its shape.
 *
 * @throws CliError `USAGE`, `NOT_FOUND`
 */
export async function readBatch(path: string): Promise<GivenMessage[]> {
  const listed = parseJson(await readText(path));
  if (!Array.isArray(listed) || listed.length === 0) throw notAList(path);
  return listed.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw notAList(path);
    const { message, value } = entry as { message?: unknown; value?: unknown };
    if (typeof message !== 'string') throw notAList(path);
    return parseMessage(message, value);
  });
}

function notAList(path: string): CliError {
  return usage(`${path} has to be a list of {"message": …, "value": …}, with at least one.`);
}
