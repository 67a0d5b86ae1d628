/** Starts the program it is given as a child and waits: to be killed. */
import { startChild } from '../../src/comet/child.ts';

const [program = '', ...args] = process.argv.slice(2);
const { pid } = startChild(program, args, { graceSeconds: 1 });
process.stdout.write(`${pid}\n`);
