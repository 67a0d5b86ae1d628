/** Small models for one job each, whose answers can be checked. */
import { crontab } from './crontab.ts';
import { quantities } from './quantities.ts';
import type { Specialist } from './specialist.ts';
import { when } from './when.ts';

export const SPECIALISTS: Readonly<Record<string, Specialist>> = { crontab, when, quantities };
