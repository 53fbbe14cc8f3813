// Creates temporary directories that are removed with the test.
'use strict'

require('./no-fallback.js')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** A directory in memory, where the system has one, so that thousands of files cost no disk access. */
const IN_MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

/**
 * Creates an empty directory without removing it. The path is resolved, because macOS reaches its temporary directory
 * through a symbolic link.
 * @param {string} [parent] default: the system's temporary directory
 */
function makeTemporaryDirectory(parent = os.tmpdir()) {
  return fs.realpathSync(fs.mkdtempSync(path.join(parent, 'osaurus-test-')))
}

/**
 * Creates an empty directory that is removed when the test ends.
 * @param {{ after(fn: () => unknown): void }} t the test, or an object with its `after`
 * @param {{ parent?: string }} [options]
 */
function temporaryDirectory(t, { parent } = {}) {
  const directory = makeTemporaryDirectory(parent)
  t.after(() => fs.rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  return directory
}

module.exports = { IN_MEMORY, makeTemporaryDirectory, temporaryDirectory }
