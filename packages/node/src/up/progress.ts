/** What `up` is doing, for a person who waits. */
export type UpStep =
  | { readonly step: 'folder'; readonly path: string }
  | { readonly step: 'models'; readonly count: number }
  | { readonly step: 'chain'; readonly height: number; readonly chainId: string }
  | { readonly step: 'subnet'; readonly netuid: number }
  | { readonly step: 'miner'; readonly name: string; readonly note: string }
  | { readonly step: 'validator'; readonly name: string }
  | { readonly step: 'ready'; readonly url: string; readonly addresses: readonly string[] };
