// Runs the example examples/watch_network.rs on a host of the tests, and reads its lines.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { eventually } = require('./measure.js')
const { PROJECT } = require('./run-node.js')

/** @typedef {ReturnType<typeof import('./network-hosts.js').makeHosts>[number]} NetworkHost */

const EXAMPLE = path.join(PROJECT, 'target/debug/examples/watch_network')

/** Builds the example; several test files may do so at once. */
function buildExample() {
  const features = ['--no-default-features', '--features', 'network', '--example', 'watch_network']
  execFileSync('cargo', ['build', '--quiet', ...features], {
    cwd: PROJECT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/**
 * Starts the example on a host and collects its lines.
 * @param {NetworkHost} host
 * @param {string[]} [wrapper] a command that runs the command after it
 */
function startWatching(host, wrapper = []) {
  let text = ''
  let errors = ''
  const child = host.spawn([...wrapper, EXAMPLE], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text += chunk))
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (errors += chunk))
  const lines = () => text.split('\n').slice(0, -1)
  return {
    lines,
    /** The lines that begin with a sign: `+`, `~`, `-` or `!`. @param {string} sign */
    withSign: (sign) => lines().filter((line) => line.startsWith(sign)),
    /** What it has printed to standard error, where a panic would be. */
    errors: () => errors,
    /** Waits for a line. @param {string | RegExp} expected */
    until: (expected) =>
      eventually(() => {
        const isExpected = (/** @type {string} */ line) =>
          typeof expected === 'string' ? line === expected : expected.test(line)
        assert.ok(lines().some(isExpected), `${expected} is missing in:\n${text}${errors}`)
      }),
    /** Waits until it receives multicast. */
    listening: () =>
      eventually(() => host.run('ip', 'maddress').includes('224.0.0.251'), 'the multicast group'),
    usage: () => usageOf(Number(child.pid)),
    /** Ends the example and waits for its exit code. */
    close: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin?.end()
      }),
  }
}

/** The threads and descriptors of a process, and the most memory that it has had, in MiB. @param {number} pid */
function usageOf(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
  const number = (/** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  const descriptors = fs.readdirSync(`/proc/${pid}/fd`).length
  return { threads: number('Threads'), descriptors, peakMiB: number('VmHWM') / 1024 }
}

/** Counts the requests that a server prints. @param {import('node:child_process').ChildProcess} server */
function countRequests(server) {
  const requests = { count: 0 }
  server.stdout?.on('data', (text) => (requests.count += String(text).split('GET / ').length - 1))
  return requests
}

/**
 * Matches the line of a server that was added at its IPv4 address, or moved there from its IPv6 address.
 * @param {string} name @param {string} address @param {string} agents
 */
const added = (name, address, agents) =>
  new RegExp(`^[+~] ${name} http://${address.replaceAll('.', '[.]')}:1337 \\[${agents}\\]$`)

module.exports = { added, buildExample, countRequests, startWatching }
