import type { LedgerReader } from '@cairn/protocol';

/** Entries of one page. */
const PAGE = 200;

/** Everything a listing query such as `registry_offers` has, page by page: it ends with an empty page. */
export async function fetchPages<T extends { readonly id: string }>(
  ledger: Pick<LedgerReader, 'query'>,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const page = await ledger.query<T[]>(method, { ...params, after: all.at(-1)?.id ?? null, limit: PAGE });
    if (page.length === 0) return all;
    all.push(...page);
  }
}
