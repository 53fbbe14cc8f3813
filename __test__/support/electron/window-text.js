// Writes the text of an app's window into a file while the app runs.
//
// Loaded through NODE_OPTIONS, which also reaches the Node processes that start Electron. There it does nothing.
'use strict'

const fs = require('fs')

const file = process.env.WINDOW_TEXT

if (file && process.type === 'browser') {
  // Electron is not loaded yet.
  setInterval(() => void write(require('electron'), file).catch(() => {}), 100)
}

/** @param {typeof import('electron')} electron @param {string} file */
async function write({ BrowserWindow }, file) {
  const [window] = BrowserWindow.getAllWindows()
  const text = window ? await window.webContents.executeJavaScript('document.body.innerText') : ''
  // Written atomically, so that readers never get a partial file.
  fs.writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, text }))
  fs.renameSync(`${file}.new`, file)
}
