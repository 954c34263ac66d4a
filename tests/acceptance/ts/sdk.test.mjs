// The official TypeScript SDK, unmodified, against the server.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import Letta, { APIError } from '@letta-ai/letta-client';

import { startModel, startServer, stop } from '../../support/processes.mjs';

const handles = { openai: 'openai-proxy/gpt-4o-mini', anthropic: 'anthropic/claude-sonnet-4-5-20250929' };

let model;
let server;
let client;

before(async () => {
  model = await startModel();
  server = await startServer({ model });
  client = new Letta({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
  for (;;) {
    const listed = (await client.models.list()).map((each) => each.handle);
    if (Object.values(handles).every((handle) => listed.includes(handle))) break;
  }
});

after(async () => {
  assert.equal(await stop(server), 0);
  await stop(model);
});

for (const [format, handle] of Object.entries(handles)) {
  describe(`over the ${format} wire format`, () => {
    let agent;
    before(async () => {
      agent = await client.agents.create({
        name: 'TypeScript Agent', model: handle,
        memory_blocks: [{ label: 'human', value: 'Name: unknown.' }],
      });
    });
    after(() => client.agents.delete(agent.id));

    it('answers a message', async () => {
      const answer = await client.agents.messages.create(agent.id, { input: 'hello' });
      assert.equal(answer.messages[0].content, 'You said: hello');
      assert.equal(answer.stop_reason.stop_reason, 'end_turn');
    });

    it('changes a block by its own tool call', async () => {
      await client.agents.messages.create(agent.id, {
        input: '[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say noted]]',
      });
      const block = await client.agents.blocks.retrieve('human', { agent_id: agent.id });
      assert.equal(block.value, 'Name: unknown.\nLikes tea.');
    });

    it('streams by step', async () => {
      const stream = await client.agents.messages.stream(agent.id, {
        messages: [{ role: 'user', content: '[[call conversation_search {"query":"x"}]][[say ok]]' }],
      });
      const types = [];
      for await (const event of stream) types.push(event.message_type);
      assert.deepEqual(types, ['ping', 'tool_call_message', 'tool_return_message', 'assistant_message',
        'stop_reason', 'usage_statistics']);
    });

    it('streams by token', async () => {
      const stream = await client.agents.messages.stream(agent.id, {
        messages: [{ role: 'user', content: '[[say a b c]]' }], stream_tokens: true,
      });
      let said = '';
      let pieces = 0;
      for await (const event of stream) {
        if (event.message_type !== 'assistant_message') continue;
        said += event.content;
        pieces += 1;
      }
      assert.equal(said, 'a b c');
      assert.ok(pieces > 1);
    });

    it('lists and pages messages', async () => {
      const ids = [];
      for await (const message of client.agents.messages.list(agent.id, { order: 'asc', limit: 2 })) ids.push(message.id);
      assert.ok(ids.length > 6);
      assert.equal((await client.agents.messages.list(agent.id, { order: 'desc', limit: 1 })).items[0].id, ids.at(-1));
    });

    it('tells a failing model by its type', async () => {
      await assert.rejects(client.agents.messages.create(agent.id, { input: '[[error 429]]' }),
        (error) => error instanceof APIError && error.status === 429 && error.error.error.type === 'llm_rate_limit');
      const next = await client.agents.messages.create(agent.id, { input: 'next' });
      assert.equal(next.messages[0].content, 'You said: next');
    });
  });
}

it('edits, attaches, detaches and deletes blocks', async () => {
  const agent = await client.agents.create({ model: handles.openai });
  const block = await client.blocks.create({ label: 'notes', value: 'one' });
  await client.agents.blocks.attach(block.id, { agent_id: agent.id });
  await client.agents.blocks.update('notes', { agent_id: agent.id, value: 'two' });
  assert.equal((await client.blocks.retrieve(block.id)).value, 'two');
  await client.agents.blocks.detach(block.id, { agent_id: agent.id });
  await client.blocks.delete(block.id);
  await client.agents.delete(agent.id);
  await assert.rejects(client.agents.retrieve(agent.id), (error) => error.status === 404);
});
