import { type Amount, formatAmount, PEBBLES_PER_CAIRN } from '@cairn/core';

const group = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** CAIRN of pebbles with a fixed number of decimals, rounded down, thousands apart: `1,234.50`. */
export function formatCairn(amount: Amount, decimals = 4): string {
  const sign = amount < 0n ? '-' : '';
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % PEBBLES_PER_CAIRN).toString().padStart(9, '0').slice(0, decimals);
  return `${sign}${group((magnitude / PEBBLES_PER_CAIRN).toString())}${decimals === 0 ? '' : `.${fraction}`}`;
}

/** Exact CAIRN with its unit: `1.5 CAIRN`. */
export function exactCairn(amount: Amount): string {
  return `${formatAmount(amount)} CAIRN`;
}

/** Exact tokens of a subnet: `12.5 tokens`. */
export function exactTokens(amount: Amount): string {
  return `${formatAmount(amount)} tokens`;
}

/** Millionths as a percentage with its sign: `15_200n` → `+1.52 %`. */
export function formatChange(ppm: bigint): string {
  const sign = ppm > 0n ? '+' : ppm < 0n ? '-' : '';
  const hundredths = (ppm < 0n ? -ppm : ppm) / 100n;
  return `${sign}${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, '0')} %`;
}

export function formatCount(count: number | bigint): string {
  return group(count.toString());
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, as disks and models are sold: `4.6 MB`. */
export function formatBytes(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${UNITS[unit]}`;
}

/** How far something is, in the unit of the whole: `2.1/3.0 GB`. */
export function formatBytesOf(done: number, total: number): string {
  const unit = unitOf(total);
  return `${inUnit(done, unit)}/${inUnit(total, unit)} ${UNITS[unit]}`;
}

function unitOf(bytes: number): number {
  let unit = 0;
  for (let value = bytes; value >= 999.5 && unit < UNITS.length - 1; value /= 1000) unit += 1;
  return unit;
}

function inUnit(bytes: number, unit: number): string {
  const value = bytes / 1000 ** unit;
  return unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min` */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joinParts(Math.floor(whole / 60), 'min', whole % 60, 's');
  return joinParts(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

function joinParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A share of one: `0.1234` → `12.34 %`. */
export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** First and last characters of an address or id: enough to compare by eye, not to pay by. */
export function shorten(id: string, keep = 6): string {
  return id.length <= 2 * keep + 7 ? id : `${id.slice(0, keep + 6)}…${id.slice(-keep)}`;
}

export function formatTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
