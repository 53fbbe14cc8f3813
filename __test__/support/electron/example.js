// Starts the example app, reads what its window shows, and operates it as a user does.
'use strict'

const assert = require('node:assert/strict')
const { isDeepStrictEqual } = require('node:util')
const path = require('node:path')

const { eventually } = require('../measure.js')
const { makeHome, startApp } = require('./start.js')

/** @typedef {Awaited<ReturnType<typeof startApp>>} App */

const EXAMPLE = path.join(__dirname, '..', '..', '..', 'examples', 'electron-app')

/**
 * @typedef {object} View what the chat's window shows
 * @property {string} headline
 * @property {string} advice
 * @property {string | null} action the label of the button that helps, in parentheses if it is disabled; null if it is hidden
 * @property {string[] | null} models null if the picker is hidden
 * @property {string[][]} lines role and text of each line of the conversation
 * @property {string} send the label of the button that sends; in parentheses if it is disabled
 */

/** Runs in the page. @returns {View} */
function read() {
  /** @param {string} id @returns {any} */
  const element = (id) => document.getElementById(id)
  const [action, model, send] = ['action', 'model', 'send'].map(element)
  const labelOf = (/** @type {any} */ button) =>
    button.disabled ? `(${button.innerText})` : button.innerText
  return {
    headline: element('headline').innerText,
    advice: element('advice').innerText,
    action: action.offsetParent ? labelOf(action) : null,
    models: model.offsetParent ? [...model.options].map(({ text }) => text) : null,
    lines: [...element('log').children].map((line) => [line.className, line.innerText]),
    send: labelOf(send),
  }
}

/** @param {App} app @returns {Promise<View>} */
const view = (app) => app.page(read)

/** Waits until the window shows these parts. @param {App} app @param {Partial<View>} expected */
async function shows(app, expected) {
  /** @type {any} */
  let seen
  const keys = Object.keys(expected)
  await eventually(async () => {
    seen = Object.fromEntries(Object.entries(await view(app)).filter(([key]) => keys.includes(key)))
    return isDeepStrictEqual(seen, expected)
  }).catch(() => assert.deepEqual(seen, expected))
}

/**
 * Starts the example.
 * @param {import('node:test').TestContext} t
 * @param {Partial<Parameters<typeof startApp>[1]>} [options]
 */
async function startExample(t, options) {
  const { home, baseDir } = options?.home
    ? { home: options.home, baseDir: path.join(options.home, '.osaurus', 'runtime') }
    : makeHome(t)
  // Neither touches the keychain of the user who runs the tests.
  const flags = ['--password-store=basic', '--use-mock-keychain', ...(options?.flags ?? [])]
  const app = await startApp(t, { source: options?.program ? undefined : EXAMPLE, ...options, home, flags })
  return { app, home, baseDir }
}

/** Presses keys of the focused window, each named as in an accelerator. @param {App} app @param {(string | string[])[]} keys with their modifiers */
async function press(app, ...keys) {
  await app.main(
    async ({ electron }, keys) => {
      const window = electron.BrowserWindow.getAllWindows().sort((a, b) => b.id - a.id)[0]
      window.webContents.focus()
      for (const [keyCode, ...modifiers] of keys) {
        const event = /** @type {any} */ ({ keyCode, modifiers })
        window.webContents.sendInputEvent({ ...event, type: 'keyDown' })
        const character = keyCode === 'Enter' ? '\r' : keyCode
        // Only a key that writes has a character.
        if (character.length === 1)
          window.webContents.sendInputEvent({ ...event, type: 'char', keyCode: character })
        window.webContents.sendInputEvent({ ...event, type: 'keyUp' })
      }
    },
    keys.map((key) => (Array.isArray(key) ? key : [key])),
  )
}

/** @param {App} app @param {string} text */
const type = (app, text) => press(app, ...text)

/** Clicks a button of the chat's window. @param {App} app @param {string} label */
function click(app, label) {
  return app.page((label) => {
    const buttons = [...document.querySelectorAll('button')]
    buttons.find((button) => button.innerText === label)?.click()
  }, label)
}

module.exports = { EXAMPLE, click, press, read, shows, startExample, type, view }
