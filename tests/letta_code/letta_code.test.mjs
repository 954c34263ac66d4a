// Letta Code as it is published, without its terminal: the most demanding client of this API, unmodified.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { builds, call, Desk, handles, say, until } from './client.mjs';

const step = '[[step]]';

// The messages of a conversation as the server has them, oldest first.
async function history({ sdk }, conversation) {
  const page = await sdk.conversations.messages.list(conversation, { order: 'asc', limit: 100 });
  return page.getPaginatedItems();
}

const ofType = (messages, type) => messages.filter((each) => each.message_type === type);

function overWireFormat(format, build, desk) {
  const handle = handles[format];
  const { read, write, edit, shell } = build.tools[format];
  let agent;
  let conversation;

  it('makes an agent and talks to it', async () => {
    const answer = await desk().prompt('hello there', '--new-agent', '-m', handle);
    assert.equal(answer.subtype, 'success');
    assert.match(answer.result, /hello there/);
    assert.ok(answer.usage.prompt_tokens > 1000);  // its own prompt and tools are in the request
    ({ agent_id: agent, conversation_id: conversation } = answer);
    assert.equal((await desk().sdk.agents.retrieve(agent)).model, handle);
    const said = ofType(await history(desk(), conversation), 'assistant_message').map((each) => each.content);
    assert.deepEqual(said, [answer.result]);
  });

  it('writes, reads and edits a file and runs a command for the agent', async () => {
    const path = desk().path(`${format}.txt`);
    const steps = [write(path, 'one\ntwo\n'), read(path), edit(path, 'two', 'marzipan'),
      shell(`wc -l < ${path} > ${path}.lines`)];
    const answer = await desk().prompt(steps.join(step) + say('all done'), '--conversation', conversation);
    assert.equal(answer.result, 'all done');
    assert.equal(answer.usage.step_count, 5);
    assert.equal(answer.conversation_id, conversation);
    assert.equal(readFileSync(path, 'utf8'), 'one\nmarzipan\n');
    assert.equal(readFileSync(`${path}.lines`, 'utf8').trim(), '2');
    const returns = ofType(await history(desk(), conversation), 'tool_return_message');
    assert.deepEqual(returns.map((each) => each.status), Array(4).fill('success'));
    assert.match(JSON.stringify(returns[1]), /one.*two/);  // what it has read
  });

  it('does not touch the file that a person refuses, and tells the model why', async () => {
    const session = desk().session('--conversation', conversation);
    const [kept, made] = ['refused', 'allowed'].map((name) => desk().path(`${format}-${name}.txt`));
    const refused = await session.turn(write(kept, 'no\n') + say('a pity'),
      () => ({ behavior: 'deny', message: `rather ${format} porridge` }));
    assert.equal(refused.result, 'a pity');
    const allowed = await session.turn(write(made, 'yes\n') + say('at last'));
    assert.equal(allowed.result, 'at last');
    await session.end();
    assert.ok(!existsSync(kept));
    assert.equal(readFileSync(made, 'utf8'), 'yes\n');
    const [last] = ofType(await history(desk(), conversation), 'approval_response_message').slice(-2);
    assert.match(JSON.stringify(last), /"approve":false.*rather \w+ porridge/);
    const told = await desk().told(`rather ${format} porridge`);
    assert.equal(told[0].reply.content, 'a pity');
  });

  it('streams pieces of an answer', async () => {
    const output = await desk().run('-p', 'in pieces please', '--conversation', conversation, '--yolo',
      '--output-format', 'stream-json', '--include-partial-messages');
    const events = output.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(events.filter((event) => event.type === 'stream_event').length > 1);
    assert.equal(events.at(-1).type, 'result');
    assert.match(events.at(-1).result, /in pieces please/);
  });

  it('goes on in its conversation after the server was killed', async () => {
    await desk().crash();
    await desk().reopen();
    const answer = await desk().prompt(`do you ${format} remember`, '--conversation', conversation);
    assert.match(answer.result, /remember/);
    const [asked] = await desk().told(`do you ${format} remember`);
    assert.match(JSON.stringify(asked.body.messages), /hello there.*marzipan.*in pieces please/);
  });
}

// What is the same over every wire format: an agent that begins with one and goes on with the other.
function overBoth(build, desk) {
  const { incomplete } = build.tools.anthropic;
  let agent;
  let conversation;

  before(async () => {
    const answer = await desk().prompt('remember the pears', '--new-agent', '-m', handles.anthropic);
    ({ agent_id: agent, conversation_id: conversation } = answer);
  });

  it('refuses a call that lacks an argument, and the turn goes on', async () => {
    const path = desk().path('none.txt');
    const answer = await desk().prompt(incomplete(path) + say('I see'), '--conversation', conversation);
    assert.equal(answer.result, 'I see');
    assert.ok(!existsSync(path));
  });

  it('refuses what its rules forbid', async () => {
    const path = desk().path('forbidden.txt');
    const answer = await desk().prompt(build.tools.anthropic.write(path, 'no\n') + say('very well'),
      '--conversation', conversation, '--disallowedTools', 'Write');
    assert.equal(answer.result, 'very well');
    assert.ok(!existsSync(path));
  });

  it('forks its conversation for an agent of its own', async () => {
    const session = desk().session('--conversation', conversation);
    const fork = { subagent_type: 'fork', description: 'counts', prompt: 'count them', run_in_background: false };
    const answer = await session.turn(call('Agent', fork) + say('it counts'));
    assert.equal(answer.result, 'it counts');
    const asked = await until('the fork to answer', async () => (await desk().told('count them'))
      .find((each) => each.reply.content === 'You said: count them'));
    await session.end();
    assert.match(JSON.stringify(asked.body.messages), /remember the pears/);  // what it had before the fork
    const said = ofType(await history(desk(), conversation), 'assistant_message').map((each) => each.content);
    assert.ok(!said.includes('You said: count them'));
  });

  it('changes to a model of another wire format', async () => {
    const answer = await desk().prompt('which are you', '--conversation', conversation, '-m', handles.openai);
    assert.match(answer.result, /which are you/);
    const thread = await desk().sdk.conversations.retrieve(conversation);
    const { model } = thread.model ? thread : await desk().sdk.agents.retrieve(agent);
    assert.equal(model, handles.openai);
    await desk().prompt('and are you still', '--conversation', conversation);
    const paths = [...await desk().told('which are you'), ...await desk().told('and are you still')];
    assert.ok(paths.length >= 2 && paths.every((each) => each.path === '/v1/chat/completions'));
    assert.match(JSON.stringify(paths[0].body.messages), /remember the pears/);
  });

  it('is shown that a conversation that grew too long was summarised', async () => {
    const long = `${'pears and apples '.repeat(1500)}${say('so many')}`;
    await desk().prompt(long, '--conversation', conversation);
    const [{ body }] = (await desk().told('pears and apples')).slice(-1);
    const tokens = Math.ceil(JSON.stringify(body).length / 4);
    await desk().sdk.agents.update(agent, { context_window_limit: tokens });
    const output = await desk().run('-p', 'what did I say', '--conversation', conversation, '--yolo',
      '--output-format', 'stream-json');
    const events = output.trim().split('\n').map((line) => JSON.parse(line));
    const summary = events.find((event) => event.message_type === 'summary_message');
    assert.match(summary.summary, /^SUMMARY of \d+ messages/);
    assert.match(events.at(-1).result, /what did I say/);
    const [asked] = await desk().told('what did I say');
    assert.match(JSON.stringify(asked.body.messages), /SUMMARY of \d+ messages/);
    assert.doesNotMatch(JSON.stringify(asked.body.messages), /pears and apples/);
    assert.match(JSON.stringify(await history(desk(), conversation)), /pears and apples/);  // kept
  });
}

// The builds do not touch each other, so they run side by side.
describe('Letta Code', { concurrency: true }, () => {
  for (const [name, build] of Object.entries(builds)) {
    describe(name, { concurrency: 1 }, () => {
      let desk;
      before(async () => { desk = await Desk.open(build); });
      after(() => desk.close());
      for (const format of Object.keys(handles)) {
        describe(`over the ${format} wire format`, () => overWireFormat(format, build, () => desk));
      }
      describe('over both', () => overBoth(build, () => desk));
    });
  }
});
