// Builds and loads the addon that performs only the bare system calls, to compare with. It is never shipped.
'use strict'

const { existsSync } = require('node:fs')
const path = require('node:path')

const { run } = require('../scripts/run.js')

/**
 * @typedef {object} Floor
 * @property {(path: string) => number} readAll lists a directory; opens, stats, reads, closes and parses each file
 * @property {() => Promise<void>} emptyTask a hop to the thread pool and back
 * @property {(ports: number[]) => void} knock connects to all ports until each has refused
 * @property {(port: number) => number} converse connects, writes and reads
 */

/** @returns {Floor} */
function loadFloor() {
  const target = path.join(__dirname, '..', 'target', 'floor')
  const manifest = path.join(__dirname, 'floor', 'Cargo.toml')
  run('cargo', ['build', '--release', '--quiet', '--manifest-path', manifest, '--target-dir', target])
  const names = [
    'libosaurus_discovery_floor.so',
    'libosaurus_discovery_floor.dylib',
    'osaurus_discovery_floor.dll',
  ]
  const built = names.map((name) => path.join(target, 'release', name)).find((file) => existsSync(file))
  const module = { exports: {} }
  process.dlopen(module, /** @type {string} */ (built))
  return /** @type {Floor} */ (module.exports)
}

module.exports = { loadFloor }
