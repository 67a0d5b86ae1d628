import { clockText } from './clock.ts';
import { dayName } from './names.ts';
import { say, type Voice } from './voice.ts';

const ACTIONS = [
  'run',
  'start',
  'launch',
  'trigger',
  'execute',
  'call',
  'restart',
  'sync',
  'refresh',
  'check',
];
const RARE_ACTIONS = ['activate', 'initiate', 'process', 'compile', 'validate', 'inspect'];
const THINGS = [
  'it',
  'the job',
  'the backup',
  'the report',
  'the script',
  'my task',
  'the server',
  'the database',
  'the cache',
  'the pipeline',
  'the build',
  'the tests',
];
const RARE_THINGS = ['the docs', 'payroll', 'the queue', 'the accounts', 'our dashboards'];

/** Words before the schedule: what should happen, or nothing. */
export function drawRequest(voice: Voice): string {
  const { random } = voice;
  if (random.chance(450)) return '';
  if (random.chance(200)) {
    return say(
      voice,
      ['cron for', 'crontab for', 'cron expression for', 'give me the cron for', 'schedule:'],
      ['what would the crontab be for', 'i need a cron string for', 'crontab line:'],
    );
  }
  const action = `${say(voice, ACTIONS, RARE_ACTIONS)} ${say(voice, THINGS, RARE_THINGS)}`;
  if (random.chance(650)) return action;
  return `${say(
    voice,
    ['please', 'i want to', 'i need to', 'can you', 'could you'],
    ['kindly', 'our team wants to', 'help me'],
  )} ${action}`;
}

/** A wish that five fields cannot express. Its answer is `unsupported`. */
export function drawUnsupported(voice: Voice): string {
  const { random } = voice;
  const at = `at ${clockText(voice, random.below(24), random.pick([0, 15, 30, 45]))}`;
  const nth = random.pick(['first', 'second', 'third', 'fourth', 'last']);
  const name = dayName(voice, random.below(7));
  return random.pick([
    `${at} on the ${nth} ${name} of each month`,
    `on the ${nth} ${name} of every month ${at}`,
    `on the last day of the month ${at}`,
    `every ${random.pick([5, 10, 15, 20, 30, 45])} seconds`,
    `every other week on ${name}`,
    `every two weeks on ${name} ${at}`,
    `tomorrow ${at}`,
  ]);
}
