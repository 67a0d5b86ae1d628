import type { GenerateRequest } from '@cairn/protocol';
import { EngineError } from './errors.ts';

/** Refuses a request whose numbers no engine can honour. @throws EngineError `REQUEST_MALFORMED` */
export function checkRequest(request: GenerateRequest): void {
  const { maxTokens, temperature, topP, seed, topLogprobs } = request;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
    fail('maxTokens', maxTokens, 'a whole number from 1');
  if (!(temperature >= 0 && temperature <= 100)) fail('temperature', temperature, 'between 0 and 100');
  if (!(topP > 0 && topP <= 1)) fail('topP', topP, 'above 0 and at most 1');
  if (!Number.isSafeInteger(topLogprobs) || topLogprobs < 0 || topLogprobs > 100)
    fail('topLogprobs', topLogprobs, 'a whole number from 0 to 100');
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff))
    fail('seed', seed, 'an unsigned 32-bit whole number');
}

function fail(field: string, value: number, wanted: string): never {
  throw new EngineError(
    { code: 'REQUEST_MALFORMED', field, reason: `must be ${wanted}` },
    `${field} is ${value}; it must be ${wanted}.`,
  );
}
