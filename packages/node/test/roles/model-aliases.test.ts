import type { LedgerReader } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { resolveAlias } from '../../src/roles/model-aliases.ts';

const NAMES: Readonly<Record<string, string>> = {
  aa: 'people/parser',
  bb: 'people/reader',
  cc: 'people/parser',
};

function aLedger(ids: readonly string[]) {
  const asked: unknown[] = [];
  const query = async (method: string, params: { alias?: string; model?: string }) => {
    asked.push(params);
    if (method === 'registry_resolve') return ids;
    const name = NAMES[params.model!];
    return name === undefined ? null : { name };
  };
  return { asked, ledger: { query } as unknown as LedgerReader };
}

describe('resolveAlias', () => {
  it('gives the names of its models, the preferred one first and each once', async () => {
    const { ledger } = aLedger(['bb', 'aa', 'cc']);
    expect(await resolveAlias(ledger, 'people/tools:best')).toEqual(['people/reader', 'people/parser']);
  });

  it('leaves out models that are gone', async () => {
    const { ledger } = aLedger(['dd', 'aa']);
    expect(await resolveAlias(ledger, 'people/tools:best')).toEqual(['people/parser']);
  });

  it.each(['gpt-4', 'people/', '../x/y', `a/${'b'.repeat(200)}`, 'a/b:c:d', ''])(
    'asks nobody about %j',
    async (name) => {
      const { ledger, asked } = aLedger(['aa']);
      expect(await resolveAlias(ledger, name)).toEqual([]);
      expect(asked).toEqual([]);
    },
  );
});
