import { basename, isAbsolute, resolve } from 'node:path';
import { usage } from '../errors.ts';

export const ENGINE_NAMES = ['ollama', 'llama-server', 'vllm'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineSource {
  /** What the engine is given. */
  readonly location: string;
  /** What it calls the model over HTTP. */
  readonly name: string;
}

/** Reads a model as each engine names its own. @throws CliError `USAGE` */
export function readEngineSource(engine: EngineName, given: string, folder: string): EngineSource {
  const text = given.trim();
  switch (engine) {
    case 'ollama': {
      const name = /^ollama:([\w./-]+(?::[\w.-]+)?)$/u.exec(text)?.[1];
      if (name === undefined) throw wrong(engine, given, 'ollama:name, as in ollama:llama3.2');
      return { location: name, name };
    }
    case 'llama-server': {
      if (!/\.gguf$/iu.test(text) || /^[a-z]{2,}:/iu.test(text))
        throw wrong(engine, given, 'a path to a .gguf file; ./cairn model pull fetches one');
      return { location: resolve(folder, text), name: plainName(text) };
    }
    case 'vllm': {
      const name = /^vllm:(\w[\w.-]*\/\w[\w.-]*)$/u.exec(text)?.[1];
      if (name !== undefined) return { location: name, name };
      if (!isAbsolute(text) && !/^\.{1,2}\//u.test(text))
        throw wrong(engine, given, 'vllm:owner/repo, or a path to a folder with a model');
      return { location: resolve(folder, text), name: plainName(text) };
    }
  }
}

function plainName(path: string): string {
  return basename(path)
    .replace(/\.gguf$/iu, '')
    .replaceAll(/[^\w.-]+/gu, '-')
    .slice(0, 64);
}

function wrong(engine: EngineName, given: string, form: string) {
  return usage(`${JSON.stringify(given)} is no model of ${engine}. Give ${form}.`);
}
