// Implements `watch --network`.
'use strict'

const { formatLine, timed } = require('../change-lines.js')
const { describeError } = require('../error-messages.js')
const { printNotice, stderr, stdout } = require('../screen.js')
const { StatusLine } = require('../status-line.js')
const { elapsed, json, printable } = require('../text.js')
const { describeAgents, toNetworkOptions } = require('./search.js')

/**
 * @typedef {import('osaurus-discovery/network').NetworkChange} NetworkChange
 * @typedef {import('osaurus-discovery/network').NetworkInstance} NetworkInstance
 */

/** @param {import('../commands.js').Call} call */
function watchNetwork({ options, signal }) {
  const { timeoutMs: _, ...watchOptions } = toNetworkOptions(options, signal, 'watch')
  const { watchNetworkInstances } = require('../../../network.js')
  const watcher = watchNetworkInstances(watchOptions)
  /** The last change and its time, undefined before the first. @type {{ change: NetworkChange, at: number } | undefined} */
  let last
  const status = new StatusLine(stderr(), () => statusText(last))
  status.show()
  return new Promise((resolve) => {
    watcher.on('change', (change) => {
      const before = last ? last.change.instances : []
      last = { change, at: performance.now() }
      status.pauseFor(() => {
        const lines = options.json ? [json(change, 0)] : formatChange(change, before)
        for (const line of lines) stdout().line(line)
      })
    })
    watcher.on('warning', (warning) => {
      status.pauseFor(() => printNotice(describeError(warning), 'yellow'))
    })
    watcher.on('close', () => {
      status.hide()
      resolve(0)
    })
  })
}

/**
 * Returns the lines of removed servers, then of added ones, then of updated ones.
 * @param {NetworkChange} change
 * @param {NetworkInstance[]} before the state before the change
 */
function formatChange({ added, updated, removed }, before) {
  const screen = stdout()
  /** @type {(event: string, format: import('../screen.js').Format, instance: NetworkInstance, note: string) => string} */
  const line = (event, format, { url, name }, note) =>
    formatLine(
      [
        ...timed(event, format, new Date()),
        { text: printable(url), priority: 4 },
        { text: printable(name), priority: 4 },
        { text: printable(note), format: 'dim', priority: 1 },
      ],
      screen,
    )
  const agents = (/** @type {NetworkInstance} */ instance) => describeAgents(instance.agents)
  return [
    ...removed.map((instance) => line('gone', 'red', instance, '')),
    ...added.map((instance) => line('found', 'green', instance, agents(instance))),
    ...updated.map((instance) => line('changed', 'yellow', instance, describeDifference(before, instance))),
  ]
}

/** @param {NetworkInstance[]} before @param {NetworkInstance} after */
function describeDifference(before, after) {
  const old = before.find(({ host, port }) => host === after.host && port === after.port)
  if (old && old.url !== after.url) return `was ${old.url}`
  if (old && old.name !== after.name) return `was ${old.name}`
  return describeAgents(after.agents)
}

/** @param {{ change: NetworkChange, at: number } | undefined} last */
function statusText(last) {
  if (last === undefined) return 'Searching the local network. Press Ctrl-C to stop.'
  const { instances, reason } = last.change
  const state = reason ? 'The local network cannot be searched' : `${instances.length} found`
  return `${state}, unchanged for ${elapsed(performance.now() - last.at)}. Press Ctrl-C to stop.`
}

module.exports = { watchNetwork }
