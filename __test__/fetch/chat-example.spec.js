// Tests that examples/chat.js survives a restart of the server in the middle of a conversation.
'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const path = require('node:path')
const { test } = require('node:test')
const { startFakeOsaurus } = require('../../testing.js')
const { eventually } = require('../support/measure.js')
const { PROJECT } = require('../support/run-node.js')
const { homeDirectory } = require('../support/runtime-directory.js')

test('examples/chat.js survives a restart of the server in the middle of an answer', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const fake = await startFakeOsaurus({
    baseDir: runtime.baseDir,
    wordDelayMs: 5,
    answer: ({ messages }) =>
      messages.at(-1).content === 'long' ? 'word '.repeat(2000) : `message ${messages.length}`,
  })
  t.after(() => fake.stop())
  const env = { ...process.env, HOME: home, USERPROFILE: home }
  const child = spawn(process.execPath, [path.join(PROJECT, 'examples', 'chat.js')], { env })
  t.after(() => child.kill())
  let shown = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (shown += data))

  child.stdin.write('first\n')
  await eventually(() => shown.includes('message 1'), 'the first answer')
  child.stdin.write('long\n')
  await eventually(() => shown.includes('word word'), 'an answer in progress')
  await fake.crash()
  child.stdin.write('third\n')
  await fake.relaunch({ port: 0 })
  // The question without an answer is not part of the conversation: models refuse two questions in a row.
  await eventually(() => shown.includes('message 3'), 'the answer of the next launch')
  child.stdin.end()
  await new Promise((resolve) => child.once('close', resolve))
  assert.equal(child.exitCode, 0)
})
