import { describe, expect, it } from 'vitest';
import { createJsonGrammar, literal } from '../src/shape/json-grammar.ts';
import { createToolCallFilter } from '../src/shape/tool-calls.ts';
import { codeOf } from './compliance.ts';

const grammarOf = (schema: unknown) => {
  const grammar = createJsonGrammar();
  return grammar.build(grammar.schema(JSON.stringify(schema)));
};
const refusalOf = (text: string) => codeOf(async () => createJsonGrammar().schema(text));

describe('the grammar of a JSON Schema', () => {
  it('writes constants so that they cannot end their own literal', () => {
    expect(literal('"\\ ü 😀\n')).toBe('"\\"\\\\ \\u00fc \\U0001f600\\u000a"');
    expect(grammarOf({ const: '" | evil' })).toContain('root ::= "\\"\\\\\\" | evil\\""');
  });

  it('keeps required properties, allows the others and takes nothing else', () => {
    const text = grammarOf({
      type: 'object',
      properties: { a: { type: 'null' }, b: { type: 'boolean' } },
      required: ['b'],
    });
    expect(text).toContain('r2 ::= "{" ws r1 ("," ws r0)? "}"');
  });

  it.each([
    ['what is no JSON', 'x'],
    ['a list', '[]'],
    ['a type nobody has', '{"type":"date"}'],
    ['a reference to nowhere', '{"$ref":"#/$defs/x"}'],
    ['a reference to another file', '{"$ref":"file:///etc/passwd"}'],
    ['a reference to a name every object has', '{"$ref":"#/$defs/constructor","$defs":{}}'],
    ['a reference to itself', '{"$ref":"#/$defs/x","$defs":{"x":{"$ref":"#/$defs/x"}}}'],
    ['a million items', '{"type":"array","minItems":1000000}'],
    ['a length of a half', '{"type":"string","maxLength":0.5}'],
    ['deep nesting', `${'{"type":"array","items":'.repeat(40)}true${'}'.repeat(40)}`],
    [
      'a thousand properties',
      JSON.stringify({
        properties: Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`p${index}`, {}])),
      }),
    ],
    ['no alternative', '{"enum":[]}'],
  ])('refuses %s', async (_name, text) => {
    expect(await refusalOf(text)).toBe('REQUEST_MALFORMED');
  });
});

describe('calls in the text of a model', () => {
  const call = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>';
  it.each([1, 3, 7, 1000])('are found in pieces of %i characters', (size) => {
    const filter = createToolCallFilter();
    const text = `so: ${call}\n${call}`;
    let out = '';
    for (let at = 0; at < text.length; at += size) out += filter.push(text.slice(at, at + size));
    expect(out + filter.flush()).toBe('so: \u001ef\u001f{"a":1}\u001ef\u001f{"a":1}');
  });

  it.each([
    ['cut off', '<tool_call>{"name":'],
    ['of no JSON', '<tool_call>nope</tool_call> x'],
    ['without a name', '<tool_call>{"arguments":{}}</tool_call>'],
  ])('that are %s stay text', (_name, text) => {
    const filter = createToolCallFilter();
    expect(filter.push(text) + filter.flush()).toBe(text);
  });
});
