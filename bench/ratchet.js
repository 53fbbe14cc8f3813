// Compares a run with the last one that was kept on the same machine.
'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const { isGain } = require('./targets.js')

/** @typedef {import('./targets.js').Figure} Figure */

/** By how much a figure may fall. */
const TOLERANCE = 0.1

const DIRECTORY = path.join(__dirname, 'results', 'kept')

/**
 * The file of the kept run of a machine. A machine is the same if the processor, their number, the system, the major version of
 * Node.js and the way of measuring are: another kernel or another Node.js has other figures.
 * @param {any} result
 * @param {string} [directory]
 */
function fileOf({ machine, pinned }, directory = DIRECTORY) {
  const { cpu, processors, system, node } = machine
  const identity = [cpu, processors, system, node.split('.')[0], pinned]
  return path.join(
    directory,
    `${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12)}.json`,
  )
}

/**
 * Describes the figures that are worse than in the kept run by more than the tolerance.
 * @param {Figure[]} figures
 * @param {Record<string, number>} kept values by the id of the figure
 */
function fallen(figures, kept) {
  return figures.flatMap((figure) => {
    const { id, value, noise = 0 } = figure
    const before = kept[id]
    if (before === undefined || Math.abs(value - before) <= noise) return []
    const isWorse = isGain(figure) ? value < before * (1 - TOLERANCE) : value > before * (1 + TOLERANCE)
    return isWorse ? [{ figure, before }] : []
  })
}

/** @param {string} file @returns {{ date: string, values: Record<string, number> } | undefined} */
function readKept(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined
}

/** @param {string} file @param {any} result @param {Figure[]} figures */
function keep(file, { date, machine }, figures) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const values = Object.fromEntries(figures.map(({ id, value }) => [id, value]))
  fs.writeFileSync(file, `${JSON.stringify({ date, machine, values }, null, 2)}\n`)
}

module.exports = { TOLERANCE, fallen, fileOf, keep, readKept }
