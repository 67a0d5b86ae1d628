import type { ChatMessage } from '@cairn/protocol';

/** What was said in a response and before it, so that another one may go on from there. */
export interface KeptResponse {
  readonly messages: readonly ChatMessage[];
  /** The response as it was told. */
  readonly body: object;
  /** Messages by the id of the item that holds them. */
  readonly items: ReadonlyMap<string, ChatMessage>;
}

/** Responses kept in memory, the oldest making room for new ones. */
export interface ResponseBook {
  keep(caller: string, id: string, response: KeptResponse): void;
  find(caller: string, id: string): KeptResponse | null;
  findItem(caller: string, item: string): ChatMessage | null;
  drop(caller: string, id: string): boolean;
}

const MOST_KEPT = 1_000;
const MOST_CHARACTERS = 32 * 1024 * 1024;

export function createResponseBook(): ResponseBook {
  const kept = new Map<string, KeptResponse & { readonly size: number }>();
  /** Which response holds an item. */
  const holders = new Map<string, string>();
  let characters = 0;

  function drop(name: string): boolean {
    const found = kept.get(name);
    if (found === undefined) return false;
    characters -= found.size;
    kept.delete(name);
    const caller = name.slice(0, name.indexOf(' '));
    for (const item of found.items.keys()) holders.delete(`${caller} ${item}`);
    return true;
  }

  return {
    keep(caller, id, response) {
      const name = `${caller} ${id}`;
      const size = response.messages.reduce((sum, { content }) => sum + content.length + 64, 1024);
      if (size > MOST_CHARACTERS) return;
      kept.set(name, { ...response, size });
      characters += size;
      for (const item of response.items.keys()) holders.set(`${caller} ${item}`, name);
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT && characters <= MOST_CHARACTERS) return;
        drop(oldest);
      }
    },
    find: (caller, id) => kept.get(`${caller} ${id}`) ?? null,
    findItem(caller, item) {
      const holder = holders.get(`${caller} ${item}`);
      return holder === undefined ? null : (kept.get(holder)?.items.get(item) ?? null);
    },
    drop: (caller, id) => drop(`${caller} ${id}`),
  };
}
