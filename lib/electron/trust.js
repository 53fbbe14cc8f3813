// Decides which frames are trusted: by default the main frames of the app's own pages.
'use strict'

const fs = require('fs')
const nodePath = require('path')

const { isSchemeHandled } = require('./compat.js')
const { createDenialWarnings, untrustedSender, warnOfSender } = require('./errors.js')

/**
 * @typedef {import('./compat.js').IpcEvent} IpcEvent
 * @typedef {import('./frames.js').Frame} Frame
 * @typedef {import('../../electron.js').RegisterOptions['isTrustedSender']} IsTrustedSender
 *
 * @typedef {object} TrustContext
 * @property {string} appPath the result of `app.getAppPath()`
 * @property {boolean} isPackaged
 * @property {(scheme: string) => boolean} handlesScheme whether the app handles this scheme in the page's session
 * @property {NodeJS.Platform} [platform] replaced in tests
 * @property {(file: string) => string} [realPath] replaced in tests
 */

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Schemes that are never trusted, even if the app handles them: others can write or serve their pages. */
const UNTRUSTED_SCHEMES = new Set(
  [
    'http',
    'https',
    'ws',
    'wss',
    'ftp',
    'data',
    'blob',
    'about',
    'javascript',
    'filesystem',
    'view-source',
  ].concat(['devtools', 'chrome', 'chrome-error', 'chrome-extension', 'chrome-untrusted']),
)

/**
 * Creates the check that every call of a page has to pass.
 * @param {Pick<typeof import('electron'), 'app'>} electron
 * @param {import('./frames.js').FrameRegistry} frames
 * @param {IsTrustedSender} [isTrustedSender] the app's rule in place of the default
 * @returns {(event: IpcEvent) => Promise<void>} rejects with `OSAURUS_UNTRUSTED_SENDER`
 */
function createTrustCheck({ app }, frames, isTrustedSender) {
  const warnOfDenial = createDenialWarnings()
  return async function assertTrusted(event) {
    const frame = frames.senderOf(event)
    if (!frame) throw untrustedSender('the frame that sent the message is unknown')
    if (isTrustedSender) return assertTrustedByApp(frame, isTrustedSender)
    const appPath = app.getAppPath()
    const handlesScheme = (/** @type {string} */ scheme) =>
      isSchemeHandled(event.sender.session.protocol, scheme)
    if (isPageOfTheApp(frame, { appPath, isPackaged: app.isPackaged, handlesScheme })) return
    // In development only: no one reads the output of a packaged app.
    if (!app.isPackaged) warnOfDenial(frame, appPath)
    throw untrustedSender(
      "only the main frame of the app's own pages is trusted, unless registerOsaurus({ isTrustedSender }) says otherwise",
    )
  }
}

/**
 * @param {Frame} frame
 * @param {NonNullable<IsTrustedSender>} isTrustedSender
 */
async function assertTrustedByApp(frame, isTrustedSender) {
  let trusted
  try {
    trusted = await isTrustedSender(frame)
  } catch (error) {
    warnOfSender(`isTrustedSender failed for ${frame.url}: ${error instanceof Error ? error.stack : error}`)
    throw untrustedSender('isTrustedSender failed, see the warning in the main process')
  }
  if (trusted !== true) throw untrustedSender('isTrustedSender did not return true')
}

/**
 * The default rule.
 * @param {Frame} frame
 * @param {TrustContext} app
 */
function isPageOfTheApp(frame, app) {
  const url = frame.isMainFrame && parse(frame.url)
  if (!url) return false
  const scheme = url.protocol.slice(0, -1)
  if (scheme === 'file') return isFileOfTheApp(url, app)
  // Plugin pages of Osaurus are served from loopback too, so a packaged app trusts no page there.
  if (scheme === 'http' && !app.isPackaged) return LOOPBACK.has(url.hostname)
  return !UNTRUSTED_SCHEMES.has(scheme) && app.handlesScheme(scheme)
}

/** @param {string} text */
function parse(text) {
  try {
    return new URL(text)
  } catch (_) {
    return null
  }
}

/**
 * @param {URL} url
 * @param {TrustContext} app
 */
function isFileOfTheApp(url, { appPath, platform = process.platform, realPath }) {
  const path = platform === 'win32' ? nodePath.win32 : nodePath.posix
  const real = realPath || realPathOf
  const file = fileOf(url, platform)
  if (file === null) return false
  try {
    const [from, to] = [real(appPath), real(file)].map((each) =>
      platform === 'win32' ? each.toLowerCase() : each,
    )
    const inside = path.relative(from, to)
    return inside !== '' && inside !== '..' && !inside.startsWith(`..${path.sep}`) && !path.isAbsolute(inside)
  } catch (_) {
    return false // A path that cannot be resolved is not trusted.
  }
}

/**
 * The file that the URL names; null if it is not a file of this machine or hides a separator.
 * @param {URL} url
 * @param {NodeJS.Platform} platform
 */
function fileOf({ host, pathname }, platform) {
  const windows = platform === 'win32'
  // file://server/share is another machine's disk on Windows, and so is file:////server/share.
  if (host !== '' || pathname.startsWith('//')) return null
  if (/%2f|%00/i.test(pathname) || (windows && /%5c/i.test(pathname))) return null
  if (windows && !/^\/[a-z]:\//i.test(pathname)) return null
  try {
    const file = decodeURIComponent(pathname)
    return windows ? file.slice(1).replace(/\//g, '\\') : file
  } catch (_) {
    return null
  }
}

/**
 * Resolves every link of a path. The file of a page may be deleted by now, or may never have existed because the app handles
 * `file:` itself. The nearest existing parent directory decides then.
 * @param {string} file
 * @returns {string}
 */
function realPathOf(file) {
  try {
    return fs.realpathSync.native(file)
  } catch (error) {
    const parent = nodePath.dirname(file)
    if (parent === file || !isGone(file)) throw error
    return nodePath.join(realPathOf(parent), nodePath.basename(file))
  }
}

/** Whether nothing exists at the path, not even a dangling link. @param {string} file */
function isGone(file) {
  try {
    fs.lstatSync(file)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(/** @type {NodeJS.ErrnoException} */ (error).code || '')
  }
}

module.exports = { createTrustCheck, isPageOfTheApp }
