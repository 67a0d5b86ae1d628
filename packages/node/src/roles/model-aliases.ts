import type { LedgerReader } from '@cairn/protocol';

/** `owner/model`, with a tag or without. */
const ALIAS = /^[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*(?::[a-z0-9][a-z0-9._-]*)?$/;
/** Longest name that the ledger is asked for. */
const MAX_ALIAS = 129;

/** Whether it is written as a name or an alias on the ledger is. */
export function isAlias(text: string): boolean {
  return text.length <= MAX_ALIAS && ALIAS.test(text);
}

/**
 * Names of the models that an alias on the ledger stands for, the preferred one first; none when it stands for nothing.
 * A model is served under its name: of its versions, the newest.
 */
export async function resolveAlias(ledger: LedgerReader, alias: string): Promise<readonly string[]> {
  if (!isAlias(alias)) return [];
  const ids = await ledger.query<readonly string[]>('registry_resolve', { alias });
  const found = await Promise.all(
    ids.map((model) => ledger.query<{ readonly name: string } | null>('registry_model', { model })),
  );
  return [...new Set(found.flatMap((card) => (card === null ? [] : [card.name])))];
}
