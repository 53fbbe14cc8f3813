// Tests the commands with --network, against Avahi on other hosts.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { before, after, describe, test } = require('node:test')

const { MAIN, UNSAFE, command, environment } = require('../support/cli/command.js')
const { eventually } = require('../support/measure.js')
const { makeHosts } = require('../support/network-hosts.js')
const { withNetworkHosts } = require('../support/requirements.js')

/** @typedef {ReturnType<typeof makeHosts>[number]} Host */

/**
 * Starts the command on a host.
 * @param {Host} host
 * @param {string[]} args
 */
function startOn(host, ...args) {
  const child = host.spawn([process.execPath, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  })
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (output.stderr += text))
  const closed = once(child, 'close')
  return {
    output,
    interrupt: () => child.kill('SIGINT'),
    ended: async () => ({ code: (await closed)[0], ...output }),
  }
}

/** @param {Host} host @param {string[]} args */
const runOn = (host, ...args) => startOn(host, ...args).ended()

/** As a person reads it: line breaks are spaces. @param {string} text */
const unwrapped = (text) => text.replace(/\s+/g, ' ').trim()

const HOSTILE = 'Eve\x1b[31m\u202egnp\u200d\r\nnext'

describe('with a Mac on the network', withNetworkHosts(), () => {
  /** @type {Host} */
  let viewer
  /** @type {(() => unknown)[]} */
  const cleanUps = []
  before(async () => {
    const [me, studio, silent] = makeHosts(
      { after: (work) => void cleanUps.unshift(work) },
      'viewer',
      'studio',
      'silent',
    )
    viewer = me
    await studio.startAvahi()
    await studio.startServer()
    const name = ['name=Big Studio', 'v=1']
    await studio.advertise('studio', { type: '_osaurus-mobile._tcp', txt: name }).established
    await studio.advertise('Coder', { txt: ['name=Coder', 'id=1'] }).established
    await studio.advertise('Hostile', { txt: [`name=${HOSTILE}`, 'id=2'] }).established
    await silent.startAvahi()
    await silent.advertise('Silent').established
  })
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })

  test('list prints the servers that answer, without unsafe characters', async () => {
    const { code, stdout, stderr } = await runOn(viewer, 'list', '--network')
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.doesNotMatch(stdout, UNSAFE)
    const [titles, row, ...others] = stdout.trimEnd().split('\n')
    assert.match(titles, /^URL +NAME +AGENTS$/)
    assert.match(row, /^http:\/\/10\.77\.0\.2:1337 {2}Big Studio {2}Coder, Eve.*gnp\\u200d.*next$/)
    assert.deepEqual(others, [])
  })

  test('list --json prints the array of listNetworkInstances()', async () => {
    const { code, stdout } = await runOn(viewer, 'list', '--network', '--json')
    assert.equal(code, 0)
    assert.doesNotMatch(stdout, UNSAFE)
    const [{ name, url, agents, self }, ...others] = JSON.parse(stdout)
    assert.deepEqual([name, url, self], ['Big Studio', 'http://10.77.0.2:1337', false])
    assert.deepEqual(agents[0], { id: '1', name: 'Coder' })
    assert.deepEqual(others, [])
  })

  test('list --no-verify prints what is only advertised too', async () => {
    const { stdout } = await runOn(viewer, 'list', '--network', '--no-verify', '--timeout', '3s')
    assert.match(stdout, /10\.77\.0\.2:1337 +Big Studio/)
    assert.match(stdout, /10\.77\.0\.3:1337 +silent +Silent/)
  })

  test('url prints the URL of the Mac with a name or host name, in any case', async () => {
    for (const args of [['--network', 'big studio'], ['--network=studio'], ['studio.local', '--network']]) {
      const { code, stdout, stderr } = await runOn(viewer, 'url', ...args)
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'http://10.77.0.2:1337\n', stderr: '' })
    }
    const { stdout } = await runOn(viewer, 'url', '--json', '--network', 'Big Studio')
    assert.equal(stdout, '"http://10.77.0.2:1337"\n')
  })

  test('url with a name that no Mac has fails and says which names there are', async () => {
    const { code, stdout, stderr } = await runOn(viewer, 'url', '--network', 'mini\x1b')
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.equal(
      stderr,
      "No server on the local network is called 'mini\\x1b'. These were found: Big Studio.\n",
    )
  })

  test('watch prints a line for each server until Ctrl-C', async () => {
    const watching = startOn(viewer, 'watch', '--network')
    const line = /^\d\d:\d\d:\d\d {2}found {4}http:\/\/10\.77\.0\.2:1337 {2}Big Studio {2}Coder, Eve/m
    await eventually(() => assert.match(watching.output.stdout, line))
    watching.interrupt()
    const { code, stdout, stderr } = await watching.ended()
    assert.deepEqual({ code, stderr }, { code: 130, stderr: '' })
    assert.doesNotMatch(stdout, UNSAFE)
  })

  test('watch --json prints a change of watchNetworkInstances() per line', async () => {
    const watching = startOn(viewer, 'watch', '--network', '--json')
    await eventually(() => assert.match(watching.output.stdout, /Big Studio/))
    watching.interrupt()
    const { code, stdout } = await watching.ended()
    assert.equal(code, 130)
    const [first, ...changes] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(first, { instances: [], added: [], updated: [], removed: [], reason: null })
    assert.equal(changes.at(-1).instances[0].url, 'http://10.77.0.2:1337')
  })

  test('list ends at once with Ctrl-C', async () => {
    const listing = startOn(viewer, 'list', '--network', '--timeout', '10m')
    // Its handler of the signal is in place long before.
    setTimeout(() => listing.interrupt(), 1000)
    assert.deepEqual(await listing.ended(), { code: 130, stdout: '', stderr: '' })
  })

  test('doctor prints what is advertised, what answers, and what to do next', async () => {
    const { code, stdout, stderr } = await runOn(viewer, 'doctor', '--network', '--timeout', '3s')
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.doesNotMatch(stdout, UNSAFE)
    const text = unwrapped(stdout)
    assert.match(text, /^Osaurus answers at http:\/\/10\.77\.0\.2:1337 Advertised by 2 servers Big Studio /)
    assert.match(text, /Advertises studio\.local, port 1337, at 10\.77\.0\.2, fe80::/)
    assert.match(text, /Answers as Osaurus at http:\/\/10\.77\.0\.2:1337\. silent /)
    assert.match(text, /Agents: Silent\. Does not answer as Osaurus\. What to do next Create an access key/)
    assert.match(text, /unencrypted.* curl .*http:\/\/10\.77\.0\.2:1337\/v1\/models$/)
  })

  test('doctor --no-verify prints what is advertised, and does not say that it does not answer', async () => {
    const args = ['doctor', '--network', '--no-verify', '--timeout', '3s']
    const { code, stdout } = await runOn(viewer, ...args)
    assert.equal(code, 0)
    const text = unwrapped(stdout)
    assert.match(text, /^According to its advertisement, Osaurus runs at http:\/\/10\.77\.0\.2:1337 /)
    assert.match(text, /Agents: Silent\. Was not probed because of --no-verify\. What to do next To check/)
    assert.doesNotMatch(text, /not answer/)
    const { servers } = JSON.parse((await runOn(viewer, ...args, '--json')).stdout)
    assert.deepEqual(
      servers.map((/** @type {any} */ { answered }) => answered),
      [null, null],
    )
  })

  test('doctor --json prints every server and whether it answered', async () => {
    const { code, stdout } = await runOn(viewer, 'doctor', '--network', '--json', '--timeout', '3s')
    assert.equal(code, 0)
    const { servers, error } = JSON.parse(stdout)
    assert.equal(error, null)
    assert.deepEqual(
      servers.map((/** @type {any} */ { name, answered }) => [name, answered]),
      [
        ['Big Studio', true],
        ['silent', false],
      ],
    )
  })
})

describe('with two Macs of one name', withNetworkHosts(), () => {
  test('url fails and names both URLs, because nothing tells which one is meant', async (t) => {
    const [viewer, ...macs] = makeHosts(t, 'viewer', 'studio', 'mini')
    for (const mac of macs) {
      await mac.startAvahi()
      await mac.startServer()
      const name = { type: '_osaurus-mobile._tcp', txt: ['name=Studio', 'v=1'] }
      await mac.advertise(mac.name, name).established
    }
    const { code, stdout, stderr } = await runOn(viewer, 'url', '--network', 'Studio', '--timeout', '3s')
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(
      stderr,
      /^Several servers .* are called 'Studio': http:\/\/10\.77\.0\.[23]:1337, http:\S+:1337\. Use/,
    )
  })
})

describe('without a Mac on the network', withNetworkHosts(), () => {
  test('list, url and doctor say so with exit code 1', async (t) => {
    const [viewer] = makeHosts(t, 'viewer', 'other')
    const none =
      'No Osaurus of another Mac was found on the local network.\n' +
      'Run `osaurus-discovery doctor --network` to see what to check.\n'
    for (const [args, printed] of /** @type {const} */ ([
      [['list', '--network'], ''],
      [['list', '--network', '--json'], '[]\n'],
      [['url', '--network', 'studio'], ''],
    ])) {
      const { code, stdout, stderr } = await runOn(viewer, ...args, '--timeout', '300ms')
      assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: printed, stderr: none })
    }
    const { code, stdout } = await runOn(viewer, 'doctor', '--network', '--timeout', '300ms')
    assert.equal(code, 1)
    assert.match(
      unwrapped(stdout),
      /^No usable Osaurus of another Mac .* Expose Osaurus to the network in its/,
    )
  })

  test('doctor says what to check if a server is advertised and does not answer', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    await mac.startAvahi()
    await mac.advertise('Coder').established
    const { code, stdout } = await runOn(viewer, 'doctor', '--network', '--timeout', '3s')
    assert.equal(code, 1)
    assert.match(unwrapped(stdout), /advertised and does not answer\. .*doctor --network --timeout 10s/)
  })
})

describe('with a Mac that has a link-local address alone', withNetworkHosts(), () => {
  test('doctor quotes its URL, whose brackets are a pattern of the shell', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    mac.removeAddress()
    await mac.startAvahi()
    await mac.startServer()
    await mac.advertise('Coder').established
    const { stdout } = await runOn(viewer, 'doctor', '--network', '--timeout', '5s')
    assert.match(stdout, /curl .* 'http:\/\/\[fe80::[\da-f:]+%eth0\]:1337\/v1\/models'\n/)
  })
})

describe('without a network', withNetworkHosts(), () => {
  test('list, watch and doctor say why, and what to do', async (t) => {
    const [viewer] = makeHosts(t, 'viewer')
    viewer.fallAsleep()
    const message = /^The local network cannot be searched: .*\. Connect this machine to a network\.\n/
    const listed = await runOn(viewer, 'list', '--network', '--timeout', '300ms')
    assert.deepEqual([listed.code, listed.stdout], [1, ''])
    assert.match(listed.stderr, message)
    const watching = startOn(viewer, 'watch', '--network')
    await eventually(() => assert.match(watching.output.stderr, message))
    watching.interrupt()
    assert.equal((await watching.ended()).code, 130)
    const { code, stdout } = await runOn(viewer, 'doctor', '--network', '--timeout', '300ms')
    assert.equal(code, 1)
    assert.match(
      unwrapped(stdout),
      /What to do next The local network cannot be searched: .* Connect this machine to a network\.$/,
    )
    const { error } = JSON.parse(
      (await runOn(viewer, 'doctor', '--network', '--json', '--timeout', '300ms')).stdout,
    )
    assert.equal(error.code, 'OSAURUS_NETWORK_UNAVAILABLE')
  })
})

describe('wrong use of --network is reported with exit code 2', () => {
  /** @type {[string[], RegExp][]} */
  const cases = [
    [['list', '--network', '--base-dir', '/tmp'], /^--base-dir cannot be combined with --network\.\nTry/],
    [['list', '--network', '--all'], /^--all cannot be combined with --network\./],
    [['url', '--network', 'x', '--launch'], /^--launch cannot be combined with --network\./],
    [['list', '--network', '--timeout', '0'], /^--timeout requires a time to listen for/],
    [['list', '--network', '--timeout', 'infinity'], /^--timeout requires a time to listen for/],
    [['list', '--timeout', '3s'], /^--timeout requires --network\./],
    [['doctor', '--timeout', '3s'], /^--timeout requires --network\./],
    [['url', '--network'], /^--network requires the name of a Mac: --network NAME\. .*list --network/],
    [['url', '--network='], /^--network requires the name of a Mac/],
    [['url', '--network', 'a', 'b'], /^Unexpected argument 'b' for 'url'\./],
    [['url', '--network=a', 'b'], /^Unexpected argument 'b' for 'url'\./],
    [['list', '--network', 'a'], /^Unexpected argument 'a' for 'list'\./],
    [['list', '--network=a'], /^--network does not take a value\. It got 'a'\./],
    [['wait', '--network'], /^Unknown option '--network' for 'wait'\./],
  ]
  for (const [args, expected] of cases) {
    test(`${args.join(' ')} is wrong usage`, async () => {
      const { code, stdout, stderr } = await command(args)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, expected)
    })
  }
})
