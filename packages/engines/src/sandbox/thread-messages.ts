import type { CodeKind, SandboxFault } from '@cairn/protocol';

/** What a thread is started with. */
export interface ThreadData {
  readonly kind: CodeKind;
  readonly bytes: Uint8Array;
  readonly memoryBytes: number;
  /** `CONTROL_…` places; shared, so that code that never yields can still be told. */
  readonly control: Int32Array<SharedArrayBuffer>;
}

/** Units of work that are granted in all. */
export const CONTROL_GRANTED = 0;
/** Not 0: the call is to end. */
export const CONTROL_STOP = 1;
/** Changes with each answer to a request for more. */
export const CONTROL_TURN = 2;
export const CONTROL_PLACES = 3;

export interface RunOrder {
  readonly input: Uint8Array;
  readonly maxWork: number;
  readonly maxOutputBytes: number;
}

export type ThreadReport =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly reason: string }
  /** It stands still until the control changes. */
  | { readonly type: 'wants'; readonly work: number }
  | {
      readonly type: 'done';
      readonly fault: SandboxFault | null;
      readonly message: string;
      readonly output: Uint8Array;
      readonly log: string;
      readonly work: number;
      /** The thread is of no more use: what ran in it may have broken it. */
      readonly isBroken: boolean;
    };
