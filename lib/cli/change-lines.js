// How is a change of the running servers told in lines?
'use strict'

const { printable } = require('./escape.js')
const { widthOf } = require('./layout.js')

/**
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 * @typedef {import('osaurus-discovery').OsaurusInstance} OsaurusInstance
 * @typedef {import('./screen.js').Format} Format
 * @typedef {import('./screen.js').Screen} Screen
 */

/**
 * What went first, then what came, then what is another: as it happened, most likely.
 * @param {InstanceChange} change
 * @param {OsaurusInstance[]} before the state before it
 * @param {Date} now
 * @param {Screen} screen
 */
function linesOf({ added, updated, removed }, before, now, screen) {
  const time = now.toTimeString().slice(0, 8)
  const old = new Map(before.map((instance) => [instance.instanceId, instance]))
  return [
    ...removed.map((instance) => lineOf(time, 'gone', 'red', instance, '', screen)),
    ...added.map((instance) => lineOf(time, 'running', 'green', instance, accessOf(instance), screen)),
    ...updated.map((instance) =>
      lineOf(time, 'changed', 'yellow', instance, difference(old.get(instance.instanceId), instance), screen),
    ),
  ]
}

/**
 * On a terminal that is too narrow for all of it, the least needed is left out first.
 * @param {string} time
 * @param {string} what
 * @param {Format} format
 * @param {OsaurusInstance} instance
 * @param {string} note
 * @param {Screen} screen
 */
function lineOf(time, what, format, { url, instanceId }, note, screen) {
  /** @type {{ text: string, need: number, format?: Format }[]} */
  const all = [
    { text: time, format: 'dim', need: 2 },
    { text: what.padEnd(7), format, need: 4 },
    { text: printable(url), need: 4 },
    { text: note, need: 3 },
    { text: printable(instanceId), format: 'dim', need: 1 },
  ]
  const fields = all.filter(({ text }) => text)
  const width = () => fields.reduce((sum, { text }) => sum + widthOf(text) + 2, -2)
  for (let need = 1; need < 4 && width() > screen.columns; need++) {
    const at = fields.findIndex((field) => field.need === need)
    if (at >= 0) fields.splice(at, 1)
  }
  return fields.map(({ text, format }) => (format ? screen.style(format, text) : text)).join('  ')
}

/** @param {OsaurusInstance} instance */
function accessOf({ exposeToNetwork }) {
  return exposeToNetwork ? 'asks for a key' : ''
}

/**
 * @param {OsaurusInstance | undefined} before
 * @param {OsaurusInstance} after
 */
function difference(before, after) {
  const words = []
  if (before && before.url !== after.url) words.push(`was ${printable(before.url)}`)
  if (before && before.exposeToNetwork !== after.exposeToNetwork) {
    words.push(after.exposeToNetwork ? 'asks for a key now' : 'asks for no key any more')
  }
  return words.join(', ') || 'published again'
}

module.exports = { linesOf }
