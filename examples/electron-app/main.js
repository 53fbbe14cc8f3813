// The main process: opens the window and sends requests to Osaurus on behalf of the page.
'use strict'

const path = require('path')
const { app, BrowserWindow, ipcMain } = require('electron')
const { registerOsaurus } = require('osaurus-discovery/electron')
const { fetchModels } = require('./models.js')

// From now on every page of this app has window.osaurus.
const osaurus = registerOsaurus({ preload: true })

/** Entered by the user, kept until the app quits. */
let accessKey = ''

/** The models of the newest Osaurus; null if none is running. */
async function readModels() {
  const { latest } = osaurus
  return latest && fetchModels(latest.url, accessKey)
}

/**
 * Answers the app's own page and no other.
 * @param {string} channel
 * @param {(argument: unknown) => Promise<unknown>} answer
 */
function handle(channel, answer) {
  ipcMain.handle(channel, async (event, argument) => {
    if (!(await osaurus.isTrusted(event))) throw new Error('This page is not trusted')
    return answer(argument)
  })
}

handle('example:readModels', readModels)
handle('example:useKey', (key) => {
  accessKey = String(key)
  return readModels()
})

function openWindow() {
  const window = new BrowserWindow({
    width: 420,
    height: 640,
    minWidth: 320,
    minHeight: 420,
    show: false,
    title: 'Osaurus',
    autoHideMenuBar: true,
    webPreferences: {
      preload: path.join(__dirname, 'preload.js'),
      contextIsolation: true,
      sandbox: true,
    },
  })
  // This window never shows another page.
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.setWindowOpenHandler?.(() => ({ action: 'deny' }))
  window.once('ready-to-show', () => window.show())
  window.loadFile('index.html')
}

app.whenReady().then(openWindow)
app.on('activate', () => {
  if (BrowserWindow.getAllWindows().length === 0) openWindow()
})
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})
