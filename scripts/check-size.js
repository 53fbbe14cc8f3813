// Checks the size of what a user on a Mac installs: the main package and one addon.
//
//   node scripts/check-size.js ADDON...
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { stageMain } = require('./pack-stage.js')

/** The maximum size of the main package and one addon, unpacked. Others may contain Rust's prebuilt standard library. */
const MAX_BYTES = { darwin: 2_150_000, others: 2_700_000 }

/** @param {string} directory @returns {number} */
const directorySize = (directory) =>
  fs.readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const file = path.join(directory, entry.name)
    return sum + (entry.isDirectory() ? directorySize(file) : fs.statSync(file).size)
  }, 0)

/** @param {string[]} addons */
function check(addons) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-size-'))
  try {
    stageMain(directory)
    for (const addon of addons) {
      const sum = directorySize(directory) + fs.statSync(addon).size
      const fits = sum <= MAX_BYTES.darwin
      console.log(`${path.basename(addon)} and the main package: ${sum} bytes of at most ${MAX_BYTES.darwin}`)
      if (!fits) process.exitCode = 1
    }
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
}

if (require.main === module) check(process.argv.slice(2))

module.exports = { MAX_BYTES }
