// Entry point `osaurus-discovery/electron`: gives an app's pages window.osaurus, from the main process.
'use strict'

const discovery = require('./index.js')
const {
  validateAccessKeyStoreOptions,
  validateRegisterOptions,
  validateSandboxedRuntimeOptions,
} = require('./lib/electron/options.js')
const { register } = require('./lib/electron/register.js')

/** @type {typeof import('./electron.js').registerOsaurus} */
function registerOsaurus(options) {
  const validated = validateRegisterOptions(options)
  return register(requireElectron('registerOsaurus'), discovery, validated)
}

/** @type {typeof import('./electron.js').openSandboxedRuntime} */
async function openSandboxedRuntime(options) {
  const validated = validateSandboxedRuntimeOptions(options)
  // This and the next are loaded when they are first called, because few apps need them.
  const { openRuntime } = require('./lib/electron/sandboxed-runtime.js')
  return openRuntime(requireElectron('openSandboxedRuntime'), validated)
}

/** @type {typeof import('./electron.js').openAccessKeyStore} */
function openAccessKeyStore(options) {
  const validated = validateAccessKeyStoreOptions(options)
  const { openStore } = require('./lib/electron/key-store.js')
  return openStore(requireElectron('openAccessKeyStore'), validated)
}

/**
 * Outside Electron, `require('electron')` gives the path of its program, or fails.
 * @param {string} caller
 * @returns {typeof import('electron')}
 */
function requireElectron(caller) {
  if (process.versions.electron && process.type === 'browser') return require('electron')
  const message = `${caller}() works in the main process of Electron only: call it in the app's main file`
  throw Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' })
}

module.exports = { openAccessKeyStore, openSandboxedRuntime, registerOsaurus }
