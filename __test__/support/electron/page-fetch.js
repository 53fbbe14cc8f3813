// Starts an app whose pages fetch from an Osaurus stand-in, and the calls that its pages make.
'use strict'

const { startServer } = require('../fetch/server-process.js')
const { makeHome, startApp } = require('./start.js')
const { openWindow, register } = require('./windows.js')

/**
 * Starts a server and an app whose pages may request everything from it, and opens a window.
 * @param {import('node:test').TestContext} t
 * @param {object} [options]
 * @param {Partial<Parameters<typeof startApp>[1]>} [options.form] of the app
 * @param {import('osaurus-discovery/electron').PageFetchOptions | boolean} [options.fetch]
 * @param {Parameters<typeof openWindow>[1]} [options.window]
 * @param {boolean} [options.running] whether the server runs
 */
async function startFetching(t, { form, fetch = { routes: ['* /**'] }, window, running } = {}) {
  const { home } = makeHome(t)
  const server = await startServer(t, { running })
  const app = await startApp(t, { home, ...form })
  // A busy machine must not make a running server look dead.
  await register(app, { discover: { baseDir: server.baseDir, probeTimeoutMs: 10_000 }, fetch })
  const id = await openWindow(app, window)
  return { app, server, id }
}

/**
 * Runs in the page: what a request was answered with.
 * @param {{ path: string, init?: any }} request
 */
async function request({ path, init }) {
  try {
    const response = await window.osaurus.fetch(path, init)
    const { status, url, redirected } = response
    return { status, url, redirected, body: await response.text() }
  } catch (/** @type {any} */ error) {
    const { name, code, message } = error
    return { name, code, message, isOfThePage: error instanceof Error || error instanceof DOMException }
  }
}

module.exports = { request, startFetching }
