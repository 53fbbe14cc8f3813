// How does a test say that what it looks at, or does to a process, only Linux has?
'use strict'

const test = require('node:test')

/** Registers a test on Linux, and nothing elsewhere. @type {typeof test.test} */
const testOnLinux = process.platform === 'linux' ? test.test : /** @type {any} */ (() => {})

module.exports = { testOnLinux }
