import { Command } from 'commander';
import { createTestCommand } from './test-command/command.ts';

await new Command('cairn').addCommand(createTestCommand()).parseAsync();
