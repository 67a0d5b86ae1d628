import { benchGateway } from '@cairn/proving';
import { judge, type Measurement } from './measurement.ts';

export interface GatewayBenchFlags {
  readonly portkey?: string;
  readonly day?: boolean;
}

/** What the gateway costs beside the smallest proxy, and beside another gateway where that is installed. */
export async function measureGateway(
  { portkey, day }: GatewayBenchFlags,
  note: (line: string) => void,
): Promise<Measurement[]> {
  const entry = (name: string): URL =>
    new URL(`./gateway/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
  const { figures, notes } = await benchGateway({
    gateway: entry('gateway-child'),
    provider: entry('provider-child'),
    onProgress: note,
    ...(portkey === undefined ? {} : { portkey }),
    ...(day === undefined ? {} : { day }),
  });
  for (const line of notes) note(line);
  return figures.map(({ name, unit, value, spread: [low, high], runs, target }) =>
    judge({
      suite: 'gateway',
      name,
      unit,
      value,
      low,
      high,
      runs,
      target: target ?? null,
      isFloor: unit.endsWith('/s'),
    }),
  );
}
