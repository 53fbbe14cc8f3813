// What does the window of an app say that somebody else has started? Written into a file, as long as the app runs.
//
// Loaded by NODE_OPTIONS, which Node programs on the way to Electron take too: there it does nothing.
'use strict'

const fs = require('fs')

const file = process.env.WINDOW_TEXT

if (file && process.type === 'browser') {
  // Electron is not there yet.
  setInterval(() => void write(require('electron'), file).catch(() => {}), 100)
}

/** @param {typeof import('electron')} electron @param {string} file */
async function write({ BrowserWindow }, file) {
  const [window] = BrowserWindow.getAllWindows()
  const text = window ? await window.webContents.executeJavaScript('document.body.innerText') : ''
  // Whole at every moment, whenever it is read.
  fs.writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, text }))
  fs.renameSync(`${file}.new`, file)
}
