import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CairnError, type Logger } from '@cairn/core';
import {
  createLlamaEngine,
  inspectMachine,
  type MachineReport,
  systemClock,
  systemRandom,
} from '@cairn/node';
import { listBundledModels } from '../model/bundled.ts';

export interface DoctorReport {
  readonly cairn: string;
  readonly node: { readonly version: string; readonly ok: boolean };
  readonly machine: MachineReport;
  readonly disk: { readonly path: string; readonly freeBytes: number; readonly totalBytes: number };
  readonly engine:
    | { readonly ok: true; readonly release: string; readonly gpu: string | null; readonly features: string }
    | { readonly ok: false; readonly code: string; readonly message: string };
  readonly selfTest:
    | {
        readonly ok: true;
        readonly model: string;
        readonly quantisation: string;
        readonly question: string;
        readonly answer: string;
        readonly ms: number;
        readonly tokensPerSecond: number;
      }
    | { readonly ok: false; readonly code: string; readonly message: string };
  /** Largest model that fits the free memory beside its context, in bytes of its file. */
  readonly largestModelBytes: number;
  /** What to do, one sentence each; empty when nothing is amiss. */
  readonly advice: readonly string[];
}

const LEAST_NODE = [24, 12] as const;
const LEAST_FREE_DISK_BYTES = 1_000_000_000;
/** Share of the free memory that a model's weights may take; the rest is context and the node. */
const WEIGHTS_SHARE = 0.7;

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silent,
};

/** Looks at this machine and runs the bundled model once. Changes nothing. */
export async function examine(cli: {
  readonly version: string;
  readonly root: string;
  readonly data: string;
  readonly threads: number;
}): Promise<DoctorReport> {
  const machine = await inspectMachine();
  const disk = await examineDisk(cli.data);
  const running = await examineEngine(cli.root, cli.threads);
  const report = {
    cairn: cli.version,
    node: { version: process.versions.node, ok: isNodeNewEnough(process.versions.node) },
    machine,
    disk,
    ...running,
    largestModelBytes: Math.floor(machine.memory.freeBytes * WEIGHTS_SHARE),
  };
  return { ...report, advice: adviseOn(report) };
}

export function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/** Space where the data folder is, or will be. */
async function examineDisk(data: string): Promise<DoctorReport['disk']> {
  for (let path = data; ; path = dirname(path)) {
    try {
      const { bavail, blocks, bsize } = await statfs(path);
      return { path: data, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw error;
    }
  }
}

async function examineEngine(
  root: string,
  threads: number,
): Promise<Pick<DoctorReport, 'engine' | 'selfTest'>> {
  await using engine = createLlamaEngine(
    { clock: systemClock, random: systemRandom, log: silent },
    { gpu: 'auto' },
  );
  let build: DoctorReport['engine'];
  try {
    const { release, gpu, systemInfo } = await engine.describeBuild();
    build = { ok: true, release, gpu, features: systemInfo.trim() };
  } catch (error) {
    const problem = problemOf(error);
    return { engine: problem, selfTest: problem };
  }
  return { engine: build, selfTest: await runSelfTest(engine, root, threads) };
}

async function runSelfTest(
  engine: ReturnType<typeof createLlamaEngine>,
  root: string,
  threads: number,
): Promise<DoctorReport['selfTest']> {
  const bundled = (await listBundledModels(root)).find(({ selfTest }) => selfTest !== null);
  const artifact = bundled?.artifacts[0];
  if (bundled?.selfTest == null || artifact === undefined) {
    return { ok: false, code: 'MODEL_FILE_MISSING', message: `There is no bundled model below ${root}.` };
  }
  const { question, answer } = bundled.selfTest;
  try {
    const known = {
      prompt: { kind: 'chat', messages: [{ role: 'user', content: question }] },
      expected: answer,
    } as const;
    await using model = await engine.load(
      { location: artifact.path, format: 'gguf', selfTest: known },
      { threads },
    );
    await model.selfTest();
    const result = await model.selfTest();
    if (!result.ok) {
      const message = `The bundled model answered ${JSON.stringify(result.got)} instead of ${JSON.stringify(answer)}.`;
      return { ok: false, code: 'SELF_TEST_FAILED', message };
    }
    const { ms, tokensPerSecond } = result;
    return {
      ok: true,
      model: bundled.name,
      quantisation: artifact.quantisation,
      question,
      answer,
      ms,
      tokensPerSecond,
    };
  } catch (error) {
    return problemOf(error);
  }
}

/** What is wrong is what the doctor is asked for, so a known problem is a finding. */
function problemOf(error: unknown): { readonly ok: false; readonly code: string; readonly message: string } {
  if (error instanceof CairnError) return { ok: false, code: error.code, message: error.message };
  throw error;
}

/** @param report everything that was found. */
export function adviseOn(report: Omit<DoctorReport, 'advice'>): string[] {
  const advice: string[] = [];
  if (!report.node.ok) {
    advice.push(
      `Node ${report.node.version} is older than ${LEAST_NODE.join('.')}. Start with ./cairn, which fetches one.`,
    );
  }
  for (const { kind, command, sizeBytes } of report.machine.gpuPackages) {
    if (command === null) continue;
    advice.push(
      `${command}  would put the ${kind} card to use (about ${Math.round(sizeBytes / 1e6)} MB on disk).`,
    );
  }
  const hasPackage = report.machine.gpuPackages.some(({ installed }) => installed);
  if (hasPackage && report.engine.ok && report.engine.gpu === null) {
    advice.push(
      'The package for the graphics card is there, but llama.cpp does not use it: check the driver.',
    );
  }
  if (report.disk.freeBytes < LEAST_FREE_DISK_BYTES) {
    advice.push(
      `Little disk is left at ${report.disk.path}. Free some, or choose another folder with --data.`,
    );
  }
  if (!report.engine.ok) advice.push(report.engine.message);
  else if (!report.selfTest.ok) advice.push(report.selfTest.message);
  return advice;
}
