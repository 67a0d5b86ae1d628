import type { CancelSignal } from '@cairn/core';

export const CODE_KINDS = ['wasm', 'javascript'] as const;
export type CodeKind = (typeof CODE_KINDS)[number];

/** Code of a stranger. */
export interface SandboxCode {
  readonly kind: CodeKind;
  readonly bytes: Uint8Array;
  /** Most memory of an instance, in bytes. */
  readonly memoryBytes: number;
}

/** Why a call ended without an answer. Codes never change. */
export const SANDBOX_FAULTS = [
  'THREW',
  'TIMED_OUT',
  'WORK_EXCEEDED',
  'MEMORY_EXCEEDED',
  'OUTPUT_TOO_LARGE',
  'OUTPUT_INVALID',
  'CRASHED',
  'CANCELLED',
] as const;
export type SandboxFault = (typeof SANDBOX_FAULTS)[number];

export interface SandboxCall {
  readonly input: Uint8Array;
  /** Longest time of the code itself, in milliseconds: waiting for a grant does not count. */
  readonly timeMs: number;
  /** Most units of work. One unit is a millisecond of CPU time of the thread, or of the processes, that run the code. */
  readonly maxWork: number;
  readonly maxOutputBytes: number;
  /** Units it may use before it asks for more. */
  readonly granted: number;
  /** Called while the code stands still: how many units it may use in all, or null to end it. */
  grant(work: number): Promise<number | null>;
  readonly signal?: CancelSignal;
}

export interface SandboxResult {
  /** Null: it answered. */
  readonly fault: SandboxFault | null;
  /** Of the code itself when it threw; cut to 1,000 characters. */
  readonly message: string;
  readonly output: Uint8Array;
  /** What the code printed, at most 16 KiB of it. */
  readonly log: string;
  /** Units of work, rounded up; at least 1. */
  readonly work: number;
}

/** Loaded code with no authority: no files, no network, no process, no other code but what it came with. */
export interface SandboxInstance extends AsyncDisposable {
  /** False once the code had to be killed; start another one. */
  readonly isAlive: boolean;
  /** Runs one call; one at a time. Nothing of a call is left for the next, except in the memory of a container. Faults of the code are results, not errors. */
  run(call: SandboxCall): Promise<SandboxResult>;
}

/** Runs strangers' code. */
export interface Sandbox {
  /** @throws CairnError `CODE_REFUSED` when the code cannot run here at all: malformed, or it wants what is not granted. */
  start(code: SandboxCode): Promise<SandboxInstance>;
}
