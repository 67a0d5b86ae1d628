import { createHash } from 'node:crypto';
import type { ApiRequest } from '../api/parse-request.ts';

/** Characters of a prompt's first block. Shorter prompts gain nothing from a cache. */
const BLOCK_CHARACTERS = 1_024;

/** What prompts with the same beginning share; null for short ones. */
export function firstBlock({ prompt }: ApiRequest): string | null {
  let text = '';
  if (prompt.kind === 'text') text = prompt.text.slice(0, BLOCK_CHARACTERS);
  else if (prompt.kind === 'tokens') text = prompt.tokenIds.slice(0, BLOCK_CHARACTERS / 4).join(' ');
  else
    for (const { role, content } of prompt.messages) {
      text += `${role}\n${content.slice(0, BLOCK_CHARACTERS)}\n`;
      if (text.length >= BLOCK_CHARACTERS) break;
    }
  return text.length < BLOCK_CHARACTERS ? null : text.slice(0, BLOCK_CHARACTERS);
}

/** Rendezvous: the name that a block belongs to. It stays when other names come and go. */
export function homeOf(block: string, names: readonly string[]): string | null {
  const key = createHash('sha256').update(block).digest();
  let home: string | null = null;
  let highest = '';
  for (const name of names) {
    const weight = createHash('sha256').update(key).update(name).digest('hex');
    if (home !== null && weight <= highest) continue;
    home = name;
    highest = weight;
  }
  return home;
}
