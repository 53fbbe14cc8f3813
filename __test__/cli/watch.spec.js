// Tests the commands `watch` and `wait`.
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
  test('watch prints a line for every server that appears, changes, disappears and reappears', async (t) => {
    const baseDir = path.join(temporaryDirectory(t), 'not', 'there', 'yet')
    const running = startWatch(t, ['--base-dir', baseDir])
    await running.until(new RegExp(`^${TIME}  none     Osaurus is not running\n`))
    const fake = await fakeFor(t, { baseDir })
    const { instanceId } = fake.instance
    await running.until(new RegExp(`^${TIME}  running  ${fake.url}  ${instanceId}\n`, 'm'))
    await fake.setExposed(true)
    await running.until(
      new RegExp(`^${TIME}  changed  ${fake.url}  now exposed to the network  ${instanceId}\n`, 'm'),
    )
    await fake.setExposed(false)
    await running.until(new RegExp(`^${TIME}  changed  ${fake.url}  no longer exposed  ${instanceId}\n`, 'm'))
    await fake.crash()
    await running.until(new RegExp(`^${TIME}  gone     ${fake.url}  ${instanceId}\n`, 'm'))
    await running.until(new RegExp(`^${TIME}  none     Osaurus is not responding\n`, 'm'))
    await fake.relaunch()
    await running.until(new RegExp(`^${TIME}  running  ${fake.url}  ${fake.instance.instanceId}\n`, 'm'))
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended()
    assert.deepEqual({ code, stderr }, { code: 130, stderr: '' })
    assert.equal(stdout.trimEnd().split('\n').length, 7, stdout)
  })

  test('watch --json prints one value per line: the initial state, even if empty, then every change', async (t) => {
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
    const empty = { instances: [], added: [], updated: [], removed: [], reason: 'OSAURUS_NOT_FOUND' }
    const { instance } = fake
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [
        empty,
        { ...empty, instances: [instance], added: [instance], reason: null },
        { ...empty, removed: [instance], reason: 'OSAURUS_NOT_RESPONDING' },
      ],
    )
  })

  test('watch prints that Osaurus is starting and restarting', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    const running = startWatch(t, ['--base-dir', fake.baseDir])
    await running.until(new RegExp(`^${TIME}  none     Osaurus is starting\n`))
    await fake.setHealth('running')
    await running.until(new RegExp(`^${TIME}  running  ${fake.url}  `, 'm'))
    await fake.setHealth('restarting')
    await running.until(new RegExp(`^${TIME}  gone     [^]*^${TIME}  none     Osaurus is starting\n`, 'm'))
  })

  test('watch --json has the code of the reason', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    const running = startWatch(t, ['--json', '--base-dir', fake.baseDir])
    await running.until(/\n/)
    await fake.setHealth('running')
    await running.until(/\n.*\n/)
    const reasons = running.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).reason)
    assert.deepEqual(reasons, ['OSAURUS_STARTING', null])
  })

  test('watch escapes text from files, with and without --json', async (t) => {
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

  test('watch ends silently when its reader closes the pipe', async (t) => {
    const fake = await fakeFor(t)
    const script = `set -o pipefail; ${quoted(process.execPath)} ${quoted(MAIN)} watch --base-dir ${quoted(fake.baseDir)} | head -1`
    const running = new Running('bash', ['-c', script], { env: environment() })
    await running.until(/running/)
    // It detects the closed pipe when it writes the next line.
    await fake.setExposed(true)
    const { code, stdout, stderr } = await running.ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(stdout.split('\n').length, 2)
  })

  test('watch shows a status line below the lines of changes on a terminal', async (t) => {
    const fake = await fakeFor(t)
    const term = terminal(t, ['watch', '--base-dir', fake.baseDir])
    await term.until(/1 running, unchanged for [1-9]\d*s\. Press Ctrl-C to stop\./)
    await fake.crash()
    await term.until(/gone[^]*Osaurus is not responding, unchanged for/)
    term.type(CTRL_C)
    const { code, output } = await term.ended()
    assert.equal(code, 130)
    const screen = linesInTheEnd(output)
    assert.match(screen[0], new RegExp(`^${TIME}  running  ${fake.url}  `))
    assert.match(screen[1], new RegExp(`^${TIME}  gone     ${fake.url}  `))
    assert.match(screen[2], new RegExp(`^${TIME}  none     Osaurus is not responding$`))
    // The status line is erased completely. The echo of the key may remain.
    assert.deepEqual(
      screen.slice(3).filter((line) => line.replace('^C', '').trim()),
      [],
    )
  })

  test('watch shows the status line only on stderr: stdout has the lines, without colours if it is a file', async (t) => {
    const fake = await fakeFor(t)
    const file = path.join(temporaryDirectory(t), 'out')
    const term = terminal(t, ['watch', '--base-dir', fake.baseDir], { redirect: `>${quoted(file)}` })
    await term.until(/unchanged for [1-9]\d*s/)
    term.type(CTRL_C)
    await term.ended()
    assert.match(fs.readFileSync(file, 'utf8'), new RegExp(`^${TIME}  running  ${fake.url}  [\\w-]+\n$`))
  })

  test('watch shows no status line if stderr is not a terminal', async (t) => {
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
  test('wait prints the URL at once if a server is running', async (t) => {
    const fake = await fakeFor(t)
    assert.deepEqual(await command(['wait', '--base-dir', fake.baseDir]), {
      code: 0,
      signal: null,
      stdout: `${fake.url}\n`,
      stderr: '',
    })
  })

  test('wait prints the URL as soon as a server is running', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    const running = startCommand(['wait', '--json', '--base-dir', fake.baseDir])
    await delay(500)
    assert.equal(running.stdout, '')
    await fake.setHealth('running')
    const { code, stdout, stderr } = await running.ended()
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(JSON.parse(stdout), fake.url)
  })

  test('wait gives up after --timeout with 1, and prints the last state', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    for (const time of ['0', '200ms', '.2']) {
      const { code, stdout, stderr } = await command(['wait', '--timeout', time, '--base-dir', fake.baseDir])
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
      assert.match(stderr, /starting[^]*Run `osaurus-discovery doctor`/)
    }
  })

  test('wait shows the elapsed time on a terminal, and ends at Ctrl-C with 130', async (t) => {
    const { baseDir } = runtimeDirectory(t)
    for (const [time, words] of /** @type {const} */ ([
      ['2m', /Waiting for Osaurus, [1-9]\d*s of 2m 00s\. Press Ctrl-C to stop\./],
      ['infinity', /Waiting for Osaurus, [1-9]\d*s\. Press Ctrl-C to stop\./],
    ])) {
      const term = terminal(t, ['wait', '--timeout', time, '--base-dir', baseDir])
      await term.until(words)
      term.type(CTRL_C)
      const { code, output } = await term.ended()
      assert.equal(code, 130)
      assert.equal(linesInTheEnd(output).join('').replace('^C', '').trim(), '')
    }
  })

  test('wait shows on a terminal that Osaurus is starting', async (t) => {
    const fake = await fakeFor(t, { health: 'starting' })
    const term = terminal(t, ['wait', '--base-dir', fake.baseDir])
    await term.until(/Waiting for Osaurus, \d+s of 30s\. Osaurus is starting\. Press Ctrl-C to stop\./)
    await fake.setHealth('running')
    const { code, output } = await term.ended()
    assert.equal(code, 0)
    assert.equal(linesInTheEnd(output).join('\n').trim(), fake.url)
  })

  test('wait delays the first request until the server is running, as its help shows', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await fakeFor(t, { baseDir: runtime.baseDir, health: 'starting' })
    const wait = `${quoted(process.execPath)} ${quoted(MAIN)} wait --timeout 1m`
    const request = 'fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)'
    const script = `${quoted(process.execPath)} -e ${quoted(request)} "$(${wait})/v1/models"`
    const running = new Running('sh', ['-c', script], { env: environment({ HOME: home }) })
    await delay(300)
    await fake.setHealth('running')
    assert.equal(JSON.parse((await running.ended()).stdout).object, 'list')
  })
})

testOnLinux(
  'watch and wait show the elapsed time although the clock is set back',
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
      // The next one may have been drawn already.
      await term.until(new RegExp(`(${words} [^]*?){${input.split(words).length + 1}}`))
      term.type(CTRL_C)
      const { output } = await term.ended()
      assert.doesNotMatch(output, /-\d/)
    }
  },
)

test('examples/watch.js reports that Osaurus starts, crashes and restarts, until Ctrl-C', async (t) => {
  const { home, runtime } = homeDirectory(t)
  const watching = new Running(process.execPath, [path.join(PROJECT, 'examples', 'watch.js')], {
    env: environment({ HOME: home }),
  })
  t.after(() => watching.kill('SIGKILL'))
  await watching.until(/^No Osaurus is running\. Waiting for one\.\n/)
  const fake = await fakeFor(t, { baseDir: runtime.baseDir })
  await watching.until(new RegExp(`^running  ${fake.url}\n`, 'm'))
  await fake.crash()
  await watching.until(new RegExp(`^gone     ${fake.url}\n`, 'm'))
  await fake.relaunch()
  await watching.until(new RegExp(`^gone[^]*^running  ${fake.url}\n`, 'm'))
  watching.kill('SIGINT')
  assert.deepEqual((await watching.ended()).code, 0)
})
