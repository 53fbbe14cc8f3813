// Connects the app's windows with the main process, beside window.osaurus. No function gives a key to a page.
'use strict'

const { contextBridge, ipcRenderer } = require('electron')

contextBridge.exposeInMainWorld('example', {
  askForKey: () => ipcRenderer.invoke('example:askForKey'),
  saveKey: (/** @type {string} */ key) => ipcRenderer.invoke('example:saveKey', key),
})
