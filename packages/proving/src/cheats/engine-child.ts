import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Logger } from '@cairn/core';
import type { LoadedModel } from '@cairn/protocol';
import type { AnswerJob, ChildLine, ChildSetting, EngineJob, RawAnswer } from './engine-job.ts';

const setting = JSON.parse(process.argv[2] ?? '') as ChildSetting;
const PACKAGE = /^@node-llama-cpp\/[a-z0-9-]+$/u;
const CPU_LIBRARY = /^libggml-cpu-([a-z0-9_]+)\.(?:so|dll|dylib)$/u;

function tell(line: ChildLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Copies the package of llama.cpp's libraries without those of other sets of instructions. */
function copyPackage(entry: string, variant: string): string {
  const from = join(dirname(fileURLToPath(entry)), '..');
  const copy = (folder: string): void => {
    mkdirSync(join(setting.folder, folder), { recursive: true });
    for (const item of readdirSync(join(from, folder), { withFileTypes: true })) {
      const path = join(folder, item.name);
      const library = CPU_LIBRARY.exec(item.name)?.[1];
      if (item.isDirectory()) copy(path);
      else if (library === undefined || library === variant) {
        copyFileSync(join(from, path), join(setting.folder, path));
      }
    }
  };
  copy('dist');
  copy('bins');
  copyFileSync(join(from, 'package.json'), join(setting.folder, 'package.json'));
  return pathToFileURL(join(setting.folder, 'dist', 'index.js')).href;
}

if (setting.environment.variant !== 'native') {
  const known = new Map<string, string>();
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if (!PACKAGE.test(specifier)) return found;
      const url = known.get(found.url) ?? copyPackage(found.url, setting.environment.variant);
      known.set(found.url, url);
      return { ...found, url };
    },
  });
}

const quiet: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => quiet,
};

async function answer(model: LoadedModel, job: AnswerJob): Promise<RawAnswer> {
  const prompt = { kind: 'chat' as const, messages: [{ role: 'user' as const, content: job.question }] };
  const promptTokens = (await model.tokenize(prompt)) ?? [];
  const tokenIds: number[] = [];
  const logprobs: number[] = [];
  const pieces: string[] = [];
  let text = '';
  let finishReason: RawAnswer['finishReason'] = 'cancelled';
  const start = performance.now();
  let firstMs = 0;
  const { maxTokens, temperature, topP, seed } = job;
  const request = { prompt, maxTokens, temperature, topP, seed, stop: [], topLogprobs: 1 };
  for await (const event of model.generate(request)) {
    if (event.type === 'end') {
      finishReason = event.finishReason;
      continue;
    }
    if (tokenIds.length === 0) firstMs = performance.now() - start;
    if (job.pauseMs > 0) await setTimeout(job.pauseMs);
    text += event.text;
    tokenIds.push(...(event.tokenIds ?? []));
    logprobs.push(...(event.logprobs ?? []).map(({ logprob }) => logprob));
    pieces.push(...(event.logprobs ?? []).map((entry) => entry.text));
  }
  const ms = performance.now() - start;
  return { promptTokens, tokenIds, logprobs, text, pieces, finishReason, firstMs, ms };
}

async function work(models: Readonly<Record<string, LoadedModel>>, job: EngineJob): Promise<unknown> {
  const model = models[job.model]!;
  if (job.op === 'answer') return answer(model, job);
  if (job.op === 'tokenize') return model.tokenize({ kind: 'text', text: job.text });
  return model.review!(job);
}

async function main(): Promise<void> {
  const { createLlamaEngine } = await import('@cairn/engines');
  const clock = { nowMs: () => Date.now() };
  const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  await using engine = createLlamaEngine({ clock, random, log: quiet });
  const { variant, threads, parallel } = setting.environment;
  let build: string;
  try {
    const { release, systemInfo } = await engine.describeBuild();
    build = `llama.cpp ${release} cpu-${variant}: ${systemInfo}`;
  } catch (error) {
    tell({ type: 'absent', reason: error instanceof Error ? error.message : String(error) });
    return;
  }
  const models: Record<string, LoadedModel> = {};
  for (const [name, location] of Object.entries(setting.models)) {
    const file = { location, format: 'gguf' as const };
    models[name] = await engine.load(file, { contextTokens: 256, threads, parallel });
  }
  tell({ type: 'ready', build });
  const running = new Set<Promise<void>>();
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, job } = JSON.parse(line) as { id: number; job: EngineJob };
    const task = work(models, job)
      .then((result) => {
        const { user, system } = process.cpuUsage();
        tell({ type: 'done', id, result, cpuMs: (user + system) / 1000 });
      })
      .catch((error: unknown) =>
        tell({ type: 'failed', id, reason: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => running.delete(task));
    running.add(task);
  }
  await Promise.all(running);
  for (const model of Object.values(models)) await model[Symbol.asyncDispose]();
}

await main();
