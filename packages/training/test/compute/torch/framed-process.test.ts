import { describe, expect, it } from 'vitest';
import { startFramedProcess } from '../../../src/compute/torch/framed-process.ts';

/** A program that runs `onRequest` for each line it reads; `say` and `raw` write what it answers. */
function aProgram(onRequest: string, maxBytes = 1_000) {
  const script = `
    const say = (header) => process.stdout.write(JSON.stringify(header) + '\\n');
    const raw = (bytes) => process.stdout.write(bytes);
    let rest = '';
    process.stdin.on('data', (data) => {
      rest += data.toString('latin1');
      let end;
      while ((end = rest.indexOf('\\n')) >= 0) {
        const asked = JSON.parse(rest.slice(0, end));
        if (rest.length < end + 1 + asked.bytes) return;
        const body = rest.slice(end + 1, end + 1 + asked.bytes);
        rest = rest.slice(end + 1 + asked.bytes);
        ${onRequest}
      }
    });`;
  return startFramedProcess({ program: process.execPath, args: ['-e', script], maxBytes });
}

describe('a program that answers in frames', () => {
  it('answers one after the other, with the bytes that it got', async () => {
    await using program = aProgram(
      `say({ n: asked.n, bytes: body.length }); raw(Buffer.from(body, 'latin1'));`,
    );
    const bodies = [0, 3, 700].map((size) => new Uint8Array(size).fill(size));
    const answers = await Promise.all(bodies.map((body, n) => program.ask({ n }, [body])));
    expect(answers.map(({ header }) => header.n)).toEqual([0, 1, 2]);
    expect(answers.map(({ bytes }) => bytes)).toEqual(bodies);
  });

  it('is refused when it announces more than it may send', async () => {
    await using program = aProgram('say({ bytes: 1001 });');
    await expect(program.ask({})).rejects.toThrow('it announced 1001 bytes');
  });

  it.each([
    ['say({ bytes: -1 });', /announced -1/],
    ['say({ bytes: 1.5 });', /announced 1.5/],
    ['raw("nonsense\\n");', /something else than a line of JSON/],
    ['raw("[".repeat(2 ** 21));', /line without end/],
    ['say({ bytes: 10 }); raw("short"); process.exit(3);', /ended with 3|closed its output/],
    ['process.stderr.write("out of memory", () => process.exit(9));', /ended with 9: out of memory|closed/],
  ])('is given up on when it does %s', async (onRequest, reason) => {
    await using program = aProgram(onRequest);
    await expect(program.ask({})).rejects.toThrow(reason);
  });

  it('ends with its user', async () => {
    const program = aProgram('say({ pid: process.pid });');
    const { header } = await program.ask({});
    await program[Symbol.asyncDispose]();
    expect(() => process.kill(header.pid as number, 0)).toThrow(/ESRCH/);
  });
});
