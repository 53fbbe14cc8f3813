// How does an Electron app give its pages window.osaurus? For the main process.
'use strict'

const discovery = require('./index.js')
const { checkRegisterOptions, checkRuntimeOptions } = require('./lib/electron/options.js')
const { register } = require('./lib/electron/register.js')
const { openRuntime } = require('./lib/electron/sandboxed-runtime.js')

/** @type {typeof import('./electron.js').registerOsaurus} */
function registerOsaurus(options) {
  const checked = checkRegisterOptions(options)
  return register(mainProcess('registerOsaurus'), discovery, checked)
}

/** @type {typeof import('./electron.js').openSandboxedRuntime} */
async function openSandboxedRuntime(options) {
  const checked = checkRuntimeOptions(options)
  return openRuntime(mainProcess('openSandboxedRuntime'), checked)
}

/**
 * In plain Node the module `electron` is the path of its program, or not there.
 * @param {string} caller
 * @returns {typeof import('electron')}
 */
function mainProcess(caller) {
  if (process.versions.electron && process.type === 'browser') return require('electron')
  const message = `${caller}() works in the main process of Electron only: call it in the app's main file`
  throw Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' })
}

module.exports = { openSandboxedRuntime, registerOsaurus }
