// Keeps an access key in a file, encrypted with the keychain of the operating system.
'use strict'

const fs = require('fs')
const path = require('path')
const { parseAccessKey } = require('../access-key.js')
const { osaurusError, withCause } = require('../errors.js')
const { createEncryption } = require('./compat.js')

/** The name of the file in the app's data directory. */
const FILE_NAME = 'osaurus-access-key.json'

/**
 * Touches neither the disk nor the keychain until a method is called: on macOS even the question whether encryption is
 * available creates a keychain item.
 * @param {typeof import('electron')} electron
 * @param {import('../../electron.js').AccessKeyStoreOptions} options validated
 * @returns {import('../../electron.js').AccessKeyStore}
 */
function openStore(electron, { file = path.join(electron.app.getPath('userData'), FILE_NAME) }) {
  const encryption = createEncryption(electron)
  /** The last write: writes run one after another. @type {Promise<unknown>} */
  let lastWrite = Promise.resolve()

  /** @param {() => Promise<void>} write */
  function enqueue(write) {
    const result = lastWrite.then(write)
    lastWrite = result.catch(() => {})
    return result
  }

  return {
    async get() {
      await lastWrite
      const text = await readIfExists(file)
      if (text === undefined) return undefined
      await electron.app.whenReady()
      try {
        return await encryption.decrypt(decode(text))
      } catch (error) {
        throw keychainUnavailable(`The access key in ${file} cannot be decrypted. It is still there`, error)
      }
    },

    async set(key) {
      const trimmed = assertValid(key)
      await enqueue(async () => {
        await electron.app.whenReady()
        let encrypted
        try {
          encrypted = await encryption.encrypt(trimmed)
        } catch (error) {
          throw keychainUnavailable('The access key cannot be encrypted and was not saved', error)
        }
        await replaceFile(file, encode(encrypted))
      })
    },

    clear() {
      return enqueue(() => fs.promises.unlink(file).catch(ignoreMissing))
    },

    get isEncrypted() {
      return encryption.isSecure()
    },
  }
}

/** @param {unknown} key @returns {string} */
function assertValid(key) {
  const parsed = parseAccessKey(/** @type {string} */ (key))
  if (!parsed)
    throw osaurusError(
      'OSAURUS_INVALID_ACCESS_KEY',
      'This is not an access key of Osaurus. Keys begin with osk-v1 and are created in Osaurus under Management, Server, Access Keys',
    )
  if (parsed.isExpired)
    throw osaurusError(
      'OSAURUS_INVALID_ACCESS_KEY',
      `This access key expired on ${new Date(Number(parsed.expiresAt)).toISOString().slice(0, 10)}. Create a new one in Osaurus`,
    )
  return /** @type {string} */ (key).trim()
}

/** @param {Buffer} encrypted */
function encode(encrypted) {
  return `${JSON.stringify({ version: 1, encrypted: encrypted.toString('base64') })}\n`
}

/** @param {string} text */
function decode(text) {
  const { version, encrypted } = parse(text)
  if (version !== 1) throw new Error(`It has the unknown version ${version}`)
  return Buffer.from(encrypted, 'base64')
}

/** @param {string} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch (_) {
    // The error of JSON.parse() quotes the text, which may be a key that a person has put there.
    throw new Error('It is not JSON')
  }
}

/** @param {string} file */
function readIfExists(file) {
  return fs.promises.readFile(file, 'utf8').catch(ignoreMissing)
}

/** Replaces the file atomically, readable by this user only. @param {string} file @param {string} text */
async function replaceFile(file, text) {
  await fs.promises.mkdir(path.dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.new`
  try {
    await fs.promises.unlink(temporary).catch(ignoreMissing)
    await fs.promises.writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
    await fs.promises.rename(temporary, file)
  } catch (error) {
    await fs.promises.unlink(temporary).catch(() => {})
    throw error
  }
}

/** @param {NodeJS.ErrnoException} error */
function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

/** @param {string} summary @param {unknown} cause */
function keychainUnavailable(summary, cause) {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `${summary}: ${reason}. Unlock the keychain and try again`
  return withCause(osaurusError('OSAURUS_KEYCHAIN_UNAVAILABLE', message), cause)
}

module.exports = { openStore }
