// A support agent that learns who it talks to, and still knows after a restart.
//
//     npm install @letta-ai/letta-client@1.12.1
//     node support_agent.mjs
//
// Ends with an empty line or Ctrl-D. LETTA_BASE_URL and LETTA_MODEL choose another server and
// model.
// @ts-check

import { createInterface } from 'node:readline';

import Letta from '@letta-ai/letta-client';

const name = process.env.SUPPORT_AGENT_NAME ?? 'Support';
const model = process.env.LETTA_MODEL ?? 'reverie/demo';
const persona = `I am the support agent of a small shop for hiking gear.
I greet customers by name, answer briefly, and write down what helps me to help them next time.`;

const client = new Letta({
  baseURL: process.env.LETTA_BASE_URL ?? 'http://127.0.0.1:8283',
  apiKey: process.env.LETTA_API_KEY ?? 'none',
});

/** The agent of that name. Its memory is on the server, so this program keeps nothing. */
async function findOrCreate() {
  for await (const agent of client.agents.list({ name, limit: 1 })) return agent;
  return client.agents.create({
    name, model,
    memory_blocks: [
      { label: 'persona', value: persona },
      { label: 'human', value: 'What I know about this customer:',
        description: 'The customer: name, wishes, and what they have bought.' },
    ],
  });
}

/**
 * Sends a message, and prints the answer while it is made.
 * @param {string} agentId
 * @param {string} text
 */
async function say(agentId, text) {
  const stream = await client.agents.messages.stream(agentId, {
    messages: [{ role: 'user', content: text }], stream_tokens: true,
  });
  for await (const event of stream) {
    if (event.message_type === 'assistant_message') {
      process.stdout.write(String(event.content));
    } else if (event.message_type === 'tool_return_message') {
      console.log(event.status === 'error' ? `  (${event.tool_return})` : '  (memory changed)');
    }
  }
  console.log();
}

const agent = await findOrCreate();
const prompt = () => process.stdin.isTTY && process.stdout.write('you> ');
prompt();
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) break;
  await say(agent.id, line.trim());
  prompt();
}
const human = await client.agents.blocks.retrieve('human', { agent_id: agent.id });
console.log(`\n${name} remembers:\n${human.value}`);
