import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineNoun } from '../command.ts';
import { createSimulateAttacksCommand } from './attacks.ts';
import { createSimulateCheatsCommand } from './cheats.ts';
import { createSimulateEconomyCommand } from './economy.ts';

/** `cairn simulate` */
export function createSimulateCommand(cli: Cli): Command {
  return defineNoun('simulate', 'Simulations: a year of the economy, attacks on it, providers that cheat.', [
    createSimulateEconomyCommand(cli),
    createSimulateAttacksCommand(cli),
    createSimulateCheatsCommand(cli),
  ]);
}
