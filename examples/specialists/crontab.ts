import { drawPhrase, isSameSchedule, parseCron, type SeededRandom } from '@cairn/mechanisms';
import { sayCount } from './numbers.ts';
import { dress, type Example, type Specialist, UNSUPPORTED } from './specialist.ts';

const UNITS = ['minute', 'hour', 'day', 'week', 'month', 'year'];
const PLACES = ['france', 'japan', 'the moon', 'peru', 'kenya', 'london', 'canada', 'rome'];
const EVENTS = ['the build is done', 'it rains', 'somebody logs in', 'the disk is full', 'a file changes'];

/** What names no schedule: a single moment, an event, or another subject. */
function sayOther(random: SeededRandom): string {
  const count = sayCount(random, random.between(2, 90));
  const unit = random.pick(UNITS);
  return random.pick<() => string>([
    () => `in ${count} ${unit}s`,
    () => `${count} ${unit}s ${random.pick(['from now', 'ago', 'later', 'after that', 'from today'])}`,
    () => `${random.pick(['next', 'last', 'this'])} ${unit}`,
    () => random.pick(['today', 'now', 'yesterday', 'soon', 'never', 'sometimes', 'once', 'right away']),
    () =>
      random.pick([
        'at sunrise',
        'at sunset',
        'at dawn',
        'at dusk',
        'on easter',
        'at full moon',
        'at high tide',
      ]),
    () => `${random.pick(['when', 'whenever', 'after', 'as soon as', 'until'])} ${random.pick(EVENTS)}`,
    () =>
      random.pick(['hello', 'hi', 'good morning', 'thank you', 'how are you', 'who are you', 'help', 'test']),
    () =>
      `what is ${random.pick(['the capital of', 'the weather in', 'the population of'])} ${random.pick(PLACES)}`,
    () => `${random.pick(['tell me', 'write', 'sing'])} a ${random.pick(['joke', 'story', 'song', 'poem'])}`,
    () => `${random.below(100)} ${random.pick(['+', '-', 'times', 'plus'])} ${random.below(100)}`,
  ])();
}

/** English schedule → five-field crontab. The generator is the one validators of the crontab subnet ask with. */
export const crontab: Specialist = {
  name: 'crontab',
  draw(random) {
    if (random.chance(25)) return { question: dress(random, sayOther(random)), answer: UNSUPPORTED };
    const { text, answer } = drawPhrase(random, { rarePermille: 250, unsupportedPermille: 50 });
    return { question: text, answer };
  },
  isRight(known, given) {
    if (known === UNSUPPORTED) return given.trim() === UNSUPPORTED;
    const [a, b] = [parseCron(known), parseCron(given)];
    return a.ok && b.ok && isSameSchedule(a.schedule, b.schedule);
  },
  wild: [
    ['every weekday at half nine am', '30 9 * * 1-5'],
    ['twice a day at 6am and 6pm', '0 6,18 * * *'],
    ['each minute of the hour from 9 until 10 on sundays', '* 9-10 * * 0'],
    ['monday to thursday, quarter to five in the afternoon', '45 16 * * 1-4'],
    ['on the 1st and the 15th at noon', '0 12 1,15 * *'],
    ['midnight on new year’s day', '0 0 1 1 *'],
    ['every ten minutes during office hours on weekdays', '*/10 9-17 * * 1-5'],
    ['saturdays 22:15', '15 22 * * 6'],
    ['at 03:00 daily', '0 3 * * *'],
    ['every quarter of an hour', '*/15 * * * *'],
    ['the last friday of the month', UNSUPPORTED],
    ['when the sun sets', UNSUPPORTED],
    ['every 30 seconds', UNSUPPORTED],
    ['in december, every monday at 8', '0 8 * 12 1'],
    ['every other hour', '0 */2 * * *'],
    ['tuesday and thursday at 7.45 pm', '45 19 * * 2,4'],
    ['five past every hour', '5 * * * *'],
    ['each month on the 28th at 23:59', '59 23 28 * *'],
    ['hello there', UNSUPPORTED],
    ['on weekends at ten at night', '0 22 * * 0,6'],
  ].map(([question, answer]) => ({ question, answer }) as Example),
};
