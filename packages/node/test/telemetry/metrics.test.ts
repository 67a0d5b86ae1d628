import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/real/metrics.ts';
import { METRICS, type MetricDefinition } from '../../src/telemetry/metric-table.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const table: Readonly<Record<string, MetricDefinition>> = METRICS;

/** Calls of the metrics port in the sources, with the names of their labels. */
function usedMetrics() {
  const folder = join(root, 'packages/node/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return [...text.matchAll(/metrics\.(count|gauge|observe)\(\s*'(\w+)'([^;]*?)\);/g)].map(
      ([, method = '', name = '', rest = '']) => ({
        method,
        name,
        labels: [...(/\{([^{}]*)\}\s*,?\s*$/.exec(rest)?.[1] ?? '').matchAll(/(\w+)(?:: [^,]+)?/g)].map(
          ([, label]) => label,
        ),
        file,
      }),
    );
  });
}

/** Metrics that an expression of PromQL names. */
function namesIn(expression: string): string[] {
  return [...expression.matchAll(/\bcairn_\w+/g)].map(([name]) => name);
}

function metricOf(name: string): string {
  const plain = name.replace(/_(bucket|sum|count)$/, '');
  return table[plain]?.kind === 'histogram' ? plain : name;
}

describe('the table of metrics', () => {
  it('names every metric that is counted, with its kind and its labels', () => {
    const used = usedMetrics();
    const kinds = { count: 'counter', gauge: 'gauge', observe: 'histogram' } as const;
    for (const { method, name, labels, file } of used) {
      expect(table[name]?.kind, `${name} in ${file}`).toBe(kinds[method as keyof typeof kinds]);
      expect(labels.toSorted(), `labels of ${name} in ${file}`).toEqual(
        (table[name]?.labels ?? []).toSorted(),
      );
    }
    expect([...new Set(used.map(({ name }) => name))].toSorted()).toEqual(Object.keys(table).toSorted());
  });

  it('ends counters in _total, other metrics not, and says of each what it is', () => {
    for (const [name, { kind, help }] of Object.entries(table)) {
      expect(name.endsWith('_total'), name).toBe(kind === 'counter');
      expect(help, name).toMatch(/^[A-Z][^\n\\]+\.$/);
    }
  });

  it('is what a scrape says: help, type, buckets that only grow', () => {
    const metrics = createMetrics();
    metrics.count('cairn_gateway_requests_total', 2, { endpoint: 'models', status: '2xx' });
    for (const cost of [1e-5, 0.5, 7]) metrics.observe('cairn_gateway_answer_cost_cairn', cost);
    const lines = metrics.render().split('\n');
    expect(lines[0]).toBe(`# HELP cairn_gateway_requests_total ${METRICS.cairn_gateway_requests_total.help}`);
    expect(lines[1]).toBe('# TYPE cairn_gateway_requests_total counter');
    expect(lines).toContain('cairn_gateway_requests_total{endpoint="models",status="2xx"} 2');
    const counts = lines.filter((line) => line.includes('_bucket')).map((line) => Number(line.split(' ')[1]));
    expect(counts).toEqual([0, 1, 1, 1, 1, 1, 2, 3]);
  });

  it('keeps strangers from making series without end', () => {
    const metrics = createMetrics();
    for (let name = 0; name < 10_000; name++)
      metrics.count('cairn_gateway_requests_total', 1, { endpoint: `e${name}`, status: '2xx' });
    expect(metrics.render().split('\n').length).toBeLessThan(250);
  });
});

describe('the dashboard of the guide', () => {
  const dashboard = JSON.parse(readFileSync(join(root, 'docs/guide/grafana-dashboard.json'), 'utf8'));
  const panels = dashboard.panels.filter(({ type }: { type: string }) => type !== 'row');

  it('asks only for metrics that exist, and for every group of them', () => {
    const asked = panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.flatMap(({ expr }) => namesIn(expr)),
    );
    for (const name of asked) expect(table, name).toHaveProperty(metricOf(name));
    for (const group of ['gateway', 'miner', 'network', 'chain'])
      expect(
        asked.some((name: string) => name.startsWith(`cairn_${group}_`)),
        group,
      ).toBe(true);
  });

  it('places its panels side by side, each with its own id, a title and the data source that is chosen', () => {
    const ids = dashboard.panels.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = new Set<string>();
    for (const { title, gridPos, datasource } of panels) {
      expect(title).not.toBe('');
      expect(datasource.uid).toBe('$' + '{source}');
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`), `${title} lies on another`).toBe(false);
          expect(x).toBeLessThan(24);
          taken.add(`${x},${y}`);
        }
    }
  });
});

describe('the page of the guide', () => {
  it('names every metric', () => {
    const page = readFileSync(join(root, 'docs/guide/telemetry.md'), 'utf8');
    for (const name of Object.keys(table)) expect(page, name).toContain(`\`${name}\``);
  });
});
