/** Where money is. Everything issued is in exactly one of the first four. */
export type Pot = 'circulating' | 'staked' | 'pooled' | 'escrowed';

export interface FlowDefinition {
  /** `issue`: newly minted. */
  readonly from: Pot | 'issue';
  /** `burn`: gone for ever. `recycle`: gone now, to be minted again by the same curve. */
  readonly to: Pot | 'burn' | 'recycle';
  readonly payer: string;
  readonly payee: string;
  readonly rounding: string;
}

export const defineFlows = <const T extends Record<string, FlowDefinition>>(table: T): T => table;
