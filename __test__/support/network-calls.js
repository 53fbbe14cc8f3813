// Calls the functions of osaurus-discovery/network on a host of a test, in a process of its own.
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const path = require('node:path')

const { eventually } = require('./measure.js')
const { PROJECT, fixtureArguments } = require('./run-node.js')

/**
 * @typedef {import('osaurus-discovery/network').NetworkChange} NetworkChange
 * @typedef {import('osaurus-discovery/network').NetworkInstance} NetworkInstance
 * @typedef {ReturnType<typeof import('./network-hosts.js').makeHosts>[number]} Host
 * @typedef {{ name: string, code: string, message: string }} Failure
 * @typedef {{ event: 'change' } & NetworkChange | { event: 'warning', code: string, message: string } | { event: 'close' }} Event
 */

/** @param {string} name */
const fixture = (name) => path.join(PROJECT, '__test__', 'fixtures', 'network', name)

/**
 * Lists the servers that a host finds.
 * @param {Host} host
 * @param {import('osaurus-discovery/network').ListNetworkOptions} [options]
 * @returns {Promise<{ instances?: NetworkInstance[], error?: Failure, ms: number }>}
 */
async function listOn(host, options = {}) {
  const child = host.spawn([process.execPath, fixture('list.js'), JSON.stringify(options)])
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  await once(child, 'close')
  return JSON.parse(text)
}

/**
 * Runs a file of `__test__/fixtures/network` on a host. Its function is called with osaurus-discovery/network and with `data`.
 * @param {Host} host
 * @param {string} name
 * @param {unknown} [data]
 * @param {string} [packageDir]
 */
async function runOn(host, name, data, packageDir = PROJECT) {
  const args = fixtureArguments(`network/${name}`, data, path.join(packageDir, 'network.js'))
  const child = host.spawn([process.execPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [code, signal] = await once(child, 'close')
  return { code, signal, stdout, stderr }
}

/**
 * The same, and returns what the function resolves with. Fails if it rejects.
 * @param {Parameters<typeof runOn>} args
 * @returns {Promise<any>}
 */
async function resultOn(...args) {
  const { code, stdout, stderr } = await runOn(...args)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')))
}

/** Watches from a host, and collects the events. */
class NetworkWatch {
  /** @type {Event[]} */
  events = []
  #rest = ''

  /** @param {Host} host @param {import('osaurus-discovery/network').WatchNetworkOptions} [options] */
  constructor(host, options = {}) {
    this.child = host.spawn([process.execPath, fixture('watch.js'), JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      const lines = (this.#rest + chunk).split('\n')
      this.#rest = lines.pop() ?? ''
      this.events.push(...lines.map((line) => JSON.parse(line)))
    })
  }

  /** @returns {NetworkChange[]} */
  get changes() {
    return this.events.flatMap((event) => (event.event === 'change' ? [event] : []))
  }

  get warnings() {
    return this.events.flatMap((event) => (event.event === 'warning' ? [event] : []))
  }

  /** The servers after the last change, as `name url`. */
  get state() {
    return this.changes.at(-1)?.instances.map(({ name, url }) => `${name} ${url}`)
  }

  /** Waits until the state is this. @param {string[]} expected as `name url` */
  async until(expected) {
    await eventually(() => assert.deepEqual(this.state, expected))
  }

  /** Closes the watcher and waits for the end of its process, which nothing else keeps open. */
  async close() {
    this.child.stdin?.end()
    const [code] = await once(this.child, 'close')
    assert.equal(code, 0)
  }
}

module.exports = { NetworkWatch, fixture, listOn, resultOn, runOn }
