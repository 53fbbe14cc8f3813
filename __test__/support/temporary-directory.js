// Where may a test put its files?
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/**
 * A fresh folder, gone after the test.
 * @param {import('node:test').TestContext} t
 */
function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-test-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

module.exports = { temporaryFolder }
