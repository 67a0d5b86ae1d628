import { fileURLToPath } from 'node:url';
import { createLlamaEngine } from '@cairn/engines';
import { describe, expect, it } from 'vitest';
import { aBreakingTown } from './breaking-town.ts';

const location = fileURLToPath(new URL('../../../../models/cairn-crontab/crontab-f16.gguf', import.meta.url));
const capabilities = ['tokenIds', 'logprobs', 'seed', 'prefill'];

describe('an answer of llama.cpp that breaks in its middle', () => {
  it('goes on token for token as it would have, greedy or drawn, wherever it is cut', async () => {
    const { clock, log, inferParts } = await aBreakingTown();
    await using engine = createLlamaEngine({ clock, log, random: inferParts().random });
    await using model = await engine.load({ location, format: 'gguf' }, { threads: 1, parallel: 4 });
    await using town = await aBreakingTown({ model, terms: { capabilities, contextTokens: 256 } });
    const ask = async (fields: object) => {
      const { text } = await town.chat('every weekday at 9:30 am', { logprobs: true, ...fields });
      const { choices, cairn } = JSON.parse(text);
      return {
        text: choices[0].message.content,
        reason: choices[0].finish_reason,
        tokens: choices[0].logprobs.content.map(({ token }: { token: string }) => token),
        parts: cairn.receipts.length,
      };
    };
    for (const fields of [{ temperature: 0 }, { temperature: 2, seed: 5, max_tokens: 16 }]) {
      const whole = await ask(fields);
      expect(whole.tokens.length).toBeGreaterThan(5);
      let continued = 0;
      for (let frame = 2; frame < whole.tokens.length; frame += 1) {
        town.clock.advance(300_000);
        town.cut(frame);
        const { parts, ...got } = await ask(fields);
        expect(got, `cut at frame ${frame}`).toEqual({
          text: whole.text,
          reason: whole.reason,
          tokens: whole.tokens,
        });
        if (parts > 1) continued += 1;
      }
      expect(continued).toBeGreaterThan(2);
    }
    await town.expectBooksAgree('llama.cpp');
  });
});
