'use strict'
// Is what reaches a user on a Mac small enough: the main package, and an addon that was linked for one?
//
//   node scripts/check-size.js ADDON...

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { stageMain } = require('./pack-stage.js')

/** The main package and one addon, unpacked. Elsewhere it may come with the standard library as Rust ships it. */
const MOST_BYTES = { darwin: 1_200_000, others: 1_700_000 }

/** @param {string} folder @returns {number} */
const bytesIn = (folder) =>
  fs.readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const file = path.join(folder, entry.name)
    return sum + (entry.isDirectory() ? bytesIn(file) : fs.statSync(file).size)
  }, 0)

/** @param {string[]} addons */
function check(addons) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'osaurus-size-'))
  try {
    stageMain(folder)
    for (const addon of addons) {
      const sum = bytesIn(folder) + fs.statSync(addon).size
      const fits = sum <= MOST_BYTES.darwin
      console.log(
        `${path.basename(addon)} and the main package: ${sum} bytes of at most ${MOST_BYTES.darwin}`,
      )
      if (!fits) process.exitCode = 1
    }
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

if (require.main === module) check(process.argv.slice(2))

module.exports = { MOST_BYTES }
