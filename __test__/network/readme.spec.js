// Runs the commands and the code of the README's section "Other Macs" on two hosts.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')

const { makeHosts } = require('../support/network-hosts.js')
const { eventually } = require('../support/measure.js')
const { withNetworkHosts } = require('../support/requirements.js')
const { PROJECT } = require('../support/run-node.js')
const { temporaryDirectory } = require('../support/temporary-directory.js')

/** @typedef {ReturnType<typeof makeHosts>[number]} Host */

const SECTION = fs
  .readFileSync(path.join(PROJECT, 'README.md'), 'utf8')
  .split('\n## ')
  .find((section) => section.startsWith('Other Macs\n'))

/** The content of the block in a language. @param {string} language */
const block = (language) =>
  String(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(String(SECTION))?.[1])

const [FAKE_COMMAND, LIST_COMMAND] = block('sh').trim().split('\n')

/** The words of a command, run by the checkout in place of npx. @param {string} command */
function commandLine(command) {
  const [npx, name, ...args] = command.split(' ')
  assert.deepEqual([npx, name], ['npx', 'osaurus-discovery'])
  return [process.execPath, path.join(PROJECT, 'lib/cli/main.js'), ...args]
}

/**
 * Starts the fake of the first command, and waits for its URL.
 * @param {Host} host
 */
async function startFake(host) {
  const fake = host.spawn(commandLine(FAKE_COMMAND), { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  fake.stdout?.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const [, port] = await eventually(
    () => /http:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? false,
    'the URL of the fake',
  )
  return { fake, url: `http://${host.address}:${port}` }
}

/** Runs Node.js on a host, with the access key of the fake. @param {Host} host @param {string} script */
const runApp = (host, script) => host.run('env', 'OSAURUS_API_KEY=osk-v1-test', process.execPath, script)

describe('the section "Other Macs" of the README', withNetworkHosts(), () => {
  test('the section "Other Macs" of the README has two commands that show a server on two hosts', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    const { url } = await startFake(mac)
    const output = viewer.run(...commandLine(LIST_COMMAND))
    assert.ok(output.includes(url), output)
    assert.ok(output.includes('Fake Osaurus'), output)
  })

  test('the section "Other Macs" of the README has code that lists the models of the server', async (t) => {
    const [viewer, mac] = makeHosts(t, 'viewer', 'studio')
    const { url } = await startFake(mac)
    const app = temporaryDirectory(t)
    fs.mkdirSync(path.join(app, 'node_modules'))
    fs.symlinkSync(PROJECT, path.join(app, 'node_modules', 'osaurus-discovery'))
    fs.writeFileSync(path.join(app, 'app.js'), block('js'))
    assert.equal(runApp(viewer, path.join(app, 'app.js')), `Fake Osaurus at ${url}: llama-3.2-3b-instruct\n`)
  })
})
