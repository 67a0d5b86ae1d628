import type { Metrics } from '@cairn/core';
import { findMetric, SECONDS } from '../telemetry/metric-table.ts';

type Labels = Readonly<Record<string, string>>;
/** Most label combinations of one metric, so that strangers cannot fill the memory. */
const MAX_SERIES = 200;

interface Histogram {
  count: number;
  sum: number;
  buckets: number[];
}

/** Metrics in memory, written in the Prometheus text format. */
export function createMetrics(): Metrics & { render(): string } {
  const values = new Map<string, { kind: 'counter' | 'gauge'; series: Map<string, number> }>();
  const histograms = new Map<string, Map<string, Histogram>>();

  function seriesOf(name: string, kind: 'counter' | 'gauge'): Map<string, number> {
    const found = values.get(name) ?? { kind, series: new Map<string, number>() };
    values.set(name, found);
    return found.series;
  }

  return {
    count(name, by = 1, labels) {
      const series = seriesOf(name, 'counter');
      const key = renderLabels(labels);
      if (series.has(key) || series.size < MAX_SERIES) series.set(key, (series.get(key) ?? 0) + by);
    },
    gauge(name, value, labels) {
      const series = seriesOf(name, 'gauge');
      const key = renderLabels(labels);
      if (series.has(key) || series.size < MAX_SERIES) series.set(key, value);
    },
    observe(name, value, labels) {
      const series = histograms.get(name) ?? new Map<string, Histogram>();
      histograms.set(name, series);
      const key = renderLabels(labels);
      if (!series.has(key) && series.size >= MAX_SERIES) return;
      const bounds = boundsOf(name);
      const histogram = series.get(key) ?? { count: 0, sum: 0, buckets: bounds.map(() => 0) };
      histogram.count++;
      histogram.sum += value;
      for (const [index, bound] of bounds.entries()) if (value <= bound) histogram.buckets[index]!++;
      series.set(key, histogram);
    },
    render() {
      const lines: string[] = [];
      for (const [name, { kind, series }] of values) {
        lines.push(...head(name, kind));
        for (const [labels, value] of series) lines.push(`${name}${wrap(labels)} ${value}`);
      }
      for (const [name, series] of histograms) {
        lines.push(...head(name, 'histogram'));
        for (const [labels, { count, sum, buckets }] of series) {
          const join = labels === '' ? '' : `${labels},`;
          for (const [index, bound] of boundsOf(name).entries())
            lines.push(`${name}_bucket{${join}le="${bound}"} ${buckets[index]}`);
          lines.push(
            `${name}_bucket{${join}le="+Inf"} ${count}`,
            `${name}_sum${wrap(labels)} ${sum}`,
            `${name}_count${wrap(labels)} ${count}`,
          );
        }
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

/** Upper bounds of a histogram's buckets, in the metric's unit. */
const boundsOf = (name: string): readonly number[] => findMetric(name)?.buckets ?? SECONDS;

function head(name: string, kind: string): string[] {
  const help = findMetric(name)?.help;
  return [...(help === undefined ? [] : [`# HELP ${name} ${help}`]), `# TYPE ${name} ${kind}`];
}

function renderLabels(labels: Labels | undefined): string {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}

const wrap = (labels: string) => (labels === '' ? '' : `{${labels}}`);
