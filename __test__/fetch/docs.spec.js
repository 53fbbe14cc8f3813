// Runs every named snippet of docs/talk-to-osaurus.md against a fake.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { PROJECT, runNode } = require('../support/run-node.js')
const { homeDirectory } = require('../support/runtime-directory.js')

const page = fs.readFileSync(path.join(PROJECT, 'docs', 'talk-to-osaurus.md'), 'utf8')
const snippets = [...page.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)]

/** The access key of the fake, which plugins require. */
const KEY = 'osk-v1-test'

/** What a snippet prints, unless it is the answer of the fake. @type {Record<string, RegExp>} */
const PRINTED = {
  'other-routes.js': /^2 embeddings\nresponse completed\ntrue tools\ntrue agents\ntranscription string$/,
  'agents-and-plugins.js':
    /^image true\ntool true\nrun true\ntask true\ncancelled true\nmemory true\nplugin true$/,
}

test('the page has a snippet for every client library', () => {
  assert.deepEqual(
    snippets.map(([, name]) => name),
    [
      'first-answer.js',
      'with-openai.js',
      'with-anthropic.js',
      'with-ollama.js',
      'with-ai-sdk.js',
      'with-langchain.js',
      'other-routes.js',
      'agents-and-plugins.js',
      'another-mac.js',
    ],
  )
})

for (const [, name, code] of snippets)
  test(`${name} prints the answer of a model`, async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await startFakeOsaurus({ baseDir: runtime.baseDir, accessKey: KEY })
    t.after(() => fake.stop())
    const variables = { OSAURUS_API_KEY: KEY, OSAURUS_BASE_URL: fake.url }
    const env = { ...process.env, HOME: home, USERPROFILE: home, ...variables }
    // Run in the project, where the package finds itself by its own name.
    const { stdout, stderr, code: exitCode } = await runNode(['-e', code], { env })
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' })
    assert.match(stdout.trim(), PRINTED[name] ?? /^Hello from the fake Osaurus\. This answer is canned\.$/)
  })
