import type { Settings } from '../config/table.ts';
import { NodeError } from '../errors.ts';
import { createTracer, NO_TRACER, type Tracer, type TracerParts } from './tracer.ts';

/** Sends spans where the settings say, and makes none when they name nobody. @throws NodeError `CONFIG_INVALID` */
export function openTracer(parts: TracerParts, { traceCollector }: Pick<Settings, 'traceCollector'>): Tracer {
  if (traceCollector === '') return NO_TRACER;
  const url = URL.parse(traceCollector);
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  if (isUsable) return createTracer(parts, { collector: traceCollector });
  throw new NodeError(
    { code: 'CONFIG_INVALID', key: 'traceCollector', value: traceCollector.slice(0, 200) },
    'Setting traceCollector takes an address such as http://127.0.0.1:4318, without a name or a password in it.',
  );
}
