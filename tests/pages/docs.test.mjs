// The pages about the API, /docs and /redoc, in a browser: they show what the server serves, and all
// that they load is the server's own.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { chromium } from 'playwright-core';

import { startServer, stop } from '../support/processes.mjs';

// The only name that leads anywhere. On 127.0.0.1 Swagger UI asks less of other hosts than elsewhere.
const host = 'reverie.test';
const password = 'pages and words';
const credentials = { httpCredentials: { username: 'anybody', password } };

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-proxy-server', `--host-resolver-rules=MAP ${host} 127.0.0.1, MAP * ~NOTFOUND`],
  });
});

after(() => browser.close());

// Opens an address as a new user. What is asked for, what goes wrong and the API document that the
// page reads are noted.
async function visit(test, url, options) {
  const context = await browser.newContext(options);
  test.after(() => context.close());
  const urls = [];
  const problems = [];
  context.on('request', (request) => urls.push(request.url()));
  context.on('requestfailed', (request) => problems.push(`${request.url()}: ${request.failure().errorText}`));
  context.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.url()}: ${response.status()}`);
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  context.on('weberror', (error) => problems.push(error.error().message));
  const page = await context.newPage();
  const reading = page.waitForResponse((response) => response.url().endsWith('/openapi.json'));
  const [read] = await Promise.all([reading, page.goto(url)]);
  return { page, urls, problems, document: await read.json() };
}

// Nothing went wrong, and nothing was asked of anybody but this server.
async function assertAtPeace({ page, urls, problems }, base) {
  await page.waitForLoadState('networkidle');
  assert.deepEqual(problems, []);
  const elsewhere = urls.filter((url) => !url.startsWith(`${base}/`) && !/^(data|blob):/.test(url));
  assert.deepEqual(elsewhere, []);
}

// The operations of an API document, as the pages name them.
function operations(document) {
  const all = Object.values(document.paths).flatMap((item) => Object.values(item));
  assert.ok(all.some((each) => each.operationId === 'list_agents'));
  return all.map(({ tags: [tag], operationId }) => ({ tag, operationId }));
}

// Counts the agents as a user of Swagger UI does.
async function countAgents(page) {
  const operation = page.locator('#operations-agents-count_agents');
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  const answer = operation.locator('.live-responses-table tr.response');
  return {
    url: await operation.locator('.request-url pre').innerText(),
    command: await operation.locator('.curl-command .curl').innerText(),
    status: await answer.locator('.response-col_status').innerText(),
    body: await answer.locator('.highlight-code pre').innerText(),
  };
}

const places = [
  { name: 'as it is installed', prefix: '', options: [] },
  { name: 'behind a path prefix', prefix: '/letta', options: ['--server.path-prefix=/letta'] },
  { name: 'with a password', prefix: '', options: [`--server.password=${password}`], user: credentials },
];

for (const { name, prefix, options, user } of places) {
  describe(`a server ${name}`, () => {
    let server;
    let base;
    before(async () => {
      server = await startServer({ options });
      base = `http://${host}:${server.port}${prefix}`;
    });
    after(async () => assert.equal(await stop(server), 0));

    it('shows and calls its operations with Swagger UI', async (test) => {
      const visited = await visit(test, `${base}/`, user);
      const { page, document } = visited;
      assert.equal(page.url(), `${base}/docs`);
      const listed = operations(document);
      for (const { tag, operationId } of listed) await page.locator(`#operations-${tag}-${operationId}`).waitFor();
      assert.equal(await page.locator('.opblock').count(), listed.length);
      const { url, status, body } = await countAgents(page);
      assert.equal(url, `${base}/v1/agents/count`);
      assert.match(status, /^200/);
      assert.equal(body, '0');
      await assertAtPeace(visited, base);
    });

    it('shows and finds its operations with ReDoc', async (test) => {
      const visited = await visit(test, `${base}/redoc`, user);
      const { page, document } = visited;
      for (const { tag, operationId } of operations(document))
        await page.locator(`[id="tag/${tag}/operation/${operationId}"]`).waitFor();
      const search = page.getByRole('search');
      await search.getByRole('textbox').fill('feedback');
      await search.getByText('Modify Feedback For Step').waitFor();
      await assertAtPeace(visited, base);
    });
  });
}

describe('the password of a server', () => {
  let server;
  let base;
  before(async () => {
    server = await startServer({ options: [`--server.password=${password}`] });
    base = `http://${host}:${server.port}`;
  });
  after(async () => assert.equal(await stop(server), 0));

  it('is what a browser is asked for', async () => {
    for (const path of ['/', '/docs', '/redoc']) {
      const answer = await fetch(server.url + path, { redirect: 'manual' });
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate'), /^Basic /);
    }
  });

  it('is the token in Swagger UI', async (test) => {
    const { page } = await visit(test, `${base}/docs`, credentials);
    await page.getByRole('button', { name: 'Authorize' }).click();
    const form = page.locator('.modal-ux');
    await form.getByRole('textbox').fill(password);
    await form.getByRole('button', { name: 'Apply credentials' }).click();
    await form.getByRole('button', { name: 'Close' }).first().click();
    const { command, status } = await countAgents(page);
    assert.ok(command.includes(`Authorization: Bearer ${password}`));
    assert.match(status, /^200/);
  });
});
