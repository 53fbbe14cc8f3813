// Formats a change of the running servers as lines of text.
'use strict'

const { describeReason } = require('./error-messages.js')
const { printable, widthOf } = require('./text.js')

/**
 * @typedef {import('osaurus-discovery').InstanceChange & { reason?: string | null }} InstanceChange
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('./screen.js').Format} Format
 * @typedef {import('./screen.js').Screen} Screen
 */

/**
 * Returns the lines of removed servers, then of added ones, then of updated ones.
 * @param {InstanceChange} change
 * @param {OsaurusInstance[]} before the state before the change
 * @param {Date} now
 * @param {Screen} screen
 */
function formatChange({ added, updated, removed, reason }, before, now, screen) {
  const time = now.toTimeString().slice(0, 8)
  const old = new Map(before.map((instance) => [instance.instanceId, instance]))
  return [
    ...removed.map((instance) => formatLine(time, 'gone', 'red', instance, '', screen)),
    ...added.map((instance) =>
      formatLine(time, 'running', 'green', instance, describeAccess(instance), screen),
    ),
    ...updated.map((instance) =>
      formatLine(
        time,
        'changed',
        'yellow',
        instance,
        describeDifference(old.get(instance.instanceId), instance),
        screen,
      ),
    ),
    // The state at the start, and every later one without a server.
    ...(reason ? [formatEvent(time, 'none', 'yellow', describeReason(reason), screen)] : []),
  ]
}

/**
 * @param {string} time
 * @param {string} event
 * @param {Format} format
 * @param {string} text
 * @param {Screen} screen
 */
function formatEvent(time, event, format, text, screen) {
  return [screen.style('dim', time), screen.style(format, event.padEnd(7)), text].join('  ')
}

/**
 * Drops the least important fields if the terminal is too narrow for all of them.
 * @param {string} time
 * @param {string} event
 * @param {Format} format
 * @param {OsaurusInstance} instance
 * @param {string} note
 * @param {Screen} screen
 */
function formatLine(time, event, format, { url, instanceId }, note, screen) {
  /** @type {{ text: string, priority: number, format?: Format }[]} */
  const all = [
    { text: time, format: 'dim', priority: 2 },
    { text: event.padEnd(7), format, priority: 4 },
    { text: printable(url), priority: 4 },
    { text: note, priority: 3 },
    { text: printable(instanceId), format: 'dim', priority: 1 },
  ]
  const fields = all.filter(({ text }) => text)
  const width = () => fields.reduce((sum, { text }) => sum + widthOf(text) + 2, -2)
  for (let priority = 1; priority < 4 && width() > screen.columns; priority++) {
    const at = fields.findIndex((field) => field.priority === priority)
    if (at >= 0) fields.splice(at, 1)
  }
  return fields.map(({ text, format }) => (format ? screen.style(format, text) : text)).join('  ')
}

/** @param {OsaurusInstance} instance */
function describeAccess({ exposeToNetwork }) {
  return exposeToNetwork ? 'exposed to the network' : ''
}

/**
 * @param {OsaurusInstance | undefined} before
 * @param {OsaurusInstance} after
 */
function describeDifference(before, after) {
  const words = []
  if (before && before.url !== after.url) words.push(`was ${printable(before.url)}`)
  if (before && before.exposeToNetwork !== after.exposeToNetwork) {
    words.push(after.exposeToNetwork ? 'now exposed to the network' : 'no longer exposed')
  }
  return words.join(', ') || 'published again'
}

module.exports = { formatChange }
