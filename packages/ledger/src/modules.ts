import { accountsModule } from './accounts/index.ts';
import type { LedgerModule } from './execution/module.ts';

/** Every module in the order its hooks run: emission accrues before epochs pay it out. */
export const MODULES: readonly LedgerModule[] = [accountsModule];
