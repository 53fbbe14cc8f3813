// Runs every snippet of docs/testing-your-app.md and checks what its comments say.
//
// The test for Playwright needs a browser that no npm package contains. `npm run check:docs` checks its types; here the app
// that it drives runs without it.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { before, test } = require('node:test')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { runNode } = require('../support/run-node.js')

const PROJECT = path.join(__dirname, '..', '..')
const PAGE = path.join(PROJECT, 'docs', 'testing-your-app.md')

/** The code, by the file name in its first line. @type {Map<string, string>} */
const snippets = new Map()

before(() => {
  const page = fs.readFileSync(PAGE, 'utf8')
  for (const [, name, code] of page.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)) snippets.set(name, code)
  assert.equal(snippets.size, page.match(/^```./gm)?.length, 'every snippet names its file')
})

/** Creates a project with all the snippets and this package. @param {import('node:test').TestContext} t */
function project(t) {
  const directory = temporaryDirectory(t)
  for (const [name, code] of snippets) fs.writeFileSync(path.join(directory, name), code)
  fs.mkdirSync(path.join(directory, 'node_modules'))
  link(directory, 'osaurus-discovery', PROJECT)
  return directory
}

/** @param {string} directory @param {string} name @param {string} target */
function link(directory, name, target) {
  fs.symlinkSync(target, path.join(directory, 'node_modules', name), 'junction')
}

for (const name of ['first-look.js', 'two-servers.js', 'wrong-file.js', 'keys.js', 'answers.js', 'chat.js']) {
  test(`${name} prints what its comments say`, async (t) => {
    const promised = [...(snippets.get(name) ?? '').matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(
      ([, text]) => text,
    )
    assert.ok(promised.length > 0)
    const { code, stdout, stderr } = await runNode([name], { cwd: project(t) })
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.deepEqual(stdout.trimEnd().split('\n'), promised)
  })
}

test('models.test.js passes under node --test', async (t) => {
  // Inside a test run, Node counts a nested run as a part of itself.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  const { code, stdout } = await runNode(['--test', '--test-reporter=tap', 'models.test.js'], {
    cwd: project(t),
    env,
  })
  assert.equal(code, 0, stdout)
  const tests = snippets.get('models.test.js')?.match(/^test\(/gm)?.length
  assert.match(stdout, new RegExp(`^# pass ${tests}$`, 'm'))
})

test('models.vitest.test.mjs passes under vitest', async (t) => {
  const directory = project(t)
  const vitest = path.join(PROJECT, 'node_modules', 'vitest')
  link(directory, 'vitest', vitest)
  const file = 'models.vitest.test.mjs'
  // The command of the page, without npx.
  assert.match(fs.readFileSync(PAGE, 'utf8'), /`npx vitest run models\.vitest` runs it/)
  const args = [path.join(vitest, 'vitest.mjs'), 'run', 'models.vitest', '--reporter=json']
  const { code, stdout, stderr } = await runNode(args, { cwd: directory })
  assert.equal(code, 0, stdout + stderr)
  const { success, numPassedTests, numTotalTests } = JSON.parse(stdout)
  const tests = snippets.get(file)?.match(/^test\(/gm)?.length
  assert.deepEqual(
    { success, numPassedTests, numTotalTests },
    { success: true, numPassedTests: tests, numTotalTests: tests },
  )
})

test('the app of the Playwright example shows the models, or why there are none', async (t) => {
  const script = path.join(PROJECT, '__test__', 'fixtures', 'fake', 'page-app.js')
  const { code, stdout } = await runNode([script, project(t)])
  assert.equal(code, 0)
  const [page, models, message] = stdout.trimEnd().split('\n')
  assert.equal(page, 'true')
  assert.equal(models, '{"models":["llama-3.2-3b-instruct"]}')
  assert.match(message, /^Osaurus is not responding/)
})
