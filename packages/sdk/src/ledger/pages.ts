import type { LedgerReader } from '@cairn/protocol';

/** Entries of one page. */
const PAGE = 200;

/** Everything a listing query such as `registry_offers` has, page by page: it ends with an empty page. */
export async function fetchPages<T extends object>(
  ledger: Pick<LedgerReader, 'query'>,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  cursorOf: (row: T) => string = idOf,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const after = last === undefined ? null : cursorOf(last);
    const page = await ledger.query<T[]>(method, { ...params, after, limit: PAGE });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

const idOf = (row: object): string => (row as { readonly id: string }).id;
