/**
 * What stock clients do against a gateway whose one provider is scripted. Run as a program, with the gateway's address
 * and the name of a client; it fails when the client does.
 */
import assert from 'node:assert/strict';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import {
  embedMany,
  generateImage,
  generateObject,
  generateText,
  type LanguageModel,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import OpenAI, { toFile } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const MODEL = 'cairn/echo';
const PLACE = z.object({ city: z.string() });
const CALL = 'weather({"city":"Rome"})';
const apiKey = 'none';

const weather = tool({
  description: 'The weather of a city.',
  inputSchema: PLACE,
  execute: async ({ city }) => `sunny in ${city}`,
});

/** What both providers of the AI SDK do with a model for chat. */
async function useAiSdk(model: LanguageModel): Promise<void> {
  const said = await generateText({ model, prompt: 'one two three' });
  assert.equal(said.text, 'one two three');
  assert.equal(said.usage.outputTokens, 3);
  const streamed = streamText({ model, prompt: 'one two three' });
  let text = '';
  for await (const piece of streamed.textStream) text += piece;
  assert.equal(text, 'one two three');
  assert.equal((await streamed.usage).outputTokens, 3);
  const stepped = await generateText({ model, prompt: CALL, tools: { weather }, stopWhen: stepCountIs(3) });
  assert.deepEqual(
    stepped.steps.map(({ finishReason }) => finishReason),
    ['tool-calls', 'stop'],
  );
  assert.deepEqual(stepped.steps[0]?.toolResults[0]?.output, 'sunny in Rome');
  const live = streamText({ model, prompt: CALL, tools: { weather }, stopWhen: stepCountIs(3) });
  assert.equal(await live.text, CALL);
  const { object } = await generateObject({ model, schema: PLACE, prompt: '{"city":"Rome"}' });
  assert.deepEqual(object, { city: 'Rome' });
}

async function failsWith(status: number, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error: { status?: number; statusCode?: number }) => {
    assert.equal(error.status ?? error.statusCode, status);
    return true;
  });
}

const clients: Readonly<Record<string, (baseUrl: string) => Promise<void>>> = {
  async openai(baseURL) {
    const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: '{"city":"Rome"}' }];
    const parsed = await client.chat.completions.parse({
      model: MODEL,
      messages,
      response_format: zodResponseFormat(PLACE, 'place'),
    });
    assert.deepEqual(parsed.choices[0]?.message.parsed, { city: 'Rome' });
    const final = await client.chat.completions.stream({ model: MODEL, messages }).finalChatCompletion();
    assert.equal(final.choices[0]?.message.content, '{"city":"Rome"}');
    const stream = client.responses.stream({ model: MODEL, input: 'one two' });
    assert.equal((await stream.finalResponse()).output_text, 'one two');
    const line = {
      custom_id: 'a',
      method: 'POST',
      url: '/v1/responses',
      body: { model: MODEL, input: 'x' },
    };
    const file = await toFile(Buffer.from(JSON.stringify(line)), 'in.jsonl');
    const { id } = await client.files.create({ file, purpose: 'batch' });
    const fields = {
      input_file_id: id,
      endpoint: '/v1/responses' as const,
      completion_window: '24h' as const,
    };
    let batch = await client.batches.create(fields);
    while (batch.status === 'in_progress') batch = await client.batches.retrieve(batch.id);
    assert.deepEqual(batch.request_counts, { total: 1, completed: 1, failed: 0 });
    await failsWith(404, () => client.chat.completions.create({ model: 'nobody/knows', messages }));
    const answer = await client.chat.completions.create({ model: MODEL, messages });
    assert.match(answer._request_id ?? '', /^req_/);
  },
  async '@ai-sdk/openai'(baseURL) {
    const provider = createOpenAI({ baseURL, apiKey });
    await useAiSdk(provider(MODEL));
    await useAiSdk(provider.chat(MODEL));
    const values = ['abc', 'abd'];
    const { embeddings } = await embedMany({ model: provider.embedding(MODEL), values });
    assert.equal(embeddings[1]?.length, 8);
  },
  async '@ai-sdk/openai-compatible'(baseURL) {
    const provider = createOpenAICompatible({
      name: 'cairn',
      baseURL,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    await useAiSdk(provider(MODEL));
    const { embeddings } = await embedMany({ model: provider.embeddingModel(MODEL), values: ['abc'] });
    assert.equal(embeddings[0]?.length, 8);
    const { image } = await generateImage({ model: provider.imageModel(MODEL), prompt: 'a pixel' });
    assert.equal(image.mediaType, 'image/png');
  },
  async '@openrouter/ai-sdk-provider'(baseURL) {
    const provider = createOpenRouter({ baseURL, apiKey });
    const model = provider.chat(MODEL, { provider: { order: ['nobody'], allow_fallbacks: true } });
    const said = await generateText({ model, prompt: 'one two three' });
    assert.equal(said.text, 'one two three');
    const stepped = await generateText({
      model,
      prompt: CALL,
      tools: { weather },
      stopWhen: stepCountIs(3),
    });
    assert.equal(stepped.steps.length, 2);
    const streamed = streamText({ model, prompt: 'one two three' });
    assert.equal(await streamed.text, 'one two three');
  },
  async '@langchain/openai'(baseURL) {
    const configuration = { baseURL };
    const model = new ChatOpenAI({ model: MODEL, apiKey, configuration, maxRetries: 0 });
    const said = await model.invoke('one two three');
    assert.equal(said.content, 'one two three');
    assert.equal(said.usage_metadata?.output_tokens, 3);
    let text = '';
    let tokens = 0;
    for await (const chunk of await model.stream('one two three')) {
      text += String(chunk.content);
      tokens += chunk.usage_metadata?.output_tokens ?? 0;
    }
    assert.deepEqual([text, tokens], ['one two three', 3]);
    const known = langchainTool(({ city }) => city, { name: 'weather', schema: PLACE });
    const called = await model.bindTools([known]).invoke([new HumanMessage(CALL)]);
    assert.deepEqual(called.tool_calls?.[0]?.args, { city: 'Rome' });
    const held = model.withStructuredOutput(PLACE, { method: 'jsonSchema' });
    assert.deepEqual(await held.invoke('{"city":"Rome"}'), { city: 'Rome' });
    const vectors = new OpenAIEmbeddings({ model: MODEL, apiKey, configuration });
    assert.equal((await vectors.embedQuery('abc')).length, 8);
    const responses = new ChatOpenAI({ model: MODEL, apiKey, configuration, useResponsesApi: true });
    assert.equal((await responses.invoke('one two')).text, 'one two');
  },
};

const [baseUrl = '', name = ''] = process.argv.slice(2);
const run = clients[name];
if (run === undefined)
  throw new Error(`There is no client ${name}. There are: ${Object.keys(clients).join(', ')}.`);
await run(baseUrl);
