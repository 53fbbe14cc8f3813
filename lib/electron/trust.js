// Is this a page of the app's own, which may ask where Osaurus runs?
'use strict'

const fs = require('fs')
const nodePath = require('path')

/**
 * @typedef {object} Surroundings
 * @property {string} appPath what `app.getAppPath()` gives
 * @property {boolean} isPackaged
 * @property {(scheme: string) => boolean} handlesScheme whether the app answers for this scheme in the page's session
 * @property {NodeJS.Platform} [platform] replaced in tests
 * @property {(file: string) => string} [realPath] replaced in tests
 */

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Schemes whose pages anybody can write or serve, handled by the app or not. */
const NEVER = new Set(
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
 * The rule where the app gives no `isTrustedSender`.
 * @param {{ url: string, isMainFrame: boolean }} frame
 * @param {Surroundings} app
 */
function isPageOfTheApp(frame, app) {
  const url = frame.isMainFrame && parse(frame.url)
  if (!url) return false
  const scheme = url.protocol.slice(0, -1)
  if (scheme === 'file') return isFileOfTheApp(url, app)
  // Plugin pages of Osaurus live on loopback too, so a packaged app trusts none.
  if (scheme === 'http' && !app.isPackaged) return LOOPBACK.has(url.hostname)
  return !NEVER.has(scheme) && app.handlesScheme(scheme)
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
 * @param {Surroundings} app
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
    return false // What cannot be resolved is nobody's.
  }
}

/**
 * The file that the URL names; null where it names none of this machine, or hides a separator.
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
 * Where a path leads once every link is followed. A page may be shown although its file is gone by now, or was never
 * there (an app may answer for `file:` itself): then what is left of the path decides.
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

/** Gone, and not a link that leads nowhere. @param {string} file */
function isGone(file) {
  try {
    fs.lstatSync(file)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(/** @type {NodeJS.ErrnoException} */ (error).code || '')
  }
}

module.exports = { isPageOfTheApp }
