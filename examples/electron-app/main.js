// The main process: opens the window and sends requests to Osaurus on behalf of the page.
'use strict'

const path = require('path')
const { app, BrowserWindow, ipcMain } = require('electron')
const { discoverLatestRunningInstance } = require('osaurus-discovery')
const { registerOsaurus } = require('osaurus-discovery/electron')
const { fetchModels } = require('./models.js')

// From now on every page of this app has window.osaurus.
registerOsaurus({ preload: true })

/** Entered by the user, kept until the app quits. */
let accessKey = ''

/** The state to show. The page requests it again after every change that window.osaurus reports. */
async function readState() {
  try {
    const instance = await discoverLatestRunningInstance({ verify: true })
    return { instance, ...(await fetchModels(instance.url, accessKey)) }
  } catch (error) {
    const { code, message } = /** @type {import('osaurus-discovery').OsaurusError} */ (error)
    if (code === 'OSAURUS_STARTING') return { state: 'starting' }
    if (code === 'OSAURUS_NOT_RESPONDING') return { state: 'silent' }
    if (code === 'OSAURUS_NOT_FOUND') return { state: 'none' }
    return { state: 'problem', detail: message }
  }
}

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
  // This window never shows another page, so the handlers below can trust its messages.
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.setWindowOpenHandler?.(() => ({ action: 'deny' }))
  window.once('ready-to-show', () => window.show())
  window.loadFile('index.html')
}

ipcMain.handle('example:readState', () => readState())
ipcMain.handle('example:useKey', (_event, key) => {
  accessKey = String(key)
  return readState()
})

app.whenReady().then(openWindow)
app.on('activate', () => {
  if (BrowserWindow.getAllWindows().length === 0) openWindow()
})
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})
