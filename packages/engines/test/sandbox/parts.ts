import { readFile } from 'node:fs/promises';
import type { CodeKind, SandboxCall, SandboxInstance } from '@cairn/protocol';
import { createThreadSandbox } from '../../src/index.ts';

const timer = {
  schedule(delayMs: number, action: () => unknown) {
    const handle = setTimeout(action, delayMs);
    return () => clearTimeout(handle);
  },
};
const sandbox = createThreadSandbox({ timer });
export const MIB = 1024 * 1024;

export const readFingerprint = async (): Promise<Uint8Array> =>
  Uint8Array.from(
    await readFile(new URL('../../../../examples/functions/fingerprint/function.wasm', import.meta.url)),
  );

export function aCall(change: Partial<SandboxCall> = {}): SandboxCall {
  return {
    input: new Uint8Array(0),
    timeMs: 20_000,
    maxWork: 20_000,
    maxOutputBytes: 64 * 1024,
    granted: 20_000,
    grant: async () => 20_000,
    ...change,
  };
}

export const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const toText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Instances that end with the test. */
export function createStarter() {
  const started: SandboxInstance[] = [];
  return {
    async start(kind: CodeKind, code: Uint8Array | string, memoryBytes = 32 * MIB) {
      const bytes = typeof code === 'string' ? toBytes(code) : code;
      const instance = await sandbox.start({ kind, bytes, memoryBytes });
      started.push(instance);
      return instance;
    },
    async end() {
      for (const instance of started.splice(0)) await instance[Symbol.asyncDispose]();
    },
  };
}
