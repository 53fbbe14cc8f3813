// Checks whether a file exists, also where a permission model denies access.
'use strict'

const fs = require('fs')

/** Unlike fs.existsSync of some runtimes, this does not throw where access is denied. @param {string} file */
function exists(file) {
  try {
    return fs.existsSync(file)
  } catch {
    return false
  }
}

module.exports = { exists }
