import { accountsModule } from './accounts/index.ts';
import { channelsModule } from './channels/index.ts';
import type { LedgerModule } from './execution/module.ts';
import { registryModule } from './registry/index.ts';

/** Every module in the order its hooks run: emission accrues before epochs pay it out. */
export const MODULES: readonly LedgerModule[] = [accountsModule, registryModule, channelsModule];
