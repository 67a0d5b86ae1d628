import { areBytesEqual } from '@cairn/core';
import type { Attempt } from './attempt.ts';
import type { Emitted } from './emitted.ts';
import { GatewayError } from './errors.ts';
import type { HealthBook } from './route/health.ts';

/**
 * Finds out who lies when a provider reads another text in the tokens of an answer than was shown for them. One
 * word against another is no proof; the second provider that reads the same convicts the one that showed the text,
 * and one that reads what was shown convicts the first reader.
 */
export interface Witness {
  showed(provider: string): void;
  /** @throws GatewayError `provider_failed`: ask the next, or when `isProved` nobody */
  check(attempt: Attempt, read: Uint8Array | null, emitted: Emitted, health: HealthBook): void;
}

export function createWitness(): Witness {
  let lastToShow = '';
  let doubters: { readonly provider: string; readonly read: Uint8Array; readonly tokens: number }[] = [];
  return {
    showed(provider) {
      lastToShow = provider;
    },
    check(attempt, read, emitted, health) {
      if (read === null) return;
      const { tokens } = emitted;
      const { provider } = attempt;
      doubters = doubters.filter((doubter) => doubter.tokens === tokens);
      if (areBytesEqual(read, emitted.textHash())) {
        for (const doubter of doubters) health.condemn(doubter.provider);
        doubters = [];
        return;
      }
      const agrees = doubters.some(
        (doubter) => doubter.provider !== provider && areBytesEqual(doubter.read, read),
      );
      if (agrees) {
        health.condemn(lastToShow);
        throw new GatewayError(
          { code: 'provider_lied', provider: lastToShow },
          `Provider ${lastToShow} showed a text that is not that of its tokens: two others read another one. Ask again.`,
        );
      }
      doubters.push({ provider, read, tokens });
      throw new GatewayError(
        { code: 'provider_failed' },
        `Provider ${provider} reads another text in the ${tokens} tokens of this answer than ${lastToShow} showed for them.`,
      );
    },
  };
}
