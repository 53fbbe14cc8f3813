// The main process: it opens the window and talks to Osaurus on behalf of the page.
'use strict'

const path = require('path')
const { app, BrowserWindow, ipcMain } = require('electron')
const { discoverLatestRunningInstance } = require('osaurus-discovery')
const { registerOsaurus } = require('osaurus-discovery/electron')
const { askForModels } = require('./models.js')

// From here on every page of this app has window.osaurus.
registerOsaurus({ preload: true })

/** The user's, until the app quits. To keep it for longer, see Electron's safeStorage. */
let accessKey = ''

/** What there is to show; the page asks again whenever window.osaurus tells of a change. */
async function look() {
  try {
    const instance = await discoverLatestRunningInstance({ verify: true })
    return { instance, ...(await askForModels(instance.url, accessKey)) }
  } catch (error) {
    const { code, message } = /** @type {import('osaurus-discovery').OsaurusError} */ (error)
    if (code === 'OSAURUS_STARTING') return { state: 'starting' }
    if (code === 'OSAURUS_NOT_RESPONDING') return { state: 'silent' }
    if (code === 'OSAURUS_NOT_FOUND') return { state: 'none' }
    return { state: 'trouble', detail: message }
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
  // This window shows this page and no other, so what it says may be trusted below.
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.setWindowOpenHandler?.(() => ({ action: 'deny' }))
  window.once('ready-to-show', () => window.show())
  window.loadFile('index.html')
}

ipcMain.handle('example:look', () => look())
ipcMain.handle('example:useKey', (_event, key) => {
  accessKey = String(key)
  return look()
})

app.whenReady().then(openWindow)
app.on('activate', () => {
  if (BrowserWindow.getAllWindows().length === 0) openWindow()
})
app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})
