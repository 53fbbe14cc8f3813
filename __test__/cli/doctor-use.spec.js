// Tests what `doctor` reports of access keys, models, pages and wrong files.
'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { createFakeAccessKey } = require('../../testing.js')
const { homeDirectory } = require('../support/runtime-directory.js')
const stubServers = require('../support/stub-servers.js')
const { command } = require('../support/cli/command.js')
const { parseReport, report } = require('../support/cli/doctor-report.js')
const { fakeFor } = require('../support/cli/fake.js')

describe('doctor on access keys', () => {
  const CREATE = /Create an? (new )?access key in Osaurus \(Management → Server → Access Keys\)/
  const day = 86_400_000
  /** @param {number} ms */
  const dateOf = (ms) => new Date(ms).toLocaleDateString('sv')

  /**
   * The environment of a test, what the server answered, and what to do next.
   * @type {[string, (t: import('node:test').TestContext) => Promise<{ baseDir: string, key?: string }>, RegExp, RegExp][]}
   */
  const cases = [
    [
      'prints where to create one if the server requires it',
      (t) => fakeFor(t, { exposeToNetwork: true }),
      /It requires an access key\./,
      CREATE,
    ],
    [
      'prints that none has been created',
      (t) => fakeFor(t, { exposeToNetwork: true, accessKeys: [] }),
      /and none has been created in Osaurus yet\./,
      /requires an access key, but none has been created yet\. Create an access key/,
    ],
    [
      'prints that the one in the environment is accepted',
      async (t) => {
        const key = createFakeAccessKey()
        const { baseDir } = await fakeFor(t, { exposeToNetwork: true, accessKeys: [key] })
        return { baseDir, key }
      },
      /It requires an access key, and accepts the one in OSAURUS_API_KEY\./,
      /Osaurus is running and accepts the access key\. To use it: curl -H "Authorization: Bearer \$OSAURUS_API_KEY"/,
    ],
    [
      'prints when the one in the environment expired',
      async (t) => {
        const key = createFakeAccessKey({ expiresAt: Date.now() - 3 * day })
        const { baseDir } = await fakeFor(t, { exposeToNetwork: true, accessKeys: [key] })
        return { baseDir, key }
      },
      new RegExp(`refuses the one in OSAURUS_API_KEY, which expired on ${dateOf(Date.now() - 3 * day)}\\.`),
      new RegExp(
        `The access key in OSAURUS_API_KEY expired on ${dateOf(Date.now() - 3 * day)}\\. Create a new`,
      ),
    ],
    [
      'prints that the one in the environment was revoked',
      async (t) => {
        const key = createFakeAccessKey()
        const fake = await fakeFor(t, { exposeToNetwork: true, accessKeys: [key, createFakeAccessKey()] })
        fake.revokeAccessKey(key)
        return { baseDir: fake.baseDir, key }
      },
      /refuses the one in OSAURUS_API_KEY, which was revoked\./,
      /The access key in OSAURUS_API_KEY was revoked\. Create a new/,
    ],
    [
      'prints that the server does not know the one in the environment',
      async (t) => {
        const { baseDir } = await fakeFor(t, { exposeToNetwork: true })
        return { baseDir, key: createFakeAccessKey() }
      },
      /refuses the one in OSAURUS_API_KEY, which it does not know\./,
      /is not one of its keys.*Create an access key/,
    ],
  ]
  for (const [name, start, answer, advice] of cases) {
    test(`doctor on an access key ${name}`, async (t) => {
      const { baseDir, key } = await start(t)
      const { code, text, next } = await report(baseDir, [], { OSAURUS_API_KEY: key })
      assert.equal(code, 0)
      assert.match(text, answer)
      assert.match(next, advice)
      if (key) assert.ok(!text.includes(key.slice(0, 12)), 'the key is not printed')
    })
  }

  test('doctor on an access key prints the label and the expiry of the one in the environment, even if the server requires none', async (t) => {
    const fake = await fakeFor(t)
    const expired = createFakeAccessKey({ label: 'Laptop\u202e', expiresAt: Date.now() - day })
    const { text, next } = await report(fake.baseDir, [], { OSAURUS_ACCESS_KEY: expired })
    const words = `Access key OSAURUS_ACCESS_KEY has the key "Laptop\\u202e", which expired on ${dateOf(Date.now() - day)}.`
    assert.ok(text.includes(words), text)
    assert.match(text, /It requires no access key\./)
    assert.match(next, /Osaurus is running and answers\./)
    const lasting = createFakeAccessKey({ expiresAt: null })
    assert.match(
      (await report(fake.baseDir, [], { OSAURUS_API_KEY: lasting })).text,
      /OSAURUS_API_KEY has the key "Test", which never expires\./,
    )
  })

  test('doctor on an access key accepts a value that is not a key, and does not print it', async (t) => {
    const fake = await fakeFor(t)
    for (const value of ['not a key', 'secret', '\x1b[31m', 'Größe']) {
      const { code, text } = await report(fake.baseDir, [], { OSAURUS_API_KEY: value })
      assert.equal(code, 0)
      assert.match(text, /OSAURUS_API_KEY is set, but its value does not have the form of an access key/)
      assert.ok(!text.includes(value))
    }
  })

  test('doctor on an access key sends the one in the environment without the white space around it', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    const { text } = await report(fake.baseDir, [], { OSAURUS_API_KEY: 'osk-v1-test\n' })
    assert.match(text, /accepts the one in OSAURUS_API_KEY/)
  })

  test('doctor on an access key puts no key into --json', async (t) => {
    const key = createFakeAccessKey()
    const fake = await fakeFor(t, { exposeToNetwork: true, accessKeys: [key] })
    const args = ['doctor', '--json', '--base-dir', fake.baseDir]
    const { stdout } = await command(args, { env: { OSAURUS_API_KEY: key } })
    assert.equal(JSON.parse(stdout).entries[0].probe.accessKey, 'accepted')
    assert.ok(!stdout.includes(key.slice(0, 12)))
  })
})

describe('doctor on what clients can use', () => {
  test('doctor prints the models', async (t) => {
    const fake = await fakeFor(t, { models: ['one', 'two'] })
    assert.match((await report(fake.baseDir)).text, /Models: one, two\./)
    const many = await fakeFor(t, { models: Array.from({ length: 10 }, (_, at) => `m${at}`) })
    assert.match((await report(many.baseDir)).text, /Models: m0, .*m7, and 2 more\./)
  })

  test('doctor prints that there is no model yet', async (t) => {
    const fake = await fakeFor(t, { models: [] })
    const { code, text, next } = await report(fake.baseDir)
    assert.equal(code, 0)
    assert.match(text, /It has no model yet\./)
    assert.match(next, /Osaurus is running, but has no model yet\. Download a model in Osaurus\./)
  })

  for (const [status, advice] of /** @type {const} */ ([
    [403, /refuses GET \/v1\/models with status 403.*limited to one agent/],
    [500, /is running, but fails: it answered GET \/v1\/models with status 500\. Restart Osaurus/],
  ])) {
    test(`doctor prints the status ${status} of the list of models, and not that it answers`, async (t) => {
      const fake = await fakeFor(t)
      fake.failNext(status, { path: '/v1/models' })
      const { text, next } = await report(fake.baseDir)
      assert.match(text, new RegExp(`It answered GET /v1/models with status ${status}\\.`))
      assert.match(next, advice)
      assert.doesNotMatch(next, /answers\./)
    })
  }

  const BLOCKED_PAGES = /Its answer allows no page to read it \(CORS\)/
  const REFUSED_AGENTS = /It refuses to run agents .* with status 426/

  test('doctor prints that an exposed server blocks pages and refuses agents', async (t) => {
    const key = createFakeAccessKey()
    const fake = await fakeFor(t, { exposeToNetwork: true, accessKeys: [key] })
    for (const env of [{}, { OSAURUS_API_KEY: key }]) {
      const { text, next } = await report(fake.baseDir, [], env)
      assert.match(text, BLOCKED_PAGES)
      assert.match(text, REFUSED_AGENTS)
      assert.match(next, /Pages cannot read the answers of this server \(CORS\)\./)
    }
  })

  test('doctor trusts the answer of a server that is not exposed although its file says so', async (t) => {
    const fake = await fakeFor(t)
    await fake.serve({ expose: true })
    const { text, next } = await report(fake.baseDir)
    assert.match(text, /Its file says that it is exposed to the network, which its answer contradicts\./)
    assert.match(text, /It requires no access key\./)
    assert.doesNotMatch(text, BLOCKED_PAGES)
    assert.doesNotMatch(text, REFUSED_AGENTS)
    assert.match(next, /Osaurus is running and answers\./)
  })

  test('doctor trusts the answer of a server that is exposed although its file denies it', async (t) => {
    const fake = await fakeFor(t, { exposeToNetwork: true })
    await fake.serve({ expose: false })
    const { text, next } = await report(fake.baseDir)
    assert.match(text, /says that it is not exposed to the network, but it requires a key nevertheless\./)
    assert.match(text, BLOCKED_PAGES)
    assert.match(text, REFUSED_AGENTS)
    assert.match(next, /requires an access key from every client/)
  })
})

describe('doctor beyond the file', () => {
  /** @param {string} home @param {number} port in place of 1337 @param {string} [name] */
  const run = (home, port, name = 'doctor') => {
    const env = { HOME: home, USERPROFILE: home, OSAURUS_DISCOVERY_FALLBACK_PORT: String(port) }
    return command(name.split(' '), { env })
  }

  test('doctor beyond the file prints what a wrong file says, and the server that answers instead', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const fake = await fakeFor(t)
    runtime.publish({ port: 1, url: undefined })
    const { code, found, text, next } = await parseReport(run(home, fake.instance.port))
    assert.equal(code, 0)
    assert.equal(found, `Osaurus is running at ${fake.url}`)
    assert.match(text, /Its file is wrong: it says that Osaurus is running at http:\/\/127\.0\.0\.1:1\./)
    assert.match(text, /http:\/\/127\.0\.0\.1:1 refused the connection: nothing listens there\./)
    assert.match(text, new RegExp(`${fake.url} answered as Osaurus`))
    assert.doesNotMatch(text, /crash/)
    assert.match(next, /The file names another port than the one that answers\./)
  })

  test('doctor beyond the file finds a server that no file describes', async (t) => {
    const { home } = homeDirectory(t)
    const fake = await fakeFor(t)
    const { code, found, text } = await parseReport(run(home, fake.instance.port))
    assert.equal(code, 0)
    assert.equal(found, `Osaurus is running at ${fake.url}`)
    assert.match(text, /Probed the default address of Osaurus .* No readable entry describes this server\./)
    for (const name of ['url', 'list', 'list --all', 'env']) {
      const { code, stdout } = await run(home, fake.instance.port, name)
      assert.equal(code, 0)
      assert.ok(stdout.includes(fake.url), stdout)
    }
  })

  test('doctor beyond the file prints what answered at the default address if it is not Osaurus', async (t) => {
    const { home, runtime } = homeDirectory(t)
    const other = await stubServers.anotherServer()
    t.after(() => other.stop())
    runtime.publish({ port: 1, url: undefined })
    const { code, text } = await parseReport(run(home, other.port))
    assert.equal(code, 1)
    assert.match(
      text,
      /Probed the default address of Osaurus No Osaurus http:\S+ is not Osaurus: it answered/,
    )
    assert.match(text, /A crash leaves such an entry behind, and so does a change of the port\./)
  })
})
