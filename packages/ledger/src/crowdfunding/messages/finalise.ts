import { struct, u32, type ValueOf } from '@cairn/core';

export const finaliseFundShape = struct('FinaliseFund', { fund: u32 });
export type FinaliseFund = ValueOf<typeof finaliseFundShape>;
