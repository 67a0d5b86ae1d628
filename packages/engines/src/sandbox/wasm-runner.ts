import type { CodeRunner } from './runner.ts';

export async function createWasmRunner(_bytes: Uint8Array, _memoryBytes: number): Promise<CodeRunner> {
  throw new Error('not yet');
}
