// Exposes the app's own bridge, beside window.osaurus, for requests that the main process sends.
'use strict'

const { contextBridge, ipcRenderer } = require('electron')

contextBridge.exposeInMainWorld('example', {
  readModels: () => ipcRenderer.invoke('example:readModels'),
  useKey: (/** @type {string} */ key) => ipcRenderer.invoke('example:useKey', key),
})
