// Registers tests that need features of Linux.
'use strict'

const test = require('node:test')

/** Registers a test on Linux and does nothing on other systems. @type {typeof test.test} */
const testOnLinux = process.platform === 'linux' ? test.test : /** @type {any} */ (() => {})

module.exports = { testOnLinux }
