import { isAbsolute, resolve } from 'node:path';
import { EngineError } from '../errors.ts';

/** Where a model comes from, as a person names it. */
export type ModelSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly fileName: string }
  | { readonly kind: 'ollama'; readonly model: string };

const FORMS = 'a path to a .gguf file, an https URL, hf:owner/repo/file.gguf, or ollama:name';

/**
 * Reads `path | https URL | hf:owner/repo/file.gguf | ollama:name`. A relative path is taken from `folder`.
 *
 * @throws EngineError `MODEL_SOURCE_UNKNOWN`
 */
export function parseModelSource(source: string, folder: string): ModelSource {
  const text = source.trim();
  if (text === '') throw unknown(source, 'it is empty');
  if (text.startsWith('hf:')) return parseHuggingFace(source, text.slice(3));
  if (text.startsWith('ollama:')) return parseOllama(source, text.slice(7));
  if (/^[a-z][a-z0-9+.-]+:/iu.test(text)) return parseWebAddress(source, text);
  const looksLikePath = isAbsolute(text) || /^\.{1,2}[\\/]/u.test(text) || /\.gguf$/iu.test(text);
  if (!looksLikePath) throw unknown(source, 'it is no path, and no address');
  return { kind: 'file', path: resolve(folder, text) };
}

function parseHuggingFace(source: string, rest: string): ModelSource {
  const parts = rest.split('/');
  if (parts.length < 3) throw unknown(source, 'hf: wants owner, repository and file');
  const isPlain = parts.every((part) => /^[\w.-]+$/u.test(part) && part !== '.' && part !== '..');
  if (!isPlain) throw unknown(source, 'owner, repository and file may hold letters, digits, dots, - and _');
  if (!/\.gguf$/iu.test(rest)) throw unknown(source, 'the file must end in .gguf');
  const [owner, repository, ...file] = parts;
  return {
    kind: 'url',
    url: `https://huggingface.co/${owner}/${repository}/resolve/main/${file.join('/')}`,
    fileName: file.at(-1)!,
  };
}

function parseOllama(source: string, model: string): ModelSource {
  if (!/^[\w./-]+(:[\w.-]+)?$/u.test(model))
    throw unknown(source, 'ollama: wants a name such as llama3.2:3b');
  return { kind: 'ollama', model };
}

function parseWebAddress(source: string, text: string): ModelSource {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') throw unknown(source, 'only https addresses are fetched');
  if (url.username !== '' || url.password !== '')
    throw unknown(source, 'an address may not carry a password');
  const fileName = url.pathname.split('/').at(-1) ?? '';
  if (!/^[\w.%-]+\.gguf$/iu.test(fileName))
    throw unknown(source, 'the address must end in a file name with .gguf');
  url.hash = '';
  return { kind: 'url', url: url.href, fileName: fileName.replaceAll('%', '_') };
}

function unknown(source: string, reason: string): EngineError {
  return new EngineError(
    { code: 'MODEL_SOURCE_UNKNOWN', source, reason },
    `${JSON.stringify(source)} does not name a model: ${reason}. Give ${FORMS}.`,
  );
}
