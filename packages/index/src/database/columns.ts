import { type RawBuilder, sql } from 'kysely';

type AmountName = 'amount' | 'balance' | 'fee' | 'tip' | 'burned' | 'nonce';

/** A 64-bit column as decimal text: a double cannot hold it. */
export function asText<N extends AmountName>(column: N): RawBuilder<string> {
  return sql<string>`cast(${sql.ref(column)} as text)`;
}
