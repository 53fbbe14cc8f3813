// Do watch and wait tell what comes, changes and goes, and show that they wait?
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { setTimeout: delay } = require('node:timers/promises')
const { testOnLinux } = require('../support/on-linux.js')
const { withFaketime } = require('../support/requirements.js')
const { homeDirectory, runtimeDirectory } = require('../support/runtime-directory.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')
const { movableClock, moveClock } = require('../support/wall-clock.js')
const {
  MAIN,
  PROJECT,
  Running,
  UNSAFE,
  command,
  environment,
  startCommand,
} = require('../support/cli/command.js')
const { fakeFor } = require('../support/cli/fake.js')
const { CTRL_C, linesInTheEnd, quoted, terminal } = require('../support/cli/terminal.js')

/** @param {import('node:test').TestContext} t @param {string[]} args */
function startWatch(t, args) {
  const running = startCommand(['watch', ...args])
  t.after(() => running.kill('SIGKILL'))
  return running
}

const TIME = '\\d\\d:\\d\\d:\\d\\d'

describe('watch', () => {
  test('prints a line for every server that comes, changes, goes and comes back', async (t) => {
    const baseDir = path.join(temporaryDirectory(t), 'not', 'there', 'yet')
    const running = startWatch(t, ['--base-dir', baseDir])
    await delay(300)
    const fake = await fakeFor(t, { baseDir })
    const { instanceId } = fake.instance
    await running.until(new RegExp(`^${TIME}  running  ${fake.url}  ${instanceId}\n`))
    await fake.setExposed(true)
    await running.until(
      new RegExp(`^${TIME}  changed  ${fake.url}  asks for a key now  ${instanceId}\n`, 'm'),
    )
    await fake.setExposed(false)
    await running.until(
      new RegExp(`^${TIME}  changed  ${fake.url}  asks for no key any more  ${instanceId}\n`, 'm'),
    )
    await fake.crash()
    await running.until(new RegExp(`^${TIME}  gone     ${fake.url}  ${instanceId}\n`, 'm'))
    await fake.relaunch()
    await running.until(new RegExp(`^${TIME}  running  ${fake.url}  ${fake.instance.instanceId}\n`, 'm'))
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended()
    assert.deepEqual({ code, stderr }, { code: 130, stderr: '' })
    assert.equal(stdout.trimEnd().split('\n').length, 5, stdout)
  })

  test('--json prints one value a line: each change, the state at the start first, even when empty', async (t) => {
    const { baseDir } = runtimeDirectory(t)
    const running = startWatch(t, ['--json', '--base-dir', baseDir])
    await running.until(/\n/)
    const fake = await fakeFor(t, { baseDir })
    await running.until(/\n.*\n/)
    await fake.crash()
    await running.until(/\n.*\n.*\n/)
    running.kill('SIGINT')
    const { code, stdout } = await running.ended()
    assert.equal(code, 130)
    const empty = { instances: [], added: [], updated: [], removed: [] }
    const { instance } = fake
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [empty, { ...empty, instances: [instance], added: [instance] }, { ...empty, removed: [instance] }],
    )
  })

  test('escapes what files hold, in both forms', async (t) => {
    const runtime = runtimeDirectory(t)
    const evil = '\x1b[31m\u202e\nlines'
    runtime.publish({ instanceId: evil }, 'evil')
    for (const form of [[], ['--json']]) {
      const running = startWatch(t, ['--no-verify', ...form, '--base-dir', runtime.baseDir])
      await running.until(/\n/)
      running.kill('SIGINT')
      const { stdout, stderr } = await running.ended()
      assert.doesNotMatch(stdout + stderr, UNSAFE)
      assert.doesNotMatch(stdout, /^lines/m)
      if (form.length) assert.equal(JSON.parse(stdout).instances[0].instanceId, evil)
    }
  })

  test('ends silently when its reader has enough', async (t) => {
    const fake = await fakeFor(t)
    const script = `set -o pipefail; ${quoted(process.execPath)} ${quoted(MAIN)} watch --base-dir ${quoted(fake.baseDir)} | head -1`
    const running = new Running('bash', ['-c', script], { env: environment() })
    await running.until(/running/)
    // It learns of the closed pipe when it writes the next line.
    await fake.setExposed(true)
    const { code, stdout, stderr } = await running.ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(stdout.split('\n').length, 2)
  })

  test('shows a live line while it waits, on a terminal, beneath the lines of changes', async (t) => {
    const fake = await fakeFor(t)
    const term = terminal(t, ['watch', '--base-dir', fake.baseDir])
    await term.until(/1 runs, unchanged for [1-9]\d*s\. Ctrl-C ends it\./)
    await fake.crash()
    await term.until(/gone[^]*No Osaurus runs, unchanged for/)
    term.type(CTRL_C)
    const { code, output } = await term.ended()
    assert.equal(code, 130)
    const screen = linesInTheEnd(output)
    assert.match(screen[0], new RegExp(`^${TIME}  running  ${fake.url}  `))
    assert.match(screen[1], new RegExp(`^${TIME}  gone     ${fake.url}  `))
    // The live line is gone, whole; what may be left is the echo of the key.
    assert.deepEqual(
      screen.slice(2).filter((line) => line.replace('^C', '').trim()),
      [],
    )
  })

  test('shows it on stderr alone: stdout holds the lines, and no colours where that is a file', async (t) => {
    const fake = await fakeFor(t)
    const file = path.join(temporaryDirectory(t), 'out')
    const term = terminal(t, ['watch', '--base-dir', fake.baseDir], { redirect: `>${quoted(file)}` })
    await term.until(/unchanged for [1-9]\d*s/)
    term.type(CTRL_C)
    await term.ended()
    assert.match(fs.readFileSync(file, 'utf8'), new RegExp(`^${TIME}  running  ${fake.url}  [\\w-]+\n$`))
  })

  test('shows none where stderr is no terminal', async (t) => {
    const fake = await fakeFor(t)
    const term = terminal(t, ['watch', '--base-dir', fake.baseDir], { redirect: '2>/dev/null' })
    await term.until(/running/)
    await delay(1500)
    term.type(CTRL_C)
    const { output } = await term.ended()
    assert.doesNotMatch(output, /unchanged/)
  })
})

describe('wait', () => {
  test('prints the URL at once where one runs', async (t) => {
    const fake = await fakeFor(t)
    assert.deepEqual(await command(['wait', '--base-dir', fake.baseDir]), {
      code: 0,
      signal: null,
      stdout: `${fake.url}\n`,
      stderr: '',
    })
  })

  test('prints the URL once there is one', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    const running = startCommand(['wait', '--json', '--base-dir', fake.baseDir])
    await delay(500)
    assert.equal(running.stdout, '')
    await fake.setHealth('running')
    const { code, stdout, stderr } = await running.ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(JSON.parse(stdout), fake.url)
  })

  test('gives up after --timeout with 1, and says what it last saw', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    for (const time of ['0', '200ms', '.2']) {
      const { code, stdout, stderr } = await command(['wait', '--timeout', time, '--base-dir', fake.baseDir])
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
      assert.match(stderr, /starting[^]*`osaurus-discovery doctor`/)
    }
  })

  test('shows on a terminal how long it has waited, and ends at Ctrl-C with 130', async (t) => {
    const { baseDir } = runtimeDirectory(t)
    for (const [time, words] of /** @type {const} */ ([
      ['2m', /Waiting for Osaurus, [1-9]\d*s of 2m 00s\. Ctrl-C ends it\./],
      ['infinity', /Waiting for Osaurus, [1-9]\d*s\. Ctrl-C ends it\./],
    ])) {
      const term = terminal(t, ['wait', '--timeout', time, '--base-dir', baseDir])
      await term.until(words)
      term.type(CTRL_C)
      const { code, output } = await term.ended()
      assert.equal(code, 130)
      assert.equal(linesInTheEnd(output).join('').replace('^C', '').trim(), '')
    }
  })

  test('is of use between a launch and the first request, as the help shows it', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await fakeFor(t, { baseDir: runtime.baseDir, health: 'starting' })
    const wait = `${quoted(process.execPath)} ${quoted(MAIN)} wait --timeout 1m`
    const ask = 'fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)'
    const script = `${quoted(process.execPath)} -e ${quoted(ask)} "$(${wait})/v1/models"`
    const running = new Running('sh', ['-c', script], { env: environment({ HOME: home }) })
    await delay(300)
    await fake.setHealth('running')
    assert.equal(JSON.parse((await running.ended()).stdout).object, 'list')
  })
})

testOnLinux(
  'the time that watch and wait show goes on where the clock is set back',
  withFaketime(),
  async (t) => {
    const { baseDir } = runtimeDirectory(t)
    for (const [name, words] of /** @type {const} */ ([
      ['wait', 'Waiting for Osaurus,'],
      ['watch', 'unchanged for'],
    ])) {
      const env = movableClock(t)
      const term = terminal(t, [name, '--base-dir', baseDir], { env })
      const { input } = await term.until(new RegExp(`${words} [1-9]`))
      moveClock(env.FAKETIME_TIMESTAMP_FILE, -1)
      // The next one may have been on its way.
      await term.until(new RegExp(`(${words} [^]*?){${input.split(words).length + 1}}`))
      term.type(CTRL_C)
      const { output } = await term.ended()
      assert.doesNotMatch(output, /-\d/)
    }
  },
)

test('examples/watch.js tells when Osaurus comes, crashes and comes back, until Ctrl-C', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const watching = new Running(process.execPath, [path.join(PROJECT, 'examples', 'watch.js')], {
    env: environment({ HOME: home }),
  })
  t.after(() => watching.kill('SIGKILL'))
  await watching.until(/^No Osaurus runs; waiting for one\.\n/)
  const fake = await fakeFor(t, { baseDir: runtime.baseDir })
  await watching.until(new RegExp(`^running  ${fake.url}\n`, 'm'))
  await fake.crash()
  await watching.until(new RegExp(`^gone     ${fake.url}\n`, 'm'))
  await fake.relaunch()
  await watching.until(new RegExp(`^gone[^]*^running  ${fake.url}\n`, 'm'))
  watching.kill('SIGINT')
  assert.deepEqual((await watching.ended()).code, 0)
})
