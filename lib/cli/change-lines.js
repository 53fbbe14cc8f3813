// Formats a change of the running servers as lines of text.
'use strict'

const { describeReason } = require('./error-messages.js')
const { printable, widthOf } = require('./text.js')

/**
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('./screen.js').Format} Format
 * @typedef {import('./screen.js').Screen} Screen
 */

/**
 * A part of a line. On a narrow terminal, parts with a low priority are dropped; those with priority 4 never are.
 * @typedef {{ text: string, priority: 1 | 2 | 3 | 4, format?: Format }} Field
 */

/**
 * Returns the lines of removed servers, then of added ones, then of updated ones, then the reason why none is running.
 * @param {InstanceChange} change
 * @param {OsaurusInstance[]} before the state before the change
 * @param {Date} now
 * @param {Screen} screen
 */
function formatChange({ added, updated, removed, reason }, before, now, screen) {
  const old = new Map(before.map((instance) => [instance.instanceId, instance]))
  /** @type {(event: string, format: Format, fields: Field[]) => string} */
  const line = (event, format, fields) => formatLine([...timed(event, format, now), ...fields], screen)
  return [
    ...removed.map((instance) => line('gone', 'red', fieldsOf(instance, ''))),
    ...added.map((instance) => line('running', 'green', fieldsOf(instance, describeAccess(instance)))),
    ...updated.map((instance) =>
      line(
        'changed',
        'yellow',
        fieldsOf(instance, describeDifference(old.get(instance.instanceId), instance)),
      ),
    ),
    ...(reason ? [line('none', 'yellow', [{ text: describeReason(reason), priority: 4 }])] : []),
  ]
}

/**
 * Returns the first two fields of a line: the time and the event.
 * @param {string} event
 * @param {Format} format
 * @param {Date} now
 * @returns {Field[]}
 */
function timed(event, format, now) {
  return [
    { text: now.toTimeString().slice(0, 8), format: 'dim', priority: 2 },
    { text: event.padEnd(7), format, priority: 4 },
  ]
}

/**
 * @param {OsaurusInstance} instance
 * @param {string} note
 * @returns {Field[]}
 */
function fieldsOf({ url, instanceId }, note) {
  return [
    { text: printable(url), priority: 4 },
    { text: note, priority: 3 },
    { text: printable(instanceId), format: 'dim', priority: 1 },
  ]
}

/**
 * @param {Field[]} all
 * @param {Screen} screen
 */
function formatLine(all, screen) {
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

module.exports = { formatChange, formatLine, timed }
